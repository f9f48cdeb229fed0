"""The last step: a test goes out by each channel, is marked as a test, and proves the channel when it is confirmed."""

from __future__ import annotations

import json
import re
from pathlib import Path

from disaster_hub.portal.resident.desk import NAME
from disaster_hub.rehearsal.twins.linelogin import LineLogin
from disaster_hub.rehearsal.twins.mailbox import Mailbox
from disaster_hub.rehearsal.twins.pushservice import PushService
from disaster_hub.store import households
from disaster_hub.store.households import Contact
from tests.portal import town
from tests.portal.resident.hamlet import Hamlet, hamlet_of

OURS = {"X-Hub": "contact"}


def bare(page: bytes) -> bytes:
    return re.sub(rb'name="csrf_token" value="[^"]+"', b"", page)


def contacts(hamlet: Hamlet) -> list[Contact]:
    keys = hamlet.app.extensions[NAME].keys
    with hamlet.store.read() as tx:
        ((name, _),) = households.everyone(tx, keys)
        return households.contacts(tx, keys, name)


def test_a_mail_proves_itself_by_its_link(tmp_path: Path) -> None:
    with Mailbox() as box, hamlet_of(tmp_path, mail=box.port) as hamlet:
        phone = hamlet.phone()
        phone.walk()
        answer = phone.post("/my/contact", mail="hana@example.jp")
        assert "told=sent_mail" in answer.headers["Location"]
        assert "hana" not in answer.headers["Location"]
        assert box.wait(1, 30)
        mail = box.mails[0]
        assert "テスト" in str(mail.message["Subject"])
        assert "訓練" in str(mail.message["Subject"])
        link = re.search(r"/my/back/[\w-]+", mail.text)
        assert link is not None
        assert contacts(hamlet)[0].confirmed_at is None
        new = hamlet.phone()
        assert new.get(link[0]).status_code == 200
        assert contacts(hamlet)[0].confirmed_at is None, "a mail program that looks at links proves nothing"
        assert new.post(link[0]).status_code == 303
        assert contacts(hamlet)[0].confirmed_at is not None
        assert "北小学校" in new.get("/my/plan").get_data(as_text=True)


def test_a_lost_phone_gets_a_link_and_a_stranger_learns_nothing(tmp_path: Path) -> None:
    with Mailbox() as box, hamlet_of(tmp_path, mail=box.port) as hamlet:
        phone = hamlet.phone()
        phone.walk()
        phone.post("/my/contact", mail="hana@example.jp")
        box.wait(1, 30)
        link = re.search(r"/my/back/[\w-]+", box.mails[0].text)
        assert link is not None
        phone.post(link[0])
        new = hamlet.phone()
        known = new.post("/my/back", mail="hana@example.jp")
        assert box.wait(2, 30)
        unknown = hamlet.phone().post("/my/back", mail="nobody@example.jp")
        assert bare(known.data) == bare(unknown.data)
        again = re.search(r"/my/back/[\w-]+", box.mails[1].text)
        assert again is not None
        assert new.post(again[0]).status_code == 303
        assert new.get("/my/plan").status_code == 200


def test_a_push_is_marked_as_a_test_and_proved_by_the_answer(tmp_path: Path) -> None:
    with PushService() as service, hamlet_of(tmp_path) as hamlet:
        phone = hamlet.phone()
        phone.walk()
        key = re.search(r'data-key="([\w-]+)"', phone.get("/my/8").get_data(as_text=True))
        assert key is not None
        said = json.loads(service.subscribe(key[1]))
        service.wall = lambda: hamlet.wall[0]
        answer = phone.client.post("/my/contact", json={"push": said}, headers=OURS)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        (message,) = service.read(said["endpoint"])
        assert message["title"].startswith("【訓練】【テスト】")
        assert message["kind"] == "test"
        assert contacts(hamlet)[0].confirmed_at is None
        row = {"id": message["id"], "word": "received", "at": town.NOW.isoformat(), "about": message["id"]}
        phone.client.post("/my/answers", json={"answers": [row]}, headers={"X-Hub": "answers"})
        assert contacts(hamlet)[0].confirmed_at is not None


def test_a_subscription_to_anywhere_is_refused(tmp_path: Path) -> None:
    with hamlet_of(tmp_path) as hamlet:
        phone = hamlet.phone()
        phone.walk()
        said = {"endpoint": "https://evil.example.com/x", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}
        for body in ({"push": said}, {"push": 1}, [], {"push": {"endpoint": "file:///etc/passwd"}}):
            assert phone.client.post("/my/contact", json=body, headers=OURS).status_code == 400
        assert contacts(hamlet) == []


def test_a_bad_mail_address_is_told_and_kept_nowhere(tmp_path: Path) -> None:
    with hamlet_of(tmp_path) as hamlet:
        phone = hamlet.phone()
        phone.walk()
        for mail in ("hana", "a@b", "a@example.jp\r\nBcc: b@example.jp", "<a@example.jp>", "x" * 300 + "@example.jp"):
            assert "told=bad_mail" in phone.post("/my/contact", mail=mail).headers["Location"]
        assert contacts(hamlet) == []


def test_tests_cannot_be_sent_without_end(tmp_path: Path) -> None:
    with Mailbox() as box, hamlet_of(tmp_path, mail=box.port) as hamlet:
        phone = hamlet.phone()
        phone.walk()
        told = [phone.post("/my/contact", mail=f"hana{n}@example.jp").headers["Location"] for n in range(8)]
        assert "too_often" in told[-1]


def test_line_says_who_it_is_and_the_browser_is_not_believed(tmp_path: Path) -> None:
    with LineLogin() as line, hamlet_of(tmp_path, line=f"http://127.0.0.1:{line.port}") as hamlet:
        line.wall = lambda: hamlet.wall[0]
        phone = hamlet.phone()
        phone.walk()
        good = line.token("U" + "0" * 32)
        for body in ({"token": "a.b.c"}, {"userId": "U" + "1" * 32}, {}):
            assert phone.client.post("/my/line", json=body, headers=OURS).status_code in {400, 403}
        assert phone.client.post("/my/line", json={"token": good}).status_code == 403, "not from our own page"
        assert phone.client.post("/my/line", json={"token": good}, headers=OURS).status_code == 200
        (known,) = contacts(hamlet)
        assert (known.channel, known.address) == ("line", "U" + "0" * 32)
        assert known.confirmed_at is not None
        assert (
            f"connect-src 'self' http://127.0.0.1:{line.port};" in phone.get("/my/8").headers["Content-Security-Policy"]
        )
        assert "connect-src 'self';" in phone.get("/my/5").headers["Content-Security-Policy"]
