"""Said once: an order always goes; what no person decided says nothing again, and never too little."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from disaster_hub.alerts import issuing, ledger, ledger_words, once
from disaster_hub.alerts.late import LateComers
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.store import alerts, notice_rules, outbox
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Alert, AlertKind, Audience, Because
from disaster_hub.terms.hazard import Hazard
from tests.desk.alert_town import SQUARE, Folk, deliveries, keyring, order, settle
from tests.jobs.hub import config

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
AT = datetime(2026, 9, 18, tzinfo=UTC)
GAUGES = """
[[rule]]
id = "{mark}"
title = "みなも橋"
hazard = "flood"
along = {{ km = 3, metres = 300 }}
when = {{ kind = "gauge", station = "g1", threshold = {said} }}
"""


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> Keyring:
    return keyring(tmp_path)


@pytest.fixture(name="home")
def a_home(store: Store, keys: Keyring, now: datetime) -> str:
    """Let one household live here, and the town have a rule for each of three marks of one gauge."""
    marks = (("danger", '"danger"'), ("judgement", '"judgement"'), ("metres", "4.2"))
    text = "".join(GAUGES.format(mark=mark, said=said) for mark, said in marks)
    with store.write() as tx:
        notice_rules.add(tx, text, "当直", "はじめ", now)
        return settle(tx, keys, Folk(), now)


def automatic(now: datetime, level: int | None = 4, **more: Any) -> Alert:
    """Give the notice of an office's level."""
    given: dict[str, Any] = {"id": "auto", "kind": AlertKind.AUTOMATIC, "level": level, "rule": "river@1", "urgency": 6}
    return order(now, **given | more)


def gauge(now: datetime, mark: str = "danger", **more: Any) -> Alert:
    """Give the notice of a gauge at one of its marks."""
    said = {"id": mark, "level": None, "rule": f"{mark}@1", "evidence": f"gauge:g1:{now.isoformat()}", "urgency": 7}
    return automatic(now, **said | more)


def issue(store: Store, *given: Alert) -> None:
    with store.write() as tx:
        for one in given:
            assert issuing.issue(tx, one, config(store.url), one.decided_at)


def run(store: Store, keys: Keyring, now: datetime) -> None:
    """Spread what waits; what had to wait for another goes on at the next look."""
    for _ in range(2):
        Spreader(store, keys).run(Moment(now, now))


def came(store: Store, *given: str) -> list[str]:
    """Name which of these alerts have something for anybody."""
    return [name for name in given if deliveries(store, name)]


def agreed(store: Store, keys: Keyring, home: str, at: datetime) -> dict[str, Because | None]:
    """Give what the ledger says; it must say the same when it reckons again."""
    with store.read() as tx:
        found = ledger.account(tx, keys, home, at)
    assert ledger.disagreeing(found.lines) == []
    return {line.alert.id: line.reason for line in found.lines}


def settled(store: Store, now: datetime, outcome: str, alert: str) -> None:
    """Let the post end whatever waits of an alert in one way."""
    with store.write() as tx:
        batch = outbox.claim(tx, now, wall=now, lease=MINUTE, limit=99, worker="p")
        for one in batch:
            mine = one.notice.alert == alert
            outbox.settle(tx, one.id, outcome if mine else "later", "x", now, "p", wall=now, again=timedelta(0))


@pytest.mark.parametrize("first", [0, 1])
def test_of_a_level_a_gauge_and_an_order_at_once_the_order_alone_goes(
    store: Store, keys: Keyring, home: str, now: datetime, first: int
) -> None:
    three = [automatic(now), gauge(now), order(now + SECOND)]
    issue(store, *(reversed(three) if first else three))
    run(store, keys, now + SECOND)
    run(store, keys, now + 2 * SECOND)
    assert came(store, "a1", "auto", "danger") == ["a1"]
    assert agreed(store, keys, home, now + MINUTE) == {
        "a1": Because.CHOSEN, "auto": Because.DOUBLE, "danger": Because.DOUBLE,
    }  # fmt: skip
    with store.read() as tx:
        said = ledger_words.told(ledger.account(tx, keys, home, now + MINUTE))
    assert [one.verdict for one in said if not one.came] == ["重ねて送りませんでした"] * 2


def test_an_order_goes_at_once_whatever_was_said_before(store: Store, keys: Keyring, home: str, now: datetime) -> None:
    issue(store, automatic(now, 5), gauge(now))
    run(store, keys, now)
    issue(store, order(now + SECOND, level=3, urgency=6))
    run(store, keys, now + SECOND)
    assert [row.household for row in deliveries(store, "a1")] == [home]


def test_of_a_gauge_and_a_level_at_once_the_office_speaks(
    store: Store, keys: Keyring, home: str, now: datetime
) -> None:
    issue(store, gauge(now), automatic(now))
    run(store, keys, now)
    assert came(store, "auto", "danger") == ["auto"]
    assert agreed(store, keys, home, now)["danger"] is Because.DOUBLE


def test_a_gauge_that_says_more_than_the_level_goes_and_the_level_too(
    store: Store, keys: Keyring, home: str, now: datetime
) -> None:
    issue(store, gauge(now), automatic(now, 3))
    run(store, keys, now)
    assert came(store, "auto", "danger") == ["auto", "danger"]
    assert set(agreed(store, keys, home, now).values()) == {Because.CHOSEN}


def test_of_two_marks_of_one_gauge_at_once_the_higher_goes(
    store: Store, keys: Keyring, home: str, now: datetime
) -> None:
    issue(store, gauge(now, "judgement"), gauge(now, "danger"))
    run(store, keys, now)
    assert came(store, "danger", "judgement") == ["danger"]
    assert agreed(store, keys, home, now)["judgement"] is Because.DOUBLE


def test_two_gauges_are_two_happenings(store: Store, keys: Keyring, home: str, now: datetime) -> None:
    assert home
    issue(store, gauge(now), gauge(now, "judgement", evidence="gauge:g2:x"))
    run(store, keys, now)
    assert came(store, "danger", "judgement") == ["danger", "judgement"]


def test_two_rules_that_say_the_same_at_once_never_wait_for_each_other(
    store: Store, keys: Keyring, home: str, now: datetime
) -> None:
    issue(store, automatic(now, id="one"), automatic(now, id="two"))
    run(store, keys, now)
    assert came(store, "one", "two") == ["one"]
    assert agreed(store, keys, home, now) == {"one": Because.CHOSEN, "two": Because.DOUBLE}


def test_a_mark_that_nobody_can_weigh_is_kept_back_by_level_5_alone(
    store: Store, keys: Keyring, home: str, now: datetime
) -> None:
    assert home
    issue(store, order(now), gauge(now, "metres"))
    run(store, keys, now)
    assert came(store, "metres") == ["metres"]
    issue(store, order(now + MINUTE, id="last", level=5, urgency=8), gauge(now + MINUTE, "metres", id="again"))
    run(store, keys, now + MINUTE)
    assert came(store, "last", "again") == ["last"]


def test_a_gauge_is_news_again_after_a_while(store: Store, keys: Keyring, home: str, now: datetime) -> None:
    issue(store, order(now))
    run(store, keys, now)
    later = now + once.NEWS + SECOND
    issue(store, gauge(later), automatic(later))
    run(store, keys, later)
    assert came(store, "danger", "auto") == ["danger"], "a level is told already as long as the order is in force"
    assert agreed(store, keys, home, later)["auto"] is Because.DOUBLE


@pytest.mark.parametrize(
    "other",
    [
        {"level": 3}, {"hazard": Hazard.LANDSLIDE}, {"hazard": None},
        {"audience": Audience(SQUARE.buffer(-0.009).difference(SQUARE.buffer(-0.0095)))},
        {"audience": Audience(leave_levels=frozenset({4}))},
    ],
)  # fmt: skip
def test_what_is_lower_of_another_hazard_or_for_others_keeps_nothing_back(
    store: Store, keys: Keyring, home: str, now: datetime, other: dict[str, Any]
) -> None:
    issue(store, order(now, **other), automatic(now), gauge(now, "danger", evidence="gauge:g1:x", hazard=Hazard.SURGE))
    run(store, keys, now)
    assert came(store, "auto", "danger") == ["auto", "danger"]
    assert agreed(store, keys, home, now)["auto"] is Because.CHOSEN


def test_what_was_refused_or_has_expired_keeps_nothing_back(
    store: Store, keys: Keyring, home: str, now: datetime
) -> None:
    issue(store, order(now))
    run(store, keys, now)
    settled(store, now + SECOND, "refused", "a1")
    issue(store, automatic(now + MINUTE))
    run(store, keys, now + MINUTE)
    assert came(store, "auto") == ["auto"]
    issue(store, order(now + 2 * MINUTE, id="short", expires_at=now + 3 * MINUTE))
    run(store, keys, now + 2 * MINUTE)
    issue(store, automatic(now + 4 * MINUTE, id="later", hazard=Hazard.FLOOD, level=5))
    run(store, keys, now + 4 * MINUTE)
    assert came(store, "short", "later") == ["short", "later"]
    assert agreed(store, keys, home, now + 5 * MINUTE)["auto"] is Because.CHOSEN


def test_who_was_spared_one_and_never_got_the_other_gets_it_after_all(
    store: Store, keys: Keyring, home: str, now: datetime
) -> None:
    with store.write() as tx:
        lucky = settle(tx, keys, Folk(channels=[("line", "U1")]), now)
    issue(store, order(now), automatic(now))
    run(store, keys, now)
    late = LateComers(store, keys)
    late.run(now)
    assert came(store, "auto") == []
    with store.write() as tx:
        batch = outbox.claim(tx, now, wall=now, lease=MINUTE, limit=9, worker="p")
        for one in batch:
            how = "sent" if one.household == lucky else "refused"
            outbox.settle(tx, one.id, how, "x", now + SECOND, "p", wall=now)
    late.run(now + MINUTE)
    late.run(now + 2 * MINUTE)
    assert [row.household for row in deliveries(store, "auto")] == [home]
    assert agreed(store, keys, home, now + SECOND / 2)["auto"] is Because.DOUBLE
    assert agreed(store, keys, home, now + 3 * MINUTE)["auto"] is Because.CHOSEN
    assert agreed(store, keys, lucky, now + 3 * MINUTE)["auto"] is Because.DOUBLE


def test_a_late_comer_too_hears_it_once(store: Store, keys: Keyring, now: datetime) -> None:
    issue(store, order(now))
    run(store, keys, now)
    issue(store, automatic(now + MINUTE), automatic(now + 2 * MINUTE, 3, id="less"))
    run(store, keys, now + 2 * MINUTE)
    with store.write() as tx:
        new = settle(tx, keys, Folk(), now + 3 * MINUTE)
    LateComers(store, keys).run(now + 3 * MINUTE)
    assert came(store, "a1", "auto", "less") == ["a1"]
    assert agreed(store, keys, new, now + 4 * MINUTE)["auto"] is Because.DOUBLE


@pytest.mark.parametrize("later", [order(AT, level=3), automatic(AT, 3), gauge(AT, "judgement"), gauge(AT, "metres")])
def test_a_late_comer_hears_of_the_graver_danger_whatever_lesser_was_said_after_it(
    store: Store, keys: Keyring, now: datetime, later: Alert
) -> None:
    later = replace(later, id="later", decided_at=now + MINUTE, expires_at=now + timedelta(hours=6))
    issue(store, automatic(now, 4), later)
    run(store, keys, now + MINUTE)
    with store.write() as tx:
        new = settle(tx, keys, Folk(), now + 3 * MINUTE)
    late = LateComers(store, keys)
    late.run(now + 3 * MINUTE)
    late.run(now + 4 * MINUTE)
    assert [row.household for row in deliveries(store, "auto")] == [new]
    assert agreed(store, keys, new, now + 5 * MINUTE)["auto"] is Because.CHOSEN


def test_one_that_cannot_go_on_keeps_no_other_back_for_ever(
    store: Store, keys: Keyring, home: str, now: datetime
) -> None:
    issue(store, order(now), automatic(now))
    with store.write() as tx:
        stuck = alerts.find(tx, "a1")
        assert stuck is not None
        assert once.waits([stuck], tx, now + MINUTE)
        assert not once.waits([stuck], tx, now + once.LONGEST_WAIT)
        assert once.told(tx, [stuck], [home], now + once.LONGEST_WAIT) == set()


def test_where_there_is_nothing_to_fold_no_household_is_asked_about(
    sqlite_store: Store, keys: Keyring, now: datetime
) -> None:
    store = sqlite_store
    with store.write() as tx:
        homes = [settle(tx, keys, Folk(channels=[("email", f"{n}@example.jp")]), now).encode() for n in range(3)]
    said: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    with store.read() as tx:
        event.listen(tx.engine, "before_cursor_execute", note)
        try:
            assert (
                once.told(tx, once.before(tx, automatic(now), [], now), [one.decode() for one in homes], now) == set()
            )
            assert said == []
            wrong = replace(order(now), hazard=Hazard.SURGE)
            assert once.before(tx, automatic(now), [wrong], now) == []
            assert said == []
        finally:
            event.remove(tx.engine, "before_cursor_execute", note)


def test_the_order_among_automatic_ones_is_strict(store: Store, now: datetime, home: str) -> None:
    assert home
    every = [
        automatic(now, level, id=f"l{level}{n}") for level in (3, 4, 5) for n in range(2)
    ] + [gauge(now, mark, id=f"{mark}{n}") for mark in ("danger", "judgement", "metres") for n in range(2)]  # fmt: skip
    with store.read() as tx:
        first = {one.id: {other.id for other in once.before(tx, one, every, now)} for one in every}
    assert _acyclic(first)


def _acyclic(first: dict[str, set[str]]) -> bool:
    """Take away whatever waits for nothing, again and again; in a circle something would be left."""
    left = dict(first)
    while free := [name for name, others in left.items() if not _some(others, left)]:
        for name in free:
            del left[name]
    return not left


def _some(others: Iterable[str], left: dict[str, set[str]]) -> bool:
    return any(name in left for name in others)
