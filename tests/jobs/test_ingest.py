"""From feeds into the store: nothing twice, nothing lost, nothing cleared by a failure."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from disaster_hub.config import Feed
from disaster_hub.jobs.ingest import Poller
from disaster_hub.store import bulletins, journal, observations, pulse, raws, stations
from disaster_hub.store.prepare import prepare
from disaster_hub.store.pulse import SourcePulse
from disaster_hub.store.session import Store
from disaster_hub.terms.bulletin import Status
from disaster_hub.terms.errors import Unreachable
from sensors.fetch import Door
from tests.jobs.hub import REAL, Telegram, atom, url
from tests.jobs.twins import Server
from tests.rules.said import CITY, at


def poller(store: Store, server: Server, *, long: bool = False, kind: str = "jma-feed") -> Poller:
    feed = Feed("extra", kind, f"{server.url}/short", 60, f"{server.url}/long" if long else None, offices=("990000",))
    return Poller(store, feed, Door(timeout_s=1, max_bytes=1_000_000))


def show(server: Server, *telegrams: Telegram, page: str = "/short", missing: tuple[Telegram, ...] = ()) -> None:
    server.pages[page] = atom(server.url, [*telegrams, *missing])
    server.pages |= {t.path: t.xml for t in telegrams}


def kept(store: Store) -> list[str]:
    with store.read() as tx:
        return [b.identity.rpartition("/")[2] for b in bulletins.unjudged(tx)]


def state(store: Store) -> SourcePulse:
    with store.read() as tx:
        return pulse.sources(tx)[0]


def fetched(server: Server, telegram: Telegram) -> int:
    return [path for path, _ in server.asked].count(telegram.path)


RAIN = Telegram("VPWW55", 0, ("10",))
MORE = Telegram("VPWW55", 30, ("03",))


def test_each_telegram_comes_in_once_with_its_raw_bytes(store: Store, server: Server) -> None:
    show(server, RAIN, MORE)
    one = poller(store, server)
    assert one.poll(at(31)) == 2
    assert one.poll(at(32)) == 0
    assert poller(store, server).poll(at(33)) == 0, "a restart asks the store, not the server"
    assert (fetched(server, RAIN), fetched(server, MORE)) == (1, 1)
    assert len(kept(store)) == 2
    with store.read() as tx:
        assert raws.body(tx, 1) == RAIN.xml
    assert (state(store).last_success, state(store).failures) == (at(33), 0)


def test_only_the_configured_offices_bodies_are_fetched(store: Store, server: Server) -> None:
    other = Telegram("VPWW55", 0, ("33",), office="980000")
    show(server, RAIN, other)
    poller(store, server).poll(at(1))
    assert (fetched(server, RAIN), fetched(server, other)) == (1, 0)


def test_the_long_feed_heals_what_the_short_one_lost(store: Store, server: Server) -> None:
    show(server, RAIN, MORE, page="/long")
    show(server, MORE)
    one = poller(store, server, long=True)
    assert one.poll(at(31)) == 2
    asked = [path for path, _ in server.asked]
    assert asked.index("/long") < asked.index("/short")
    assert state(store).long_success == at(31)
    one.poll(at(32))
    assert [path for path, _ in server.asked].count("/long") == 1
    lost = Telegram("VPWW55", 40, ("43",))
    show(server, RAIN, MORE, lost, page="/long")
    assert one.poll(at(31) + timedelta(hours=1)) == 1


def test_a_failed_fetch_clears_nothing_and_is_counted(store: Store, server: Server) -> None:
    show(server, RAIN)
    one = poller(store, server)
    one.poll(at(1))
    server.pages["/short"] = lambda h: h.reply(503, b"")
    assert one.poll(at(2)) == 0
    one.poll(at(3))
    assert len(kept(store)) == 1
    seen = state(store)
    assert (seen.last_success, seen.last_try, seen.failures) == (at(1), at(3), 2)
    assert "503" in seen.last_reason


def test_one_missing_body_blocks_no_other_and_is_asked_for_again(store: Store, server: Server) -> None:
    show(server, Telegram("VPWW55", 3, ("03",)), missing=(RAIN,))
    one = poller(store, server)
    one.poll(at(5))
    assert len(kept(store)) == 1
    assert "404" in state(store).last_reason, "something may be in force that we have not read"
    assert state(store).last_success is None
    server.pages[RAIN.path] = RAIN.xml
    assert one.poll(at(6)) == 1, "though the feed itself has not changed"
    assert state(store).failures == 0


def test_a_body_that_never_comes_is_counted_once_and_let_go(store: Store, server: Server) -> None:
    show(server, missing=(RAIN,))
    one = poller(store, server)
    one.poll(at(5))
    one.poll(at(11))
    one.poll(at(12))
    assert (state(store).refusals, state(store).last_success) == (1, at(12))
    with store.read() as tx:
        assert [e.kind for e in journal.entries(tx)] == ["refused"]
    server.pages[RAIN.path] = RAIN.xml
    assert one.poll(at(13)) == 1


def test_what_cannot_be_read_is_kept_counted_and_shown_once(store: Store, server: Server) -> None:
    show(server, RAIN, MORE)
    server.pages[RAIN.path] = b"<Report>cut of"
    one = poller(store, server)
    assert one.poll(at(31)) == 1
    one.poll(at(32))
    assert state(store).refusals == 1
    with store.read() as tx:
        bad = raws.unreadable(tx)
        assert raws.body(tx, bad[0].id) == b"<Report>cut of"
        assert len(journal.entries(tx, kinds=["refused"])) == 1
    assert fetched(server, RAIN) == 1


@pytest.mark.parametrize("page", [b"", b"<feed", b"<html><body>maintenance</body></html>"])
def test_an_unreadable_feed_is_a_failure_of_the_source(store: Store, server: Server, page: bytes) -> None:
    server.pages["/short"] = page
    one = poller(store, server)
    one.poll(at(1))
    one.poll(at(2))
    assert (state(store).last_success, state(store).failures, state(store).refusals) == (None, 2, 1)


def test_a_feed_does_not_lead_us_to_other_hosts(store: Store, server: Server) -> None:
    server.pages["/short"] = atom("http://127.0.0.1:1", [RAIN])
    one = poller(store, server)
    one.poll(at(1))
    one.poll(at(2))
    assert (state(store).refusals, state(store).failures) == (1, 0)
    assert kept(store) == []


def test_a_report_from_the_future_is_refused_and_read_again_when_its_time_comes(store: Store, server: Server) -> None:
    show(server, MORE)
    one = poller(store, server)
    assert one.poll(at(14)) == 0
    assert one.poll(at(14)) == 0
    assert state(store).refusals == 1
    assert "clock" in state(store).last_reason
    assert one.poll(at(15)) == 1


def test_a_type_not_read_yet_is_listed_with_its_problem(store: Store, server: Server) -> None:
    show(server, Telegram("VPHW51", 0))
    poller(store, server).poll(at(1))
    with store.read() as tx:
        assert "not read yet" in bulletins.unjudged(tx)[0].problems[0]
    assert state(store).refusals == 0


def test_exercises_are_kept_as_what_they_are(store: Store, server: Server) -> None:
    show(server, Telegram("VPWW55", 0, ("33",), status="訓練"))
    poller(store, server).poll(at(1))
    with store.read() as tx:
        assert bulletins.unjudged(tx)[0].bulletin.status is Status.EXERCISE


def test_a_store_that_fails_loses_nothing(store: Store, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    show(server, RAIN, MORE)
    one = poller(store, server)

    def full(*_: object, **__: object) -> None:
        raise Unreachable("store: disk full")

    with monkeypatch.context() as patch:
        patch.setattr(bulletins, "add", full)
        assert one.poll(at(31)) == 0
    assert "disk full" in state(store).last_reason
    assert one.poll(at(32)) == 2, "though the feed has not changed since"


def test_a_real_store_refuses_made_up_codes(tmp_path: Path, server: Server) -> None:
    store = prepare(url(tmp_path), REAL)
    show(server, RAIN)
    one = poller(store, server)
    assert one.poll(at(1)) == 0
    assert (kept(store), state(store).refusals) == ([], 1)
    assert CITY in state(store).last_reason
    with store.read() as tx:
        assert raws.body(tx, raws.unreadable(tx)[0].id) == RAIN.xml
    store.close()


GAUGE = {
    "code": "9900000001", "name": "みなも橋", "obsTime": "2026-09-18T17:10:00+09:00", "level": 1.2, "startLevel": 1.0,
    "warnLevel": None, "fladLevel": 2.0, "over": "1", "townCode": "99201", "prefCode": "99000", "lat": 38.9, "lon": 139.3,
}  # fmt: skip


def test_gauges_keep_their_own_times(store: Store, server: Server) -> None:
    old = GAUGE | {"code": "9900000002", "obsTime": "2021-01-01T00:00:00+09:00"}
    server.pages["/short"] = json.dumps({"obss": [GAUGE, old]}, ensure_ascii=False).encode()
    one = poller(store, server, kind="k-river")
    assert one.poll(at(11)) == 2
    assert one.poll(at(12)) == 0
    with store.read() as tx:
        latest = observations.latest(tx)
        assert latest["9900000001"][0].at == at(10)
        assert latest["9900000002"][0].at.year == 2020
        assert {s.station.id for s in stations.all_stations(tx)} == {"9900000001", "9900000002"}
    assert state(store).last_success == at(12)


def test_an_unreadable_gauge_file_is_kept_and_clears_nothing(store: Store, server: Server) -> None:
    server.pages["/short"] = json.dumps({"obss": [GAUGE]}).encode()
    one = poller(store, server, kind="k-river")
    one.poll(at(11))
    server.pages["/short"] = b'{"obss": [{"code"'
    one.poll(at(12))
    assert (state(store).failures, state(store).refusals, state(store).last_success) == (1, 1, at(11))
    with store.read() as tx:
        assert observations.latest(tx)["9900000001"][0].value == 1.2
