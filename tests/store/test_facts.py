"""Raw answers, bulletins, stations, levels, journal, pulses and accounts: each written once, each as it was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from disaster_hub.store import bulletins, journal, levels, pulse, raws, staff, stations, worlds
from disaster_hub.store.session import Store
from disaster_hub.terms.bulletin import AreaWarning, Bulletin, Hazard, InfoType, RiverWarning, Status
from disaster_hub.terms.errors import WrongWorld
from disaster_hub.terms.level import AreaKind, LevelChange, Official
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.observation import Station, StationKind
from disaster_hub.terms.world import World, WorldKind

MINUTE = timedelta(minutes=1)
RAIN = AreaWarning("9920100", "みなも市", Hazard.RAIN, "43", "大雨危険警報", 4, active=True, change="発表")
RIVER = RiverWarning("990099000100", "みなも川", "40", "氾濫危険警報", 4, active=True)


def a_bulletin(now: datetime, **changes: object) -> Bulletin:
    told = Bulletin(
        "VPWW55", "気象警報", Status.ACTUAL, InfoType.ISSUE, "架空地方気象台", now, now, "e1", "1", "大雨", "架空県"
    )
    fields = {"warnings": (RAIN,), "rivers": (RIVER,), "valid_until": now + MINUTE} | changes
    return replace(told, **fields)  # type: ignore[arg-type]


def add(store: Store, identity: str, said: Bulletin, now: datetime) -> bool:
    with store.write() as tx:
        return bulletins.add(tx, identity, "jma", None, said, now, ["one problem"])


def keep(store: Store, identity: str, body: bytes, now: datetime, source: str = "jma") -> int:
    with store.write() as tx:
        return raws.keep(tx, source=source, identity=identity, kind="telegram", body=body, received_at=now)


def test_raw_bytes_are_kept_once(store: Store, now: datetime) -> None:
    first = keep(store, "a", b"\x00\xff", now)
    assert keep(store, "a", b"\x00\xff", now + MINUTE) == first
    assert len({first, keep(store, "a", b"corrected", now), keep(store, "b", b"\x00\xff", now)}) == 3
    with store.read() as tx:
        assert raws.body(tx, first) == b"\x00\xff"
        assert raws.known(tx, "jma", ["a", "b", "c"]) == {"a", "b"}
        assert raws.known(tx, "other", ["a"]) == set()
        assert raws.known(tx, "jma", []) == set()
        assert raws.known(tx, "jma", [str(n) for n in range(2000)] + ["b"]) == {"b"}


def test_what_cannot_be_read_is_marked_and_shown(store: Store, now: datetime) -> None:
    number = keep(store, "a", b"<broken", now)
    with store.write() as tx:
        assert raws.refuse(tx, number, "Body: truncated")
        assert not raws.refuse(tx, number, "again")
    with store.read() as tx:
        (refused,) = raws.unreadable(tx)
    assert (refused.id, refused.identity, refused.reason, refused.received_at) == (number, "a", "Body: truncated", now)


def test_a_purge_forgets_bytes_and_no_facts(store: Store, now: datetime) -> None:
    for minute in range(5):
        keep(store, f"t{minute}", b"x", now + minute * MINUTE)
    add(store, "t0", a_bulletin(now), now)
    with store.write() as tx:
        assert raws.purge(tx, now + 4 * MINUTE, limit=3) == 3
        assert raws.purge(tx, now + 4 * MINUTE) == 1
        assert raws.purge(tx, now + 4 * MINUTE) == 0
    with store.read() as tx:
        assert raws.known(tx, "jma", [f"t{n}" for n in range(5)]) == {"t0", "t4"}, "t0 is not fetched again"
        assert len(bulletins.recent(tx)) == 1


def test_a_bulletin_comes_back_as_it_was_said(store: Store, now: datetime) -> None:
    said = a_bulletin(now)
    assert add(store, "x1", said, now + MINUTE)
    assert not add(store, "x1", replace(said, headline="changed"), now)
    with store.read() as tx:
        (one,) = bulletins.recent(tx)
    assert one == bulletins.StoredBulletin("x1", "jma", said, now + MINUTE, ("one problem",))


def test_bulletins_wait_in_the_order_in_which_they_were_said(store: Store, now: datetime) -> None:
    add(store, "c", a_bulletin(now + MINUTE), now)
    add(store, "b", a_bulletin(now, sent_at=now + 2 * MINUTE), now)
    add(store, "a", a_bulletin(now, status=Status.EXERCISE), now)
    with store.write() as tx:
        assert [one.identity for one in bulletins.unjudged(tx)] == ["a", "b", "c"]
        assert [one.identity for one in bulletins.unjudged(tx, limit=1)] == ["a"]
        bulletins.mark_judged(tx, ["a", "b"])
        bulletins.mark_judged(tx, [])
    with store.read() as tx:
        assert [one.identity for one in bulletins.unjudged(tx)] == ["c"]


def test_history_is_of_a_type_an_office_an_event_or_a_river(store: Store, now: datetime) -> None:
    add(store, "old", a_bulletin(now - MINUTE), now)
    add(store, "other office", a_bulletin(now, office="別の気象台"), now)
    add(store, "other type", a_bulletin(now, type="VXKO"), now)
    add(store, "other event", a_bulletin(now, event_id="e2"), now)
    add(store, "mine", a_bulletin(now), now)
    add(store, "withdrawn", replace(a_bulletin(now, event_id=RIVER.area), rivers=()), now)

    def history(**wanted: object) -> list[str]:
        with store.read() as tx:
            rows = bulletins.history(tx, types=["VPWW55"], since=now, **wanted)  # type: ignore[arg-type]
            return [one.identity for one in rows]

    assert history() == ["mine", "other event", "other office", "withdrawn"]
    assert history(office="別の気象台") == ["other office"]
    assert history(event="e2") == ["other event"]
    assert history(river=RIVER.area) == ["mine", "other event", "other office", "withdrawn"]
    assert history(river="990099000200") == []


def test_a_real_store_refuses_made_up_codes(real_store: Store, now: datetime) -> None:
    real = replace(RAIN, area="0620300")
    for said in (a_bulletin(now, rivers=()), a_bulletin(now, warnings=(real,))):
        with pytest.raises(WrongWorld, match="made-up world"):
            add(real_store, "x", said, now)
    with pytest.raises(WrongWorld), real_store.write() as tx:
        stations.upsert(tx, Station("9900000001", "橋"), source="k", seen_at=now)
    with pytest.raises(WrongWorld), real_store.write() as tx:
        worlds.guard(tx, ["FE99000000000001"])
    with real_store.write() as tx:
        worlds.guard(tx, ["0620300", "24e124aa"])
        assert bulletins.add(tx, "y", "jma", None, a_bulletin(now, warnings=(real,), rivers=()), now)


def test_a_clock_can_be_set_where_it_is_not_the_wall(store: Store, world_replay: World, now: datetime) -> None:
    later = replace(world_replay, opened=now + MINUTE, speed=600.0)
    with store.write() as tx:
        worlds.set_clock(tx, later)
    with store.read() as tx:
        assert worlds.current(tx) == later
    with pytest.raises(WrongWorld), store.write() as tx:
        worlds.set_clock(tx, World(WorldKind.REAL, world_replay.name))


GAUGE = Station(
    "99000000001",
    "みなも橋",
    StationKind.RIVER,
    139.3,
    38.9,
    {"warn": 3.0, "flood": 5.0},
    town="99201",
    river=RIVER.area,
)


def tell(store: Store, said: Station, now: datetime, source: str = "k") -> None:
    with store.write() as tx:
        stations.upsert(tx, said, source=source, seen_at=now)


def told(store: Store) -> list[Station]:
    with store.read() as tx:
        return [one.station for one in stations.all_stations(tx)]


def test_a_station_comes_back_as_it_was_told(store: Store, now: datetime) -> None:
    tell(store, GAUGE, now)
    tell(store, GAUGE, now)
    tell(store, Station("bare", "名のみ"), now, "other")
    assert told(store) == [GAUGE, Station("bare", "名のみ")]


def test_what_a_source_leaves_out_stays_and_older_word_changes_nothing(store: Store, now: datetime) -> None:
    tell(store, GAUGE, now)
    tell(store, Station(GAUGE.id, "みなも新橋"), now + MINUTE)
    tell(store, replace(GAUGE, name="古い名", thresholds={"warn": 1.0}), now - MINUTE)
    assert told(store) == [replace(GAUGE, name="みなも新橋")]


def test_changed_thresholds_are_kept_with_their_time(store: Store, now: datetime) -> None:
    tell(store, GAUGE, now)
    tell(store, GAUGE, now + MINUTE)
    tell(store, replace(GAUGE, thresholds={}), now + 2 * MINUTE)
    tell(store, replace(GAUGE, thresholds={"warn": 2.5}), now + 3 * MINUTE)
    with store.read() as tx:
        assert stations.threshold_history(tx, GAUGE.id) == [
            (now, dict(GAUGE.thresholds)),
            (now + 3 * MINUTE, {"warn": 2.5}),
        ]


def test_a_station_told_again_moves_no_version(sqlite_store: Store, now: datetime) -> None:
    tell(sqlite_store, GAUGE, now)
    before = sqlite_store.version()
    tell(sqlite_store, GAUGE, now + MINUTE)
    assert sqlite_store.version() == before, "else every poll would make every page read everything again"


def test_levels_stand_side_by_side_and_changes_are_only_added(store: Store, now: datetime) -> None:
    rain = Official(
        "9920100", "みなも市", AreaKind.MUNICIPALITY, "rain", 3, "大雨警報", "架空地方気象台", now, now, None, "x1"
    )
    flood = replace(rain, hazard="flood", level=None, unknown=True)
    change = LevelChange("9920100", "みなも市", AreaKind.MUNICIPALITY, now, None, 3, "i", "大雨警報", "x1")
    with store.write() as tx:
        for word in (rain, flood, replace(rain, level=4)):
            levels.put_official(tx, word)
        assert levels.append_change(tx, change)
        assert not levels.append_change(tx, change)
        assert levels.append_change(tx, replace(change, before=3, after=4, evidence="x2", at=now + MINUTE))
        assert levels.append_change(tx, replace(change, area="9920200"))
    with store.write() as tx:
        assert levels.officials(tx) == [flood, replace(rain, level=4)]
        levels.drop_official(tx, "9920100", "flood")
        assert levels.officials(tx) == [replace(rain, level=4)]
        assert {area: c.after for area, c in levels.current(tx).items()} == {"9920100": 4, "9920200": 3}
        assert [c.after for c in levels.changes(tx, "9920100")] == [3, 4]
        assert [c.after for c in levels.changes(tx, since=now + MINUTE)] == [4]


def test_the_journal_says_each_happening_once(store: Store, now: datetime) -> None:
    keyed = JournalEntry(now, "level_changed", "jma", "2→3", "9920100", "x1", "level:1")
    loose = JournalEntry(now + MINUTE, "sign_in", "staff", "in")
    with store.write() as tx:
        assert [journal.add(tx, entry) for entry in (keyed, keyed, loose, loose)] == [True, False, True, True]
    with store.read() as tx:
        assert journal.entries(tx) == [loose, loose, keyed]
        assert journal.entries(tx, kinds=["level_changed"]) == [keyed]
        assert journal.entries(tx, since=now + MINUTE, limit=1) == [loose]


def test_the_pulse_of_a_source(store: Store, now: datetime) -> None:
    with store.write() as tx:
        pulse.failure(tx, "jma", now, "timeout")
        pulse.failure(tx, "jma", now + MINUTE, "refused")
        pulse.count_refusals(tx, "jma", 2, "Body: truncated")
    with store.read() as tx:
        (sick,) = pulse.sources(tx)
    assert (sick.last_success, sick.last_try, sick.failures, sick.failures_total) == (None, now + MINUTE, 2, 2)
    assert (sick.refusals, sick.last_reason) == (2, "Body: truncated")
    with store.write() as tx:
        pulse.success(tx, "jma", now + 2 * MINUTE, detail="304", long=True)
    with store.read() as tx:
        (well,) = pulse.sources(tx)
    assert (well.last_success, well.failures, well.failures_total, well.detail) == (now + 2 * MINUTE, 0, 2, "304")
    assert well.long_success == now + 2 * MINUTE


def test_heartbeats_of_several_workers(store: Store, now: datetime) -> None:
    with store.write() as tx:
        pulse.beat(tx, "web", "h:1", now, wall=now)
        pulse.beat(tx, "web", "h:2", now, wall=now + MINUTE)
        pulse.beat(tx, "web", "h:1", now + MINUTE, wall=now + MINUTE, note="hm")
    with store.read() as tx:
        assert {(b.worker, b.at, b.note) for b in pulse.heartbeats(tx)} == {
            ("h:1", now + MINUTE, "hm"),
            ("h:2", now, ""),
        }
    with store.write() as tx:
        pulse.beat(tx, "web", "h:3", now, wall=now + timedelta(hours=2))
    with store.read() as tx:
        assert [b.worker for b in pulse.heartbeats(tx)] == ["h:3"]


def test_a_lease_is_held_by_one(store: Store, now: datetime) -> None:
    span = timedelta(seconds=15)
    with store.write() as tx:
        assert pulse.take_lease(tx, "clock", "a", now, span)
        assert pulse.take_lease(tx, "clock", "a", now + span / 2, span)
        assert not pulse.take_lease(tx, "clock", "b", now + span, span)
        assert pulse.take_lease(tx, "clock", "b", now + 2 * span, span)
        pulse.drop_lease(tx, "clock", "a")
        assert not pulse.take_lease(tx, "clock", "a", now + 2 * span, span)
        pulse.drop_lease(tx, "clock", "b")
        assert pulse.take_lease(tx, "clock", "a", now + 2 * span, span)


def test_accounts(store: Store, now: datetime) -> None:
    with store.write() as tx:
        assert not staff.any_administrator(tx)
        assert staff.add(tx, "admin", "hash", "administrator", now)
        assert not staff.add(tx, "admin", "other", "administrator", now)
        assert staff.any_administrator(tx)
        assert staff.set_password(tx, "admin", "new", now)
        assert not staff.set_password(tx, "nobody", "new", now)
    with store.read() as tx:
        assert staff.find(tx, "admin") == staff.Account("admin", "new", "administrator", shown="admin")
        assert staff.find(tx, "nobody") is None
