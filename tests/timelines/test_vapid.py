"""The VAPID pair: made once, by one of many, readable by nobody else, and named in one line where it is spoilt."""

from __future__ import annotations

import base64
import json
import logging
import multiprocessing
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from disaster_hub.rehearsal.twins.pushservice import vapid_fault
from disaster_hub.terms.errors import BadConfig
from tests.timelines.said import NOW
from timelines.vapid import FILE, LIFE, ensure, read

SERVICE = "https://fcm.googleapis.com"
US = "mailto:bousai@city.example.jp"


def test_it_is_made_once_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "keys"
    made = ensure(folder)
    assert ensure(folder).public == made.public == read(folder).public
    assert len(base64.urlsafe_b64decode(made.public + "=")) == 65
    assert "=" not in made.public


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    ensure(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [FILE]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    ensure(tmp_path)
    (tmp_path / FILE).chmod(mode)
    with pytest.raises(BadConfig, match="others may read it"):
        ensure(tmp_path)


def _private(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key"),
        (_private(ec.generate_private_key(ec.SECP384R1())), "P-256"),
        (_private(rsa.generate_private_key(65537, 2048)), "P-256"),
    ],
)
def test_a_spoilt_file_is_named_and_never_replaced(tmp_path: Path, text: bytes, words: str) -> None:
    path = tmp_path / FILE
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(BadConfig) as fault:
        ensure(tmp_path)
    assert words in str(fault.value)
    assert str(path) in str(fault.value)
    assert path.read_bytes() == text


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(BadConfig, match=r"keys\.folder"):
        ensure(tmp_path / "keys")


ROUNDS = 20


def _ensure(folder: Path, start: object, said: object) -> None:
    """Be one of the crowd, in round after round."""
    for number in range(ROUNDS):
        start.wait(60)
        said.put((number, ensure(folder / str(number)).public))


def test_many_processes_at_once_make_one_pair(tmp_path: Path) -> None:
    ways = multiprocessing.get_context("spawn")
    start, said = ways.Barrier(3), ways.Queue()
    crowd = [ways.Process(target=_ensure, args=(tmp_path, start, said)) for _ in range(3)]
    for one in crowd:
        one.start()
    publics = {said.get(timeout=60) for _ in range(3 * ROUNDS)}
    for one in crowd:
        one.join(60)
    assert publics == {(number, read(tmp_path / str(number)).public) for number in range(ROUNDS)}
    assert {path.name for path in tmp_path.glob("*/*")} == {FILE}
    assert {path.name for path in tmp_path.glob("*/.*")} <= {FILE}


def test_the_making_is_told_and_the_key_is_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = ensure(tmp_path)
    assert "a new VAPID pair" in caplog.text
    assert str(made.private.private_numbers().private_value) not in caplog.text + repr(made)
    caplog.clear()
    ensure(tmp_path)
    assert caplog.text == ""


class TestSignature:
    def test_the_other_side_can_check_it(self, tmp_path: Path) -> None:
        pair = ensure(tmp_path)
        said = pair.sign(SERVICE, US, NOW)
        assert said.startswith("vapid t=")
        token = said.removeprefix("vapid ")
        assert vapid_fault(token, SERVICE, pair.public, NOW) == ""
        claims = token.split(",")[0].split(".")[1]
        told = json.loads(base64.urlsafe_b64decode(claims + "=="))
        assert told == {"aud": SERVICE, "sub": US, "exp": int((NOW + LIFE).timestamp())}

    def test_it_holds_for_one_service_one_pair_and_half_a_day(self, tmp_path: Path) -> None:
        pair, other = ensure(tmp_path / "a"), ensure(tmp_path / "b")
        token = pair.sign(SERVICE, US, NOW).removeprefix("vapid ")
        assert "aud" in vapid_fault(token, "https://web.push.apple.com", pair.public, NOW)
        assert "another key" in vapid_fault(token, SERVICE, other.public, NOW)
        assert "exp" in vapid_fault(token, SERVICE, pair.public, NOW + LIFE)
        assert "exp" in vapid_fault(token, SERVICE, pair.public, NOW - timedelta(hours=13))
        forged = f"{token.partition(',k=')[0]},k={other.public}"
        assert vapid_fault(forged, SERVICE, other.public, NOW) == "bad signature"
