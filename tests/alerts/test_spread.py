"""Alerts are spread to exactly whom they are for, once, whatever dies in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.alerts import holding, issuing, spread
from disaster_hub.alerts.late import LateComers
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.store import alerts, briefs, home_points, households, journal, outbox, spreading
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Audience, Because, Brief
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Home, Plan
from disaster_hub.terms.way import Word
from disaster_hub.terms.world import WorldKind
from tests.desk.alert_town import INSIDE, OUTSIDE, SQUARE, Folk, deliveries, keyring, order, settle
from tests.jobs.hub import config

MINUTE = timedelta(minutes=1)


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> Keyring:
    return keyring(tmp_path)


def issue(store: Store, alert: Alert) -> None:
    with store.write() as tx:
        assert issuing.issue(tx, alert, config(store.url), alert.decided_at)


def run(store: Store, keys: Keyring, now: datetime) -> None:
    Spreader(store, keys).run(Moment(now, now))


def reasons(store: Store, alert: str = "a1") -> dict[str, Because]:
    with store.read() as tx:
        return {one.household: one.because for one in alerts.told_to(tx, alert)}


def test_each_household_is_written_with_why_and_each_confirmed_channel_once(
    store: Store, keys: Keyring, now: datetime
) -> None:
    two = (("email", "a@example.jp"), ("line", "U1"))
    with store.write() as tx:
        chosen = settle(tx, keys, Folk(channels=two, unconfirmed=[("sms", "+81")]), now)
        mute = settle(tx, keys, Folk(channels=(), unconfirmed=[("email", "b@example.jp")]), now)
        dry = settle(tx, keys, Folk(hazards=()), now)
        away = settle(tx, keys, Folk(spot=OUTSIDE), now)
    issue(store, order(now, audience=Audience(SQUARE, hazards=frozenset({Hazard.FLOOD}))))
    run(store, keys, now)
    assert reasons(store) == {chosen: Because.CHOSEN, mute: Because.NO_CHANNEL, dry: Because.HAZARD}
    assert away not in reasons(store)
    rows = deliveries(store, "a1")
    assert [(row.channel, row.household, row.state, row.urgency) for row in rows] == [
        ("email", chosen, "due", 7), ("line", chosen, "due", 7),
    ]  # fmt: skip
    assert all(row.address.startswith("contact:") for row in rows)
    with store.read() as tx:
        one = alerts.find(tx, "a1")
        assert one is not None
        assert one.state is AlertState.SPREAD
        said = journal.entries(tx, kinds=["alert_spread"])[0]
    assert "送る世帯 1、届ける方法のない世帯 1" in said.what


def test_the_brief_is_frozen_and_the_token_opens_the_answer_page(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        home = settle(tx, keys, Folk(), now)
    issue(store, order(now))
    run(store, keys, now)
    token = briefs.answer_token(keys.key(home), "a1")
    assert len(token) == 22
    assert token.replace("-", "").replace("_", "").isalnum()
    with store.write() as tx:
        found = alerts.by_token(tx, briefs.token_hash(token))
        assert found is not None
        assert found.household == home
        assert found.sealed is not None
        assert alerts.by_token(tx, briefs.token_hash(token[::-1])) is None
        households.save(tx, keys, home, Plan(Home(OUTSIDE)), now)
    brief = briefs.opened_brief(keys.key(home), home, found.sealed)
    assert (brief.version, brief.word, brief.leave_at) == (1, Word.LEAVE_BY, now + 30 * MINUTE)


def test_it_goes_on_where_it_was_killed(
    store: Store, keys: Keyring, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "PART", 3)
    with store.write() as tx:
        homes = {settle(tx, keys, Folk(channels=[("email", f"{n}@example.jp")]), now) for n in range(10)}
    issue(store, order(now))
    real, calls = spreading.deliver, []

    def dies(*args: object) -> None:
        calls.append(1)
        if len(calls) % 2 == 0:
            raise KeyboardInterrupt
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(spreading, "deliver", dies)
    for _ in range(10):
        try:
            run(store, keys, now)
        except KeyboardInterrupt:
            continue
        break
    assert len(calls) > 4
    assert {row.household for row in deliveries(store, "a1")} == homes
    assert len(deliveries(store, "a1")) == 10
    assert set(reasons(store).values()) == {Because.CHOSEN}


def test_two_spreaders_at_once_write_each_delivery_once(
    store: Store, keys: Keyring, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "PART", 2)
    with store.write() as tx:
        for n in range(9):
            settle(tx, keys, Folk(channels=[("email", f"{n}@example.jp")]), now)
    issue(store, order(now))
    one, other = Spreader(store, keys, slice_s=0), Spreader(store, keys, slice_s=0)
    for _ in range(6):
        one.run(Moment(now, now))
        other.run(Moment(now, now))
    assert len(deliveries(store, "a1")) == 9


def test_what_is_urgent_is_spread_first(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        settle(tx, keys, Folk(), now)
    issue(store, order(now, id="low", urgency=4))
    issue(store, order(now + MINUTE, id="high", urgency=8, level=5))
    Spreader(store, keys, slice_s=0).run(Moment(now + MINUTE, now))
    assert deliveries(store, "high")
    assert not deliveries(store, "low")


def test_a_brief_of_another_state_names_no_minute(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        old = settle(tx, keys, Folk(cause="before"), now)
        new = settle(tx, keys, Folk(channels=[("line", "U1")], cause="state"), now)
        briefs.put_stand(tx, "before", now)
    issue(store, order(now))
    spreader = Spreader(store, keys, lambda _: "state")
    assert spreader.run(Moment(now, now)) == 0
    assert spreader.run(Moment(now, now + timedelta(seconds=14))) == 0
    assert spreader.run(Moment(now, now + timedelta(seconds=15))) == 2
    with store.read() as tx:
        briefs_told = {one.household: one.sealed for one in alerts.told_to(tx, "a1")}
    safe, sure = (_open(keys, home, briefs_told[home]) for home in (old, new))
    assert (safe.word, safe.leave_at, safe.until, safe.unsure) == (Word.LEAVE_NOW, None, now + 30 * MINUTE, True)
    assert (sure.word, sure.leave_at, sure.unsure) == (Word.LEAVE_BY, now + 30 * MINUTE, False)


def test_it_waits_no_longer_than_the_plans_do(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        settle(tx, keys, Folk(), now)
        briefs.put_stand(tx, "", now)
    issue(store, order(now))
    issue(store, order(now, id="up", level=5, urgency=6))
    spreader = Spreader(store, keys, lambda _: "state")
    assert spreader.run(Moment(now, now)) == 1, "level 5 names no minute and waits for nothing"
    with store.write() as tx:
        briefs.put_stand(tx, "state", now)
    assert spreader.run(Moment(now, now)) == 1


def test_who_stands_before_the_last_plan_that_is_right_waits_for_nobody(
    store: Store, keys: Keyring, now: datetime
) -> None:
    with store.write() as tx:
        homes = sorted(settle(tx, keys, Folk(channels=[("line", f"U{n}")], cause="before"), now) for n in range(4))
        briefs.put_stand(tx, "", now)
        briefs.put_so_far(tx, "state", homes[1], now)
    issue(store, order(now))
    spreader = Spreader(store, keys, lambda _: "state")
    assert spreader.run(Moment(now, now)) == 2
    assert set(reasons(store)) == set(homes[:2])
    with store.read() as tx:
        told = {one.household: one.sealed for one in alerts.told_to(tx, "a1")}
    assert all(_open(keys, home, told[home]).leave_at is not None for home in homes[:2]), (
        "what did not touch it is right"
    )
    with store.write() as tx:
        briefs.put_so_far(tx, "another", homes[3], now)
    assert spreader.run(Moment(now, now)) == 0, "right for another state is not right"
    with store.write() as tx:
        briefs.put_so_far(tx, "state", homes[2], now)
    assert spreader.run(Moment(now, now)) == 1
    assert spreader.run(Moment(now, now + timedelta(seconds=20))) == 1
    with store.read() as tx:
        last = next(one.sealed for one in alerts.told_to(tx, "a1") if one.household == homes[3])
    assert _open(keys, homes[3], last).unsure, "nobody knows whether its minute is right"


def test_a_plan_without_a_brief_is_told_in_general_words(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        home = settle(tx, keys, Folk(brief=False), now)
    issue(store, order(now, audience=Audience(SQUARE, hazards=frozenset({Hazard.SURGE}))))
    run(store, keys, now)
    with store.read() as tx:
        told = alerts.told(tx, "a1", home)
    assert told is not None
    assert told.because is Because.CHOSEN
    assert _open(keys, home, told.sealed).word is Word.NO_WAY_KNOWN


def test_a_household_whose_key_is_gone_stops_nobody(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        gone, there = settle(tx, keys, Folk(), now), settle(tx, keys, Folk(channels=[("line", "U1")]), now)
    keys.destroy(gone)
    issue(store, order(now))
    run(store, keys, now)
    assert reasons(store) == {gone: Because.UNREADABLE, there: Because.CHOSEN}


def test_an_automatic_alert_gives_way_to_what_was_told_already(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        told = settle(tx, keys, Folk(), now)
        new = settle(tx, keys, Folk(spot=replace(INSIDE, lon=139.83), channels=[("line", "U1")]), now)
    issue(store, order(now))
    run(store, keys, now)
    wide = Audience(SQUARE.buffer(0.1))
    auto = order(now + MINUTE, id="auto", kind=AlertKind.AUTOMATIC, audience=wide, rule="flood@1")
    issue(store, auto)
    run(store, keys, now + MINUTE)
    issue(store, replace(auto, id="higher", level=5, decided_at=now + 2 * MINUTE))
    run(store, keys, now + 2 * MINUTE)
    assert reasons(store, "auto") == {told: Because.DOUBLE, new: Because.CHOSEN}
    assert reasons(store, "higher") == {told: Because.CHOSEN, new: Because.CHOSEN}


def test_whoever_got_nothing_because_of_a_wrong_order_gets_the_automatic_one(
    store: Store, keys: Keyring, now: datetime
) -> None:
    with store.write() as tx:
        home = settle(tx, keys, Folk(), now)
    issue(store, order(now))
    run(store, keys, now)
    issue(store, order(now + MINUTE, id="auto", kind=AlertKind.AUTOMATIC, rule="flood@1"))
    run(store, keys, now + MINUTE)
    assert not deliveries(store, "auto")
    with store.write() as tx:
        issuing.cancel(tx, "a1", config(store.url), now + 2 * MINUTE, why="区域を間違えました", who="佐藤")
    late = LateComers(store, keys)
    late.run(now + 2 * MINUTE)
    assert reasons(store, "auto") == {home: Because.CHOSEN}
    assert len(deliveries(store, "auto")) == 1
    assert late.run(now + 3 * MINUTE) == 0


def test_a_late_comer_gets_the_order_in_force_once(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        mute = settle(tx, keys, Folk(channels=(), unconfirmed=[("email", "a@example.jp")]), now)
        home = settle(tx, keys, Folk(channels=[("line", "U1")]), now)
    issue(store, order(now))
    run(store, keys, now)
    late = LateComers(store, keys)
    late.run(now)
    then = now + 5 * MINUTE
    with store.write() as tx:
        new = settle(tx, keys, Folk(channels=[("line", "U2")]), then)
        settle(tx, keys, Folk(spot=OUTSIDE, channels=[("line", "U3")]), then)
        households.confirm_contact(tx, keys, mute, households.contacts(tx, keys, mute)[0].id, then)
        more = households.add_contact(tx, keys, home, "email", "c@example.jp", then)
        households.confirm_contact(tx, keys, home, more, then)
    assert late.run(then) == 3
    assert late.run(then + MINUTE) == 0
    assert LateComers(store, keys).run(then + MINUTE) == 0, "what it remembers can be lost"
    found = [(row.household, row.channel) for row in deliveries(store, "a1")]
    assert sorted(found) == sorted([(mute, "email"), (home, "line"), (home, "email"), (new, "line")])
    with store.read() as tx:
        before = alerts.before(tx, mute)
    assert [(one.because, one.at) for one in before] == [(Because.NO_CHANNEL, now)]
    assert reasons(store)[mute] is Because.CHOSEN


def test_who_saves_a_plan_on_a_machine_whose_clock_is_behind_comes_late_too(
    store: Store, keys: Keyring, now: datetime
) -> None:
    issue(store, order(now))
    run(store, keys, now)
    with store.write() as tx:
        new = settle(tx, keys, Folk(), now - 2 * MINUTE)
    late = LateComers(store, keys)
    assert late.run(now + MINUTE) == 1
    assert late.run(now + 2 * MINUTE) == 0
    assert reasons(store) == {new: Because.CHOSEN}


def test_nobody_comes_late_to_what_is_over(store: Store, keys: Keyring, now: datetime) -> None:
    issue(store, order(now))
    run(store, keys, now)
    with store.write() as tx:
        issuing.lift(tx, "a1", config(store.url), now + MINUTE, why="水位が下がりました", who="佐藤")
        settle(tx, keys, Folk(), now + 2 * MINUTE)
    assert LateComers(store, keys).run(now + 2 * MINUTE) == 0


def test_an_alert_that_has_expired_is_spread_no_further(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        settle(tx, keys, Folk(), now)
    issue(store, order(now))
    run(store, keys, now + timedelta(hours=6))
    assert not deliveries(store, "a1")


def test_an_alert_of_another_world_or_without_time_is_refused(store: Store, now: datetime) -> None:
    with store.write() as tx:
        with pytest.raises(BadInput, match="world"):
            issuing.issue(tx, order(now, world=WorldKind.REAL), config(store.url), now)
        with pytest.raises(BadInput, match="expire"):
            issuing.issue(tx, order(now, expires_at=now), config(store.url), now)
        assert alerts.since(tx, now - MINUTE) == []


def test_the_same_alert_twice_is_one(store: Store, now: datetime) -> None:
    issue(store, order(now))
    with store.write() as tx:
        assert not issuing.issue(tx, order(now), config(store.url), now)
        assert len(journal.entries(tx, kinds=["alert_decided"])) == 1


def test_who_moves_away_while_it_spreads_is_looked_at_again(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        stays, goes = settle(tx, keys, Folk(), now), settle(tx, keys, Folk(), now)
        found = home_points.within(tx, SQUARE).inside(SQUARE)
        households.save(tx, keys, goes, Plan(Home(OUTSIDE)), now)
        held = holding.look(tx, keys, order(now), found, now)
    assert {one.home.id: one.reason for one in held} == {stays: Because.CHOSEN, goes: Because.OUTSIDE}


def _open(keys: Keyring, home: str, sealed: bytes | None) -> Brief:
    assert sealed is not None
    return briefs.opened_brief(keys.key(home), home, sealed)


def test_an_alert_that_cannot_be_spread_keeps_no_other_and_the_staff_hears_of_it(
    store: Store, keys: Keyring, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.write() as tx:
        home = settle(tx, keys, Folk(), now)
        for name, urgency in (("a1", 8), ("a2", 7)):
            issuing.issue(tx, order(now, id=name, urgency=urgency), config(store.url), now)
    real = spread.hold

    def broken(tx: Any, ring: Any, alert: Any, *more: Any) -> None:
        if alert.id == "a1":
            raise ValueError("a shape that nobody can read")
        real(tx, ring, alert, *more)

    monkeypatch.setattr(spread, "hold", broken)
    spreader = Spreader(store, keys, config=config(store.url))
    for _ in range(2):
        spreader.run(Moment(now, now))
    assert [row.household for row in deliveries(store, "a2")] == [home]
    with store.read() as tx:
        assert len(journal.entries(tx, kinds=["alert_refused"])) == 1
        assert outbox.channels_due(tx) == ["console", "email"]
    monkeypatch.setattr(spread, "hold", real)
    spreader.run(Moment(now, now))
    assert [row.household for row in deliveries(store, "a1")] == [home], "it goes on as soon as it can"


def test_where_nobody_can_say_the_present_state_the_order_goes_out_without_a_minute(
    store: Store, keys: Keyring, now: datetime
) -> None:
    with store.write() as tx:
        home = settle(tx, keys, Folk(), now)
        briefs.put_stand(tx, "state", now)
    issue(store, order(now))

    def broken(_: datetime) -> str:
        raise ValueError("a road that nobody can read")

    spreader = Spreader(store, keys, broken)
    spreader.run(Moment(now, now))
    assert deliveries(store, "a1") == []
    spreader.run(Moment(now, now + spread.PATIENCE))
    assert [row.household for row in deliveries(store, "a1")] == [home]
    with store.read() as tx:
        told = alerts.told(tx, "a1", home)
    assert told is not None
    assert told.sealed is not None
    assert briefs.opened_brief(keys.key(home), home, told.sealed).word is Word.LEAVE_NOW


def test_an_alert_whose_world_was_changed_behind_our_back_goes_to_nobody(
    store: Store, keys: Keyring, now: datetime
) -> None:
    with store.write() as tx:
        settle(tx, keys, Folk(), now)
    issue(store, order(now))
    with store.write() as tx:
        tx.exec_driver_sql("UPDATE alert SET world = 'real'")
    run(store, keys, now)
    run(store, keys, now)
    assert deliveries(store, "a1") == []
    with store.read() as tx:
        assert [one.because for one in journal.entries(tx, kinds=["alert_refused"])] == ["a1"]
