"""The twins of the ways out as processes of their own: they answer on loopback, and end cleanly."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from disaster_hub.config import Mail
from disaster_hub.rehearsal.twins.mailbox import Mailbox
from disaster_hub.terms.world import WorldKind
from tests.jobs.twins import throw_away_ca
from tests.ports import free_port
from tests.timelines.said import notice
from timelines.channels.email import Email

ROOT = Path(__file__).parents[2]
PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"


@contextmanager
def twin(name: str) -> Iterator[int]:
    """Run one as `disaster-hub twin` does; give its port once it answers."""
    port = free_port(2)
    process = subprocess.Popen(
        [sys.executable, "-m", "disaster_hub", "twin", name, str(port)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert f"twin {name} at 127.0.0.1:{port}" in process.stderr.readline()
    try:
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in error
    assert "example.jp" not in error


def test_mail() -> None:
    with twin("mail") as port:
        assert requests.get(f"http://127.0.0.1:{port + 1}/", timeout=30).text == "no mail yet\n"
        mail = Mail("127.0.0.1", "hub@city.example.jp", port, security="none")
        channel = Email(mail, WorldKind.REPLAY)
        for to in ("hanako@example.jp", "taro@example.jp"):
            channel.send(notice("test", WorldKind.REPLAY), to, to)
        newest = requests.get(f"http://127.0.0.1:{port + 1}/", timeout=30).text
        assert newest.startswith("from: hub@city.example.jp\nto: taro@example.jp\n")
        assert "subject: 【訓練】【テスト】みなも市：レベル４\n" in newest
        shown = requests.get(f"http://127.0.0.1:{port + 1}/mails", timeout=30).json()
        assert [one["to"] for one in shown] == ["taro@example.jp", "hanako@example.jp"]
        assert shown[0]["text"].startswith("【訓練】【テスト】今すぐみなも小学校へ\n")


def test_push() -> None:
    with twin("push") as port:
        base = f"http://127.0.0.1:{port}"
        made = requests.post(f"{base}/subscribe", json={"applicationServerKey": PUBLIC}, timeout=30)
        assert made.status_code == 201
        address = made.json()["endpoint"]
        assert address.startswith(f"{base}/push/")
        assert requests.get(address.replace("/push/", "/inbox/"), timeout=30).json() == []
        assert requests.post(address, data=b"x", timeout=30).status_code == 400
        assert requests.delete(address, timeout=30).status_code == 204
        assert requests.post(address, data=b"x", timeout=30).status_code == 410
        assert requests.post(f"{base}/push/nobody", data=b"x", timeout=30).status_code == 404


def test_line() -> None:
    with twin("line") as port:
        base = f"http://127.0.0.1:{port}"
        user = "U" + "a" * 32
        token = requests.post(f"{base}/token", data={"user": user}, timeout=30).json()["id_token"]
        said = {"id_token": token, "client_id": "9900000000"}
        assert requests.post(f"{base}/oauth2/v2.1/verify", data=said, timeout=30).json()["sub"] == user
        wrong = requests.post(f"{base}/oauth2/v2.1/verify", data=said | {"client_id": "1"}, timeout=30)
        assert wrong.status_code == 400
        assert json.loads(wrong.text) == {"error": "invalid_request", "error_description": "Invalid IdToken Audience."}


def test_an_unknown_twin_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "disaster_hub", "twin", "pigeon", "1"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 2


class TestMailbox:
    """The mail server is one: a library that is not ours speaks with it."""

    def test_it_waits_for_mail(self) -> None:
        with Mailbox() as box:
            assert not box.wait(1, 0.01)
            with smtplib.SMTP("127.0.0.1", box.port, timeout=30) as server:
                server.sendmail("a@example.jp", ["b@example.jp", "c@example.jp"], "Subject: x\r\n\r\n.dot\r\n")
            assert box.wait(1, 30)
            assert box.mails[0].to == ("b@example.jp", "c@example.jp")
            assert box.mails[0].text == ".dot\n"

    def test_a_refused_recipient_does_not_stop_the_others(self) -> None:
        with Mailbox() as box:
            box.fail("rcpt b@example.jp", "550 5.1.1 no such user")
            with smtplib.SMTP("127.0.0.1", box.port, timeout=30) as server:
                refused = server.sendmail("a@example.jp", ["b@example.jp", "c@example.jp"], "Subject: x\r\n\r\nx\r\n")
            assert refused == {"b@example.jp": (550, b"5.1.1 no such user")}
            assert box.mails[0].to == ("c@example.jp",)

    def test_without_a_password_nobody_is_let_in(self, tmp_path: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(throw_away_ca(tmp_path)[1])
        with Mailbox(tls=context, password=("hub", "opensesame")) as box:
            with smtplib.SMTP("127.0.0.1", box.port, timeout=30) as server, pytest.raises(smtplib.SMTPException):
                server.sendmail("a@example.jp", ["b@example.jp"], "x")
            assert box.mails == []


def test_bot() -> None:
    with twin("bot") as port:
        base, user = f"http://127.0.0.1:{port}", f"U{'a' * 32}"
        key = {"Authorization": "Bearer twin-line-token", "X-Line-Retry-Key": "7f0d3c52-6d0e-5a77-9d5c-1b3f0a6b9e21"}
        said = {"to": user, "messages": [{"type": "text", "text": "今すぐ北小学校へ\nhttps://hub.example.jp/a/x"}]}
        push = f"{base}/v2/bot/message/push"
        assert requests.post(push, json=said, timeout=30).status_code == 401
        assert requests.post(push, json=said | {"to": "U1"}, headers=key, timeout=30).status_code == 400
        assert requests.post(push, json=said, headers=key, timeout=30).status_code == 200
        again = requests.post(push, json=said, headers=key, timeout=30)
        assert (again.status_code, "X-Line-Accepted-Request-Id" in again.headers) == (409, True)
        quota = requests.get(f"{base}/v2/bot/message/quota/consumption", headers=key, timeout=30).json()
        assert quota == {"totalUsage": 1}
        (got,) = requests.get(f"{base}/messages", timeout=30).json()
        assert (got["to"], got["url"], got["buttons"]) == (user, "https://hub.example.jp/a/x", [])


def test_sms() -> None:
    with twin("sms") as port:
        base = f"http://127.0.0.1:{port}"
        said = {"to": "+819012345678", "text": "今すぐ北小学校へ", "key": "k"}
        for status in (202, 200):
            assert requests.post(f"{base}/sms", json=said, timeout=30).status_code == status
        assert requests.post(f"{base}/voice", data=said | {"key": "v"}, timeout=30).status_code == 202
        assert requests.post(f"{base}/sms", json={"to": "090"}, timeout=30).status_code == 400
        shown = requests.get(f"{base}/messages", timeout=30).json()
        assert [(one["channel"], one["text"]) for one in shown] == [("voice", said["text"]), ("sms", said["text"])]
