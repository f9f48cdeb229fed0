"""LINE's id tokens: only LINE's word counts, every refusal has its name, and the token is written nowhere."""

from __future__ import annotations

import base64
import json
import logging
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from disaster_hub.config_outside import Line
from disaster_hub.rehearsal.twins.linelogin import VERIFY, LineLogin
from disaster_hub.rehearsal.twins.loopback import DROPPED, as_json
from disaster_hub.terms.errors import Unreachable
from tests.timelines.said import NOW, outgoing
from timelines.line_login import LineLogin as Check
from timelines.line_login import TokenRefused, Why
from timelines.outside import Outside

HANAKO = "U" + "0123456789abcdef" * 2


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(name="clock")
def a_clock() -> Clock:
    return Clock()


@pytest.fixture(name="line")
def line_itself(clock: Clock) -> Iterator[LineLogin]:
    with LineLogin(wall=clock) as line:
        yield line


@pytest.fixture(name="check")
def our_side(line: LineLogin) -> Check:
    return Check(Line(line.channel, "", line.base), Outside(outgoing()))


def why(check: Check, token: str, now: datetime = NOW) -> Why:
    with pytest.raises(TokenRefused) as fault:
        check.verify(token, now)
    assert not token or token not in str(fault.value)
    return fault.value.why


def test_the_user_is_who_line_says(line: LineLogin, check: Check) -> None:
    assert check.verify(line.token(HANAKO), NOW) == HANAKO


def test_an_old_token_is_refused(line: LineLogin, check: Check, clock: Clock) -> None:
    token = line.token(HANAKO)
    clock.now += timedelta(hours=1)
    assert why(check, token, clock.now) is Why.EXPIRED


def test_a_token_made_out_to_another_channel_is_refused(line: LineLogin, check: Check) -> None:
    assert why(check, line.token(HANAKO, audience="1111111111")) is Why.AUDIENCE


def test_a_token_of_another_issuer_is_refused(line: LineLogin, check: Check) -> None:
    assert why(check, line.token(HANAKO, issuer="https://evil.example")) is Why.ISSUER


def test_a_token_that_line_did_not_sign_is_refused(line: LineLogin, check: Check) -> None:
    """The user id that a browser writes into a token proves nothing."""
    head, claims, mark = line.token(HANAKO).split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"sub": "U" + "f" * 32}
    forged = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
    assert why(check, f"{head}.{forged}.{mark}") is Why.INVALID
    assert why(check, f"{head}.{claims}.AAAA") is Why.INVALID


@pytest.mark.parametrize(
    "token", ["", "abc", HANAKO, "a.b", "a.b.c.d", "a.b.c ", "a.b.c&client_id=x", "あ.い.う", "a." + "b" * 4000 + ".c"]
)
def test_what_is_no_token_does_not_leave_the_house(line: LineLogin, check: Check, token: str) -> None:
    assert why(check, token) is Why.MALFORMED
    assert line.asked == 0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"iss": "https://evil.example"}, Why.ISSUER),
        ({"aud": "1111111111"}, Why.AUDIENCE),
        ({"aud": None}, Why.AUDIENCE),
        ({"exp": int(NOW.timestamp())}, Why.EXPIRED),
        ({"exp": None}, Why.EXPIRED),
        ({"exp": "never"}, Why.EXPIRED),
        ({"iat": int(NOW.timestamp()) + 3600}, Why.INVALID),
        ({"sub": "hanako"}, Why.INVALID),
        ({"sub": None}, Why.INVALID),
        ({"sub": HANAKO + "\n"}, Why.INVALID),
    ],
)
def test_an_answer_that_does_not_fit_is_not_believed(
    line: LineLogin, check: Check, change: dict[str, object], expected: Why
) -> None:
    now = int(NOW.timestamp())
    good = {"iss": "https://access.line.me", "sub": HANAKO, "aud": line.channel, "exp": now + 3600, "iat": now}
    line.failing = as_json(200, good)
    assert check.verify("a.b.c", NOW) == HANAKO
    line.failing = as_json(200, good | change)
    assert why(check, "a.b.c") is expected


@pytest.mark.parametrize("status", [DROPPED, 429, 500, 503, 302, 404])
def test_a_line_that_does_not_answer_is_not_a_no(line: LineLogin, check: Check, status: int) -> None:
    token = line.token(HANAKO)
    line.fail(status)
    with pytest.raises(Unreachable) as fault:
        check.verify(token, NOW)
    assert token not in str(fault.value)
    line.fail(None)
    assert check.verify(token, NOW) == HANAKO


@pytest.mark.parametrize("said", ["text", ["a"], None])
def test_an_answer_of_another_shape_is_no_answer(line: LineLogin, check: Check, said: object) -> None:
    line.failing = as_json(200, said)
    with pytest.raises(Unreachable):
        check.verify("a.b.c", NOW)


def test_a_reason_that_nobody_knows_refuses_too(line: LineLogin, check: Check) -> None:
    line.failing = as_json(400, {"error": "invalid_request", "error_description": "the moon is full"})
    assert why(check, "a.b.c") is Why.UNKNOWN


def test_nobody_there(line: LineLogin) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        check = Check(Line(line.channel, "", f"http://127.0.0.1:{door.getsockname()[1]}"), Outside(outgoing()))
        with pytest.raises(Unreachable):
            check.verify("a.b.c", NOW)


@pytest.mark.parametrize(
    ("path", "body", "kind", "status"),
    [
        (VERIFY, b"", "application/x-www-form-urlencoded", 400),
        (VERIFY, b"id_token=a.b.c", "application/x-www-form-urlencoded", 400),
        (VERIFY, b"{}", "application/json", 400),
        ("/oauth2/v2.1/elsewhere", b"", "application/x-www-form-urlencoded", 404),
    ],
)
def test_the_twin_is_as_strict_as_the_real_one(line: LineLogin, path: str, body: bytes, kind: str, status: int) -> None:
    assert Outside(outgoing()).post(f"{line.base}{path}", body, {"Content-Type": kind}).status == status


def test_no_token_and_no_user_is_ever_logged(line: LineLogin, check: Check, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = line.token(HANAKO)
    check.verify(token, NOW)
    why(check, line.token(HANAKO, audience="1111111111"))
    line.fail(500)
    with pytest.raises(Unreachable):
        check.verify(token, NOW)
    assert token not in caplog.text
    assert HANAKO not in caplog.text
    assert line.channel not in caplog.text
