"""Device messages over a real broker: kept before they are acknowledged, refused one by one, never lost."""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from disaster_hub.config import Sensor
from disaster_hub.jobs.listen import Intake
from disaster_hub.store import journal, observations, pulse, raws
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import Unreachable
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.world import World, WorldKind
from sensors import broker
from sensors.mqtt import Message, Subscriber
from tests.jobs.twins import throw_away_ca
from tests.ports import free_port

NOW = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)
REPLAY = World(WorldKind.REPLAY, "listening", None)
EUI = "fe99000000000001"
TOPICS = ["hub/devices/+/up", "application/+/device/+/event/up", "v3/+/devices/+/up"]


def sensor(name: str, model: str = "plain", zero_m: float | None = None) -> Sensor:
    return Sensor(name, model, name, name, 139.3, 38.9, zero_m=zero_m)


def devices(*known: Sensor) -> dict[str, Sensor]:
    return {one.id: one for one in known}


def intake(store: Store, *known: Sensor, world: World = REPLAY) -> Intake:
    return Intake(store, world, devices(*known), clock=lambda: NOW)


def reading(device: str, minute: int, value: float | None = 1.5, **more: object) -> Message:
    said = {
        "device": device,
        "quantity": "water_level",
        "at": (NOW + timedelta(minutes=minute)).isoformat(),
        "value": value,
        "unit": "m",
    }
    return f"hub/devices/{device}/up", json.dumps(said | more).encode()


def chirpstack(eui: str, payload: bytes) -> Message:
    said = {"time": NOW.isoformat(), "deviceInfo": {"devEui": eui}, "fCnt": 1, "fPort": 85}
    return f"application/a/device/{eui}/event/up", json.dumps(
        said | {"data": base64.b64encode(payload).decode()}
    ).encode()


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Store]:
    store = prepare(f"sqlite:///{tmp_path / 'hub.gpkg'}", REPLAY)
    yield store
    store.close()


def stored(store: Store) -> dict[str, list[Observation]]:
    with store.read() as tx:
        return observations.recent(tx, NOW - timedelta(days=400))


def refusals(store: Store) -> list[str]:
    with store.read() as tx:
        return [one.reason for one in raws.unreadable(tx)]


def test_a_distance_becomes_a_level_above_the_stations_zero(hub: Store) -> None:
    intake(hub, sensor(EUI, "EM500-UDL", zero_m=6.2)).keep([chirpstack(EUI, bytes.fromhex("01756403820A0D"))])
    seen = {o.quantity: o.value for o in stored(hub)[EUI]}
    assert seen == {"battery": 100.0, "water_level": pytest.approx(6.2 - 3.338)}


def test_a_message_that_comes_234_times_is_one_fact(hub: Store) -> None:
    taker = intake(hub, sensor("plain1"))
    for _ in range(3):
        taker.keep([reading("plain1", 0)] * 78)
    assert len(stored(hub)["plain1"]) == 1


@pytest.mark.parametrize(
    ("topic", "payload", "named"),
    [
        ("hub/devices/plain1/up", b"{", "payload"),
        ("hub/devices/plain1/up", b"\xff\xfe\x00", "payload"),
        ("hub/devices/plain1/up", b"", "payload"),
        ("hub/devices/plain1/up", b"[" * 60_000, "payload"),
        ("hub/devices/plain1/up", reading("plain2", 0)[1], "device"),
        ("hub/devices/../../etc/up", b"{}", "topic"),
        ("hub/devices/a\x00b/up", b"{}", "topic"),
        ("hub/devices/" + "x" * 5000 + "/up", b"{}", "topic"),
        ("hub/devices/plain1/up", reading("plain1", 0, unit="尺")[1], "unit"),
        ("hub/devices/plain1/up", reading("plain1", 0, quantity="mood")[1], "quantity"),
        ("hub/devices/plain1/up", reading("plain1", 0, at="2026-09-18 09:00")[1], "at"),
        ("hub/devices/plain1/up", reading("plain1", 60)[1], "future"),
        ("hub/devices/plain1/up", reading("plain1", 0, None)[1], "value"),
        ("application/a/device/fe99000000000001/event/up", b'{"deviceInfo": {"devEui": "zz"}}', "devEui"),
        ("v3/a@t/devices/x/up", b'{"end_device_ids": {}}', "uplink_message"),
    ],
)
def test_hostile_messages_are_kept_counted_and_refused_by_name(
    hub: Store, topic: str, payload: bytes, named: str
) -> None:
    taker = intake(hub, sensor("plain1"), sensor(EUI, "EM500-UDL"))
    taker.keep([(topic, payload), reading("plain1", 1)])
    assert [named in reason for reason in refusals(hub)] == [True], refusals(hub)
    assert len(stored(hub)["plain1"]) == 1, "one bad message must not take its neighbours with it"
    with hub.read() as tx:
        assert pulse.sources(tx)[0].refusals == 1


def test_a_frame_cut_off_keeps_what_came_before(hub: Store) -> None:
    intake(hub, sensor(EUI, "EM500-UDL", zero_m=5)).keep([chirpstack(EUI, bytes.fromhex("017564038201"))])
    assert [o.quantity for o in stored(hub)[EUI]] == ["battery"]
    assert "offset 3" in refusals(hub)[0]


def test_an_unknown_device_is_written_down_once(hub: Store) -> None:
    taker = intake(hub)
    taker.keep([reading("stranger", 0), reading("stranger", 1)])
    taker.keep([reading("stranger", 2)])
    with hub.read() as tx:
        told = journal.entries(tx, kinds=["unknown_device"])
    assert [entry.where for entry in told] == ["stranger"]
    assert len(refusals(hub)) == 3
    assert not stored(hub)


def test_a_real_store_refuses_a_made_up_device(tmp_path: Path) -> None:
    real = World(WorldKind.REAL, "real")
    store = prepare(f"sqlite:///{tmp_path / 'real.gpkg'}", real)
    intake(store, sensor(EUI, "EM500-UDL"), sensor("plain1"), world=real).keep(
        [chirpstack(EUI, bytes.fromhex("017564")), reading("plain1", 0)]
    )
    assert list(stored(store)) == ["plain1"]
    assert "made-up" in refusals(store)[0]
    store.close()


# ── with the embedded broker ────────────────────────────────────────────────────────────────────────────────────


def _broker(text: str) -> None:
    broker.run(text)


@pytest.fixture
def embedded() -> Iterator[Callable[..., int]]:
    """Start embedded brokers; gives a function that starts one and returns its port."""
    running: list[multiprocessing.process.BaseProcess] = []

    def start(**settings: object) -> int:
        port = free_port(2)
        said = {"host": "127.0.0.1", "port": port, "devices": {}, "anonymous": True} | settings
        process = multiprocessing.get_context("spawn").Process(target=_broker, args=(broker.settings(**said),))  # type: ignore[arg-type]
        process.start()
        running.append(process)
        _until(lambda: _open(port) and _open(port + 1), "the broker does not listen")
        return port

    yield start
    for process in running:
        process.terminate()
        process.join(30)


def _open(port: int) -> bool:
    import socket
    from contextlib import closing

    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(holds: Callable[[], bool], words: str, limit_s: float = 60) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, words
        time.sleep(0.02)


def _send(
    port: int, messages: list[Message], version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311, **sign_in: str
) -> None:
    """Publish with QoS 1 and wait for every acknowledgement."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="sender", protocol=version)
    if sign_in:
        client.username_pw_set(**sign_in)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for sent in [client.publish(topic, payload, qos=1) for topic, payload in messages]:
        sent.wait_for_publish(10)
        assert sent.is_published()
    client.disconnect()
    client.loop_stop()


class Listening:
    """A subscriber in a thread, keeping into a store."""

    def __init__(self, port: int, keep: Callable[[list[Message]], None], **more: str) -> None:
        self.stop = Event()
        self.subscriber = Subscriber("127.0.0.1", port, client_id="listen", topics=TOPICS, keep=keep, **more)  # type: ignore[arg-type]
        self.thread = Thread(target=self.subscriber.run, args=(self.stop,), daemon=True)

    def __enter__(self) -> Subscriber:
        self.thread.start()
        _until(lambda: self.subscriber.subscribed, "no subscription")
        return self.subscriber

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(60)
        assert not self.thread.is_alive()


@pytest.mark.parametrize("version", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
def test_readings_come_through_the_embedded_broker(
    hub: Store, embedded: Callable[..., int], version: MQTTProtocolVersion
) -> None:
    port = embedded()
    with Listening(port, intake(hub, sensor("plain1")).keep):
        _send(port + (version == MQTTProtocolVersion.MQTTv5), [reading("plain1", -n) for n in range(50)], version)
        _until(lambda: len(stored(hub).get("plain1", [])) == 50, "readings are missing")


def test_a_store_that_does_not_answer_loses_nothing(hub: Store, embedded: Callable[..., int]) -> None:
    port, taker, tries = embedded(), intake(hub, sensor("plain1")), []

    def keep(batch: list[Message]) -> None:
        tries.append(len(batch))
        if len(tries) < 3:
            raise Unreachable("store: disk full")
        taker.keep(batch)

    with Listening(port, keep) as subscriber:
        _send(port, [reading("plain1", -n) for n in range(20)])
        _until(lambda: len(tries) >= 1, "nothing was tried")
        assert not stored(hub)
        _until(lambda: len(stored(hub).get("plain1", [])) == 20, "what could not be kept at first is missing")
        assert subscriber.subscribed


def _listen_until_killed(port: int, path: str) -> None:
    store = prepare(f"sqlite:///{path}", REPLAY)
    taker = intake(store, sensor("plain1"))

    def keep(batch: list[Message]) -> None:
        taker.keep(batch)
        os.kill(os.getpid(), signal.SIGKILL)  # after the commit, before the acknowledgement

    Subscriber("127.0.0.1", port, client_id="listen", topics=TOPICS, keep=keep).run(Event())


def test_a_listener_killed_between_commit_and_acknowledgement_gets_them_again(
    hub: Store, tmp_path: Path, embedded: Callable[..., int]
) -> None:
    port, taker = embedded(), intake(hub, sensor("plain1"))
    with Listening(port, taker.keep):
        pass  # the broker knows the session from now on
    _send(port, [reading("plain1", -n) for n in range(250)])
    process = multiprocessing.get_context("spawn").Process(
        target=_listen_until_killed, args=(port, str(tmp_path / "hub.gpkg"))
    )
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    again: list[Message] = []

    def keep(batch: list[Message]) -> None:
        again.extend(batch)
        taker.keep(batch)

    with Listening(port, keep):
        _until(lambda: len({payload for _, payload in again}) == 250, "unacknowledged messages did not come again")
    assert len(stored(hub)["plain1"]) == 250


def test_outside_the_demo_strangers_are_refused(hub: Store, embedded: Callable[..., int]) -> None:
    port = embedded(anonymous=False, devices={"hub": "good", "bridge": "word"})
    with Listening(port, intake(hub, sensor("plain1")).keep, username="hub", password="good"):
        _send(port, [reading("plain1", 0)], username="bridge", password="word")
        _until(lambda: "plain1" in stored(hub), "a known device was not heard")
        for sign_in in ({}, {"username": "bridge", "password": "wrong"}):
            answers: list[bool] = []
            client = paho.Client(CallbackAPIVersion.VERSION2, client_id="stranger")
            client.on_connect = lambda _c, _d, _f, code, _p, got=answers: got.append(not code.is_failure)
            if sign_in:
                client.username_pw_set(**sign_in)
            client.connect("127.0.0.1", port)
            for _ in range(20):
                client.loop(0.05)
            assert True not in answers


def test_a_broker_without_names_does_not_start() -> None:
    with pytest.raises(ValueError, match="at least one name"):
        broker.settings(host="127.0.0.1", port=1, devices={}, anonymous=False)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # paho leaves a refused socket to the collector
def test_the_embedded_broker_speaks_tls(hub: Store, embedded: Callable[..., int], tmp_path: Path) -> None:
    ca, both = throw_away_ca(tmp_path)
    port = embedded(anonymous=False, devices={"hub": "good"}, certificate=both, key=both)
    sign_in = {"username": "hub", "password": "good"}
    with Listening(port, intake(hub, sensor("plain1")).keep, tls=True, ca=ca, **sign_in):
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id="sender")
        client.username_pw_set(**sign_in)
        client.tls_set(ca_certs=str(ca))
        client.connect("127.0.0.1", port)
        client.loop_start()
        sent = client.publish(*reading("plain1", 0), qos=1)
        sent.wait_for_publish(10)
        assert sent.is_published()
        client.disconnect()
        client.loop_stop()
        _until(lambda: "plain1" in stored(hub), "the reading did not come through TLS")
    strange = Subscriber("127.0.0.1", port, client_id="other", topics=TOPICS, keep=lambda _: None, tls=True)
    stop = Event()
    thread = Thread(target=strange.run, args=(stop,), daemon=True)
    thread.start()
    _until(lambda: "certificate" in strange.reason.lower(), "a broker with an unknown CA was believed")
    stop.set()
    thread.join(60)
