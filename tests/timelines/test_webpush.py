"""Web Push over a real socket: what the phone can read, what each answer means, whom we do not knock at."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from http_ece import ECEException

from disaster_hub.config_outside import Push
from disaster_hub.rehearsal.twins.loopback import DROPPED, Answer
from disaster_hub.rehearsal.twins.pushservice import PushService
from disaster_hub.terms.errors import BadInput, Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from tests.timelines.said import NOW, REAL, REPLAY, notice, outgoing
from timelines.channels.webpush import WebPush, payload, topic, urgency
from timelines.outside import Outside
from timelines.subscription import subscription
from timelines.vapid import LIFE, Vapid, ensure

PUSH = Push("mailto:bousai@city.example.jp")


class Clock:
    """A wall clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(name="clock")
def a_clock() -> Clock:
    return Clock()


@pytest.fixture(name="service")
def a_push_service(clock: Clock) -> Iterator[PushService]:
    with PushService(wall=clock) as service:
        yield service


@pytest.fixture(name="vapid")
def our_pair(tmp_path: Path) -> Vapid:
    return ensure(tmp_path / "keys")


@pytest.fixture(name="phone")
def a_subscription(service: PushService, vapid: Vapid) -> str:
    return service.subscribe(vapid.public)


@pytest.fixture(name="channel")
def a_channel(vapid: Vapid, clock: Clock) -> WebPush:
    return WebPush(PUSH, vapid, REPLAY, Outside(outgoing()), clock)


def replay(**said: Any) -> Notice:
    return notice(said.pop("kind", "level_changed"), WorldKind.REPLAY, **said)


def endpoint(phone: str) -> str:
    return str(json.loads(phone)["endpoint"])


def refused(channel: WebPush, phone: str, one: Notice | None = None) -> Undeliverable:
    with pytest.raises(Undeliverable) as fault:
        channel.send(one or replay(), phone, "key")
    assert "/push/" not in str(fault.value)
    return fault.value


def test_the_phone_reads_what_was_decided(channel: WebPush, service: PushService, phone: str) -> None:
    one = replay(url="/my/plan")
    channel.send(one, phone, "key")
    (said,) = service.read(endpoint(phone))
    assert said["title"] == "【訓練】みなも市：レベル４"
    assert said["body"] == "【訓練】今すぐみなも小学校へ\n20:58までに出る・あと29分"
    assert said["url"] == "/my/plan"
    assert (said["kind"], said["world"], said["mark"]) == ("level_changed", "replay", "【訓練】")
    assert said["expires"] == "2026-09-18T12:00:00Z"
    assert service.accepted == 1


def test_only_that_phone_can_read_it(channel: WebPush, service: PushService, phone: str, vapid: Vapid) -> None:
    channel.send(replay(), phone, "key")
    (held,) = service.held(endpoint(phone))
    assert "みなも".encode() not in held.body
    other = endpoint(service.subscribe(vapid.public))
    service._browsers[other.rpartition("/")[2]].messages.append(held)
    with pytest.raises((ECEException, InvalidTag)):
        service.read(other)


def test_every_message_is_sealed_anew(channel: WebPush, service: PushService, phone: str) -> None:
    for key in ("level:a:1", "level:b:1"):
        channel.send(replay(key=key), phone, "key")
    one, two = (held.body for held in service.held(endpoint(phone)))
    assert one[:16] != two[:16]
    assert one[21:86] != two[21:86]


def test_a_test_says_so_in_the_real_world_too() -> None:
    said = json.loads(payload(notice("test", headline="届きましたか", text="届いたを押してください"), "k"))
    assert (said["title"], said["mark"]) == ("【テスト】届きましたか", "【テスト】")
    both = json.loads(payload(notice("test", WorldKind.DRILL), "k"))
    assert both["title"].startswith("【訓練】【テスト】")
    actual = json.loads(payload(notice(), "k"))
    assert actual["mark"] == ""


def test_worlds_do_not_mix(channel: WebPush, service: PushService, phone: str) -> None:
    assert refused(channel, phone, notice()).forever
    assert refused(channel, phone, notice(world=WorldKind.DRILL)).forever
    assert service.accepted == 0


class TestHeaders:
    def test_it_lives_as_long_as_it_holds(
        self, channel: WebPush, service: PushService, phone: str, clock: Clock
    ) -> None:
        """The replay runs 60 times as fast: an hour of it is a minute of the phone's."""
        channel.send(replay(), phone, "key")
        (held,) = service.held(endpoint(phone))
        assert held.ttl_s == 60
        clock.now += timedelta(seconds=61)
        assert service.read(endpoint(phone)) == []

    def test_in_the_real_world_an_hour_is_an_hour(self, vapid: Vapid, clock: Clock) -> None:
        sent = _Caught()
        channel = WebPush(PUSH, vapid, REAL, sent, clock)
        clock.now += timedelta(minutes=10)
        with pytest.raises(Undeliverable):
            channel.send(notice(), _at("https://fcm.googleapis.com/fcm/send/abc"), "key")
        assert sent.headers["TTL"] == "3000"
        with pytest.raises(Undeliverable):
            channel.send(notice(life=timedelta(days=99)), _at("https://fcm.googleapis.com/fcm/send/abc"), "key")
        assert sent.headers["TTL"] == str(28 * 86_400)

    def test_what_has_expired_is_not_sent(
        self, channel: WebPush, service: PushService, phone: str, clock: Clock
    ) -> None:
        clock.now += timedelta(seconds=60)
        assert refused(channel, phone).forever
        assert service.accepted == 0

    def test_a_phone_that_was_off_gets_only_the_newest_of_one_topic(
        self, channel: WebPush, service: PushService, phone: str
    ) -> None:
        for key, headline in (("level:9920100:e1", "3"), ("level:9920200:e1", "隣"), ("level:9920100:e2", "4")):
            channel.send(replay(key=key, headline=headline), phone, key)
        assert [one["title"] for one in service.read(endpoint(phone))] == ["【訓練】隣", "【訓練】4"]

    def test_kinds_and_worlds_and_plain_keys_are_topics_of_their_own(self) -> None:
        keys = [notice(key="a:b:1"), notice("test", key="a:b:1"), notice(key="a:b"), notice(key="a")]
        assert len({topic(one) for one in [*keys, replay(key="a:b:1")]}) == 5
        assert topic(notice(key="a:b:1")) == topic(notice(key="a:b:2"))

    @pytest.mark.parametrize(("number", "word"), [(5, "high"), (4, "high"), (3, "normal"), (2, "normal"), (1, "low")])
    def test_only_what_is_urgent_wakes_a_sleeping_phone(
        self, channel: WebPush, service: PushService, phone: str, number: int, word: str
    ) -> None:
        channel.send(replay(urgency=number), phone, "key")
        assert service.held(endpoint(phone))[0].urgency == word == urgency(number)

    def test_one_signature_serves_one_push_service_while_it_is_good(
        self, channel: WebPush, service: PushService, phone: str, vapid: Vapid, clock: Clock
    ) -> None:
        for _ in range(3):
            channel.send(replay(), phone, "key")
        first = channel._signed[service.base]
        assert len(channel._signed) == 1
        clock.now += LIFE - timedelta(minutes=5)
        channel.world = replace(REPLAY, speed=1.0)
        channel.send(replay(life=timedelta(days=1)), phone, "key")
        assert channel._signed[service.base] != first
        assert service.accepted == 4


class _Caught(Outside):
    """A way out that leads nowhere and keeps what was to go."""

    def __init__(self) -> None:
        super().__init__(outgoing())
        self.headers: dict[str, str] = {}

    def post(self, url: str, body: object, headers: dict[str, str]) -> Any:
        self.headers = headers
        raise ConnectionError(url)


class TestAnswers:
    @pytest.mark.parametrize(
        ("status", "forever", "gone"),
        [
            (404, True, True),
            (410, True, True),
            (413, True, False),
            (400, False, False),
            (401, False, False),
            (403, False, False),
            (429, False, False),
            (500, False, False),
            (502, False, False),
            (503, False, False),
            (301, False, False),
            (DROPPED, False, False),
        ],
    )
    def test_each_answer_means_something(
        self, channel: WebPush, service: PushService, phone: str, status: int, forever: bool, gone: bool
    ) -> None:
        service.fail(status, location=f"{service.base}/elsewhere")
        fault = refused(channel, phone)
        assert (fault.forever, fault.gone) == (forever, gone)
        assert ("our fault" in str(fault)) == (status in {400, 401, 403})
        service.fail(None)
        channel.send(replay(), phone, "key")
        assert service.accepted == 1

    @pytest.mark.parametrize("status", [200, 201, 202, 204])
    def test_these_mean_accepted(self, channel: WebPush, service: PushService, phone: str, status: int) -> None:
        service.fail(status)
        channel.send(replay(), phone, "key")

    @pytest.mark.parametrize(
        ("said", "seconds"),
        [("120", 120), ("Fri, 18 Sep 2026 11:02:00 GMT", 120), ("Fri, 18 Sep 2026 10:00:00 GMT", 0), ("soon", None)],
    )
    def test_who_asks_for_patience_gets_it(
        self, channel: WebPush, service: PushService, phone: str, said: str, seconds: float | None
    ) -> None:
        service.fail(429, retry_after=said)
        assert refused(channel, phone).after_s == seconds

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_nobody_is_led_on_to_another_door(
        self, channel: WebPush, service: PushService, phone: str, status: int
    ) -> None:
        with PushService() as elsewhere:
            seen: list[str] = []
            elsewhere.answer = lambda asked: seen.append(asked.path) or Answer(201)
            service.fail(status, location=f"{elsewhere.base}/push/x")
            assert not refused(channel, phone).forever
            assert seen == []

    def test_a_subscription_that_was_given_up(self, channel: WebPush, service: PushService, phone: str) -> None:
        service.remove(endpoint(phone))
        assert refused(channel, phone).gone

    def test_a_subscription_that_never_was(self, channel: WebPush, service: PushService, phone: str) -> None:
        assert refused(channel, phone.replace(endpoint(phone), f"{service.base}/push/nobody")).gone

    def test_another_pair_than_the_subscription_was_made_with(
        self, service: PushService, phone: str, tmp_path: Path, clock: Clock
    ) -> None:
        """What a lost VAPID pair looks like: the subscription stays, and the reason names us."""
        other = WebPush(PUSH, ensure(tmp_path / "other"), REPLAY, Outside(outgoing()), clock)
        fault = refused(other, phone)
        assert not fault.forever
        assert "our fault" in str(fault)
        assert "VAPID" in str(fault)

    def test_nobody_there(self, channel: WebPush, phone: str, service: PushService) -> None:
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            dead = phone.replace(str(service.port), str(door.getsockname()[1]))
            assert not refused(channel, dead).forever


class TestTwin:
    """The stand-in is as strict as the real ones."""

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"TTL": None}, 400),
            ({"TTL": "soon"}, 400),
            ({"Urgency": "very"}, 400),
            ({"Topic": "x" * 33}, 400),
            ({"Topic": "a/b"}, 400),
            ({"Content-Encoding": None}, 400),
            ({"Content-Encoding": "aesgcm"}, 400),
            ({"Authorization": None}, 401),
            ({"Authorization": "Bearer abc"}, 401),
            ({"Authorization": "vapid t=a.b.c,k=d"}, 403),
            ({"Authorization": "vapid k=d"}, 403),
            ({}, 201),
        ],
    )
    def test_headers(
        self, service: PushService, phone: str, vapid: Vapid, change: dict[str, str | None], status: int
    ) -> None:
        good = {
            "TTL": "60", "Content-Encoding": "aes128gcm", "Authorization": vapid.sign(service.base, PUSH.contact, NOW),
        }  # fmt: skip
        headers = {name: value for name, value in (good | change).items() if value is not None}
        assert Outside(outgoing()).post(endpoint(phone), b"sealed", headers).status == status

    @pytest.mark.parametrize(("size", "status"), [(4096, 201), (4097, 413)])
    def test_size(self, service: PushService, phone: str, vapid: Vapid, size: int, status: int) -> None:
        headers = {
            "TTL": "60", "Content-Encoding": "aes128gcm", "Authorization": vapid.sign(service.base, PUSH.contact, NOW),
        }  # fmt: skip
        assert Outside(outgoing()).post(endpoint(phone), b"x" * size, headers).status == status

    def test_a_browser_under_test_subscribes_and_reads_over_http(
        self, service: PushService, channel: WebPush, vapid: Vapid
    ) -> None:
        out = Outside(outgoing())
        asked = json.dumps({"applicationServerKey": vapid.public}).encode()
        phone = out.post(f"{service.base}/subscribe", asked, {}).body.decode()
        channel.send(replay(), phone, "key")
        assert len(service.read(endpoint(phone))) == 1
        assert out.post(f"{service.base}/subscribe", b"{}", {}).status == 400


def test_the_longest_text_fits_and_says_that_it_was_cut(channel: WebPush, service: PushService, phone: str) -> None:
    for text in ("逃げて" * 2000, "a" * 9000, '"\\' * 4000, "😀" * 3000):
        channel.send(replay(text=text), phone, "key")
        (said,) = service.read(endpoint(phone))
        assert said["body"].endswith("…")
        assert len(service.held(endpoint(phone))[0].body) in range(3500, 4097)


def _at(address: str, **keys: str) -> str:
    good = {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    }
    return json.dumps({"endpoint": address, "keys": good | keys})


@pytest.mark.parametrize(
    "address",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-sg2p.notify.windows.com/w/?token=abc",
        "https://fcm.googleapis.com:443/fcm/send/abc",
    ],
)
def test_the_push_services_of_the_browsers_are_known(address: str) -> None:
    assert subscription(_at(address), PUSH, WorldKind.REAL).endpoint == address


@pytest.mark.parametrize(
    "address",
    [
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://127.0.0.1/push/abc",
        "https://localhost:8080/push/abc",
        "http://127.0.0.1:8080/push/abc",
        "https://10.0.0.5/admin",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/push/abc",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com.evil.example/abc",
        "https://evilfcm.googleapis.com/abc",
        "https://notify.windows.com.evil.example/",
        "https://fcm.googleapis.com@evil.example/abc",
        "https://user:secret@fcm.googleapis.com/abc",
        "https://user@fcm.googleapis.com/abc",
        "https://evilnotify.windows.com/abc",
        "https://fcm.googleapis.com:8443/abc",
        "https://fcm.googleapis.com/abc#x",
        "https://fcm.googleapis.com/a b",
        "https://fcm.googleapis.com/a\r\nX: y",
        "file:///etc/passwd",
        "ftp://fcm.googleapis.com/",
        "https://[fcm.googleapis.com/",
        "https:///abc",
        "",
    ],
)
def test_we_knock_at_no_other_door(address: str, vapid: Vapid, clock: Clock) -> None:
    with pytest.raises(BadInput) as fault:
        subscription(_at(address), PUSH, WorldKind.REAL)
    assert not address or address not in str(fault.value)
    sent = _Caught()
    with pytest.raises(Undeliverable) as refusal:
        WebPush(PUSH, vapid, REAL, sent, clock).send(notice(), _at(address), "key")
    assert refusal.value.forever
    assert sent.headers == {}


def test_loopback_is_for_worlds_that_are_not_real() -> None:
    address = _at("http://127.0.0.1:8080/push/abc")
    assert subscription(address, PUSH, WorldKind.REPLAY)
    with pytest.raises(BadInput):
        subscription(_at("http://10.0.0.5/push/abc"), PUSH, WorldKind.REPLAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "not json",
        "[" * 100_000,
        '{"endpoint": "https://fcm.googleapis.com/a"}',
        '{"endpoint": "https://fcm.googleapis.com/a", "keys": {}}',
        '{"endpoint": 5, "keys": {"p256dh": "a", "auth": "b"}}',
        _at("https://fcm.googleapis.com/a", p256dh="AAAA"),
        _at("https://fcm.googleapis.com/a", p256dh="B" + "A" * 86),
        _at("https://fcm.googleapis.com/a", auth="AAAA"),
        _at("https://fcm.googleapis.com/a", auth="花"),
        _at("https://fcm.googleapis.com/" + "a" * 3000),
    ],
)
def test_what_is_no_subscription_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as fault:
        subscription(text, PUSH, WorldKind.REAL)
    assert "googleapis" not in str(fault.value)


def test_the_same_subscription_is_always_the_same_address() -> None:
    text = _at("https://fcm.googleapis.com/a")
    turned = json.dumps(dict(reversed(list((json.loads(text) | {"expirationTime": None}).items()))))
    one, other = (subscription(said, PUSH, WorldKind.REAL).text() for said in (text, turned))
    assert one == other
    assert subscription(one, PUSH, WorldKind.REAL).text() == one


def test_no_endpoint_and_no_key_is_ever_logged(
    channel: WebPush, service: PushService, phone: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel.send(replay(), phone, "key")
    for status in (404, 410, 413, 403, 429, 500, DROPPED):
        service.fail(status)
        refused(channel, phone)
    said = json.loads(phone)
    for secret in (endpoint(phone).rpartition("/")[2], *said["keys"].values()):
        assert secret not in caplog.text
