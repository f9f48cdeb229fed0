"""Who has not answered: whose minutes run out first, whom nothing reached, and that not known is never safe."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import inf
from pathlib import Path

import pytest
from shapely import box
from sqlalchemy import insert, update

from disaster_hub.alerts.unanswered import Unanswered
from disaster_hub.rules.unanswered import Window
from disaster_hub.store import alerts, briefs, households, places
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.store.tables import delivery, notice
from disaster_hub.terms.alert import AlertKind, Because
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Need
from disaster_hub.terms.place import Feature
from disaster_hub.terms.way import Word
from tests.desk.unheard import LAT, LON, brief, home, order, say, tell

WORDS = ("left", "arrived", "help", "staying")


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> Iterator[Keyring]:
    made = Keyring.open(tmp_path / "keys")
    yield made
    made.close()


def m(now: datetime, minutes: float) -> datetime:
    return now + timedelta(minutes=minutes)


def test_least_minutes_first_and_not_known_never_last(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        late = home(tx, keys, now, brief(at=m(now, 50)), 1)
        soon = home(tx, keys, now, brief(at=m(now, 7)), 2)
        over = home(tx, keys, now, brief(at=m(now, -3)), 3)
        bare = home(tx, keys, now, None, 4)
        level = home(tx, keys, now, brief(Word.LEAVE_AT_LEVEL), 5)
        stays = home(tx, keys, now, brief(Word.STAY), 6)
        up = home(tx, keys, now, brief(Word.GO_UP), 7)
        alert = order(tx, now)
        tell(tx, keys, alert, [late, soon, over, bare, level, stays, up])
    with store.read() as tx:
        board = Unanswered(keys).board(tx, now)
    found = [one.household for one in board.rows]
    assert found[0] == up
    assert found[1] == over
    assert set(found[2:4]) == {bare, level}, "nobody can say a minute: as urgent as one that is just over"
    assert found[4:] == [soon, late, stays]
    assert board.buckets() == {"shut": 2, "not_known": 2, "closing": 1, "open": 1, "stays": 1}
    least = board.least()
    assert least is not None
    assert least.household in {bare, level}


def test_a_shut_window_keeps_the_minute_that_they_were_told(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        first = home(tx, keys, now, brief(at=m(now, 10)), 1)
        second = home(tx, keys, now, brief(at=m(now, 20)), 2)
        tell(tx, keys, order(tx, now), [second, first])
        for name in (first, second):
            briefs.put(tx, keys, name, brief(Word.GO_UP))
    with store.read() as tx:
        board = Unanswered(keys).board(tx, m(now, 30))
    assert [(one.household, one.minute) for one in board.rows] == [(first, m(now, 10)), (second, m(now, 20))]
    assert {one.window(board.now) for one in board.rows} == {Window.SHUT}


def test_only_a_floor_known_to_be_safe_makes_going_up_no_emergency(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        fine, unsure, late = (
            home(tx, keys, now, said, n)
            for n, said in enumerate(
                (brief(Word.GO_UP, upstairs_ok=True), brief(Word.GO_UP), brief(at=m(now, 5), upstairs_ok=True))
            )
        )
        tell(tx, keys, order(tx, now), [fine, unsure, late])
        briefs.put(tx, keys, late, brief(Word.GO_UP, upstairs_ok=True))
    with store.read() as tx:
        rows = Unanswered(keys).board(tx, m(now, 10)).rows
    windows = [(one.household, one.window(m(now, 10))) for one in rows]
    assert windows == [(unsure, Window.SHUT), (late, Window.SHUT), (fine, Window.STAYS)]


def test_answers_take_off_the_board_and_help_stands_above(store: Store, keys: Keyring, now: datetime) -> None:
    unanswered = Unanswered(keys)
    with store.write() as tx:
        names = [home(tx, keys, now, brief(at=m(now, 10 + n)), n) for n in range(5)]
        alert = order(tx, now)
        tell(tx, keys, alert, names)
    with store.read() as tx:
        assert [one.household for one in unanswered.board(tx, now).rows] == names
    with store.write() as tx:
        for name, word in zip(names, WORDS, strict=False):
            say(tx, alert, name, word, m(now, 1))
    with store.read() as tx:
        board = unanswered.board(tx, m(now, 2))
    assert [one.household for one in board.rows] == [names[4]]
    assert [one.household for one in board.help] == [names[2]]
    assert board.answered == {"left": 1, "arrived": 1, "help": 1, "staying": 1}
    with store.write() as tx:
        say(tx, alert, names[2], "arrived", m(now, 3))
    with store.read() as tx:
        assert unanswered.board(tx, m(now, 4)).help == []


def test_staying_at_level_3_is_no_answer_to_level_4_and_having_left_is(
    store: Store, keys: Keyring, now: datetime
) -> None:
    with store.write() as tx:
        stayed, left = (home(tx, keys, now, brief(at=m(now, 90)), n) for n in range(2))
        first = order(tx, now, level=3)
        tell(tx, keys, first, [stayed, left])
        say(tx, first, stayed, "staying", m(now, 1))
        say(tx, first, left, "left", m(now, 1))
        second = order(tx, m(now, 30), level=4)
        tell(tx, keys, second, [stayed, left])
    with store.read() as tx:
        board = Unanswered(keys).board(tx, m(now, 31))
    assert [(one.household, one.alert) for one in board.rows] == [(stayed, second.id)]
    assert board.answered == {"left": 1}, "who is asked again stands among the rows, and is not counted twice"
    assert board.asked == len(board.rows) + sum(board.answered.values())


def test_what_is_over_asks_nobody(store: Store, keys: Keyring, now: datetime) -> None:
    unanswered = Unanswered(keys)
    with store.write() as tx:
        name = home(tx, keys, now, brief(at=m(now, 90)))
        wrong, lifted, low, told = (order(tx, now) for _ in range(2)), order(tx, now), None, None
        for one in wrong:
            tell(tx, keys, one, [name])
            alerts.cancelled(tx, one.id)
        tell(tx, keys, lifted, [name])
        low = order(tx, now, kind=AlertKind.AUTOMATIC, level=2)
        told = order(tx, now, kind=AlertKind.INFORMATION, level=None)
        for one in (low, told):
            tell(tx, keys, one, [name])
    with store.read() as tx:
        assert [one.root for one in unanswered.board(tx, m(now, 1)).rows] == [lifted.id]
    with store.write() as tx:
        order(tx, m(now, 5), kind=AlertKind.LIFT, earlier=lifted.id, expires_at=m(now, 6))
    with store.read() as tx:
        assert not unanswered.board(tx, m(now, 5)).asking
        assert not unanswered.board(tx, m(now, 60)).asking, "it does not come back when the lift's own time has passed"


def test_a_lift_of_one_area_leaves_the_others_on_the_board(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        here, there = (home(tx, keys, now, brief(at=m(now, 90)), n) for n in range(2))
        both = order(tx, now, areas=("N", "S"))
        tell(tx, keys, both, [here, there])
        lift = order(tx, m(now, 5), kind=AlertKind.LIFT, earlier=both.id, areas=("S",))
        tell(tx, keys, lift, [there])
    with store.read() as tx:
        assert [one.household for one in Unanswered(keys).board(tx, m(now, 6)).rows] == [here]


def test_an_update_makes_no_second_line(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        name = home(tx, keys, now, brief(at=m(now, 90)))
        first = order(tx, now)
        tell(tx, keys, first, [name])
        second = order(tx, m(now, 5), kind=AlertKind.UPDATE, earlier=first.id, revision=2)
        tell(tx, keys, second, [name])
    with store.read() as tx:
        board = Unanswered(keys).board(tx, m(now, 6))
    assert [(one.alert, one.root) for one in board.rows] == [(second.id, first.id)]
    assert board.asked == 1


def test_whom_nothing_reached_is_marked_and_stands_first_of_its_minute(
    store: Store, keys: Keyring, now: datetime
) -> None:
    with store.write() as tx:
        names = [home(tx, keys, now, brief(at=m(now, 20)), n) for n in range(4)]
        alert = order(tx, now)
        tell(tx, keys, alert, names[:3])
        tell(tx, keys, alert, names[3:], Because.NO_CHANNEL)
        row = {
            "key": f"alert:{alert.id}", "world": "replay", "kind": "alert", "headline": "", "text": "",
            "decided_at": now, "expires_at": m(now, 60), "urgency": 7, "alert": alert.id,
        }  # fmt: skip
        number = tx.execute(insert(notice).values(**row).returning(notice.c.id)).scalar_one()
        same = {"notice_id": number, "urgency": 7, "due_at": now, "tries": 1}
        for n, (channel, state) in enumerate(
            [("email", "refused"), ("line", "expired"), ("email", "refused"), ("line", "sent"), ("email", "due")]
        ):
            more = {"channel": channel, "state": state, "address": f"contact:{n}", "household": names[n // 2]}
            tx.execute(insert(delivery).values(**same, **more))
    with store.read() as tx:
        board = Unanswered(keys).board(tx, m(now, 1))
    marked = [one.household for one in board.rows if one.unreached]
    assert set(marked) == {names[0], names[3]}
    assert [one.household for one in board.rows[:2]] == marked
    assert board.unreached == 2


def test_a_channel_that_goes_on_failing_reached_nobody_though_it_is_tried_again(
    store: Store, keys: Keyring, now: datetime
) -> None:
    unanswered = Unanswered(keys)
    with store.write() as tx:
        names = [home(tx, keys, now, brief(at=m(now, 20)), n) for n in range(2)]
        alert = order(tx, now)
        tell(tx, keys, alert, names)
        row = {
            "key": f"alert:{alert.id}", "world": "replay", "kind": "alert", "headline": "", "text": "",
            "decided_at": now, "expires_at": m(now, 60), "urgency": 7, "alert": alert.id,
        }  # fmt: skip
        number = tx.execute(insert(notice).values(**row).returning(notice.c.id)).scalar_one()
        for n, name in enumerate(names):
            sent = {"channel": "email", "state": "due", "address": f"contact:{n}", "household": name, "tries": 0}
            tx.execute(insert(delivery).values(notice_id=number, urgency=7, due_at=now, **sent))
    with store.read() as tx:
        assert unanswered.board(tx, m(now, 1)).unreached == 0
    with store.write() as tx:
        tx.execute(update(delivery).where(delivery.c.household == names[1]).values(tries=2))
    with store.read() as tx:
        board = unanswered.board(tx, m(now, 2))
    assert [one.household for one in board.rows if one.unreached] == [names[1]]


def test_areas_are_counted_and_a_deleted_household_is_gone(store: Store, keys: Keyring, now: datetime) -> None:
    unanswered = Unanswered(keys)
    with store.write() as tx:
        shape = box(LON - 0.001, LAT - 0.001, LON + 0.00045, LAT + 0.001)
        places.replace(tx, "blocks", "own:x", [Feature("blocks", "1", shape, {"code": "N", "name": "北部"})])
        names = [home(tx, keys, now, brief(at=m(now, 20)), n) for n in range(8)]
        tell(tx, keys, order(tx, now), names)
    with store.read() as tx:
        board = unanswered.board(tx, now)
    assert board.areas == {"N": 5, "": 3}
    assert len(board.of("N")) == 5
    assert board.names["N"] == "北部"
    with store.write() as tx:
        households.delete(tx, keys, names[0], m(now, 1))
    with store.read() as tx:
        board = unanswered.board(tx, m(now, 1))
    assert board.asked == 7
    assert names[0] not in {one.household for one in board.rows}


def test_a_home_in_several_areas_stands_under_the_one_of_its_order(store: Store, keys: Keyring, now: datetime) -> None:
    shape = box(LON - 0.001, LAT - 0.001, LON + 0.01, LAT + 0.001)
    rows = [("A", "内水", "inland"), ("B", "斜面", "landslide"), ("N", "北部", "flood"), ("Z", "川の全部", "flood")]
    with store.write() as tx:
        found = [
            Feature("blocks", code, shape, {"code": code, "name": name, "hazards": what}) for code, name, what in rows
        ]
        places.replace(tx, "blocks", "own:x", found)
        names = [home(tx, keys, now, brief(at=m(now, 20)), n) for n in range(3)]
        tell(tx, keys, order(tx, now, areas=("Z",)), names[:1])
        tell(tx, keys, order(tx, now, areas=("river",)), names[1:2])
        tell(tx, keys, order(tx, now, areas=("city",), hazard=Hazard.LANDSLIDE), names[2:])
    with store.read() as tx:
        board = Unanswered(keys).board(tx, now)
    assert {one.household: one.area for one in board.rows} == dict(zip(names, "ZNB", strict=True)), (
        "the area that was named, else one for the alert's hazard"
    )


def slack(said: tuple[Word, datetime | None] | None, told: datetime | None, now: datetime) -> float:
    """Reckon the slack again, in another way than the board."""
    if said is None:
        return 0.0
    word, at = said
    if word is Word.STAY:
        return inf
    if word is Word.GO_UP:
        return -inf if told is None else min((told - now).total_seconds(), -1.0)
    if at is None:
        return 0.0
    left = (at - now).total_seconds()
    return left if left > 0 else min(left, -1.0)


@pytest.mark.parametrize("seed", range(4))
def test_at_each_tick_the_top_row_has_the_least_slack(
    sqlite_store: Store, keys: Keyring, now: datetime, seed: int
) -> None:
    """Replay a night of answers, new minutes and new orders; look with one board that lives all night."""
    dice, store, unanswered = random.Random(seed), sqlite_store, Unanswered(keys)
    truth: dict[str, tuple[Word, datetime | None] | None] = {}
    told: dict[str, datetime | None] = {}
    waiting: set[str] = set()
    calling: set[str] = set()
    with store.write() as tx:
        for n in range(60):
            word = dice.choice([Word.LEAVE_BY] * 6 + [Word.LEAVE_NOW, Word.LEAVE_AT_LEVEL, Word.STAY, Word.GO_UP])
            at = m(now, dice.randrange(1, 240)) if word is Word.LEAVE_BY else None
            said = brief(word, at, needs=(Need.ELDER,) if n % 7 == 0 else ())
            name = home(tx, keys, now, None if n % 11 == 0 else said, n)
            truth[name] = None if n % 11 == 0 else (word, at)
            told[name] = at if n % 11 else None
        alert = order(tx, now)
        tell(tx, keys, alert, list(truth))
        waiting = set(truth)
    for tick in range(60):
        moment = m(now, 3 * tick)
        with store.write() as tx:
            for name in dice.sample(sorted(truth), 3):
                word = dice.choice(WORDS)
                say(tx, alert, name, word, moment)
                waiting.discard(name)
                (calling.add if word == "help" else calling.discard)(name)
            name = dice.choice(sorted(truth))
            fresh = (Word.GO_UP, None) if dice.random() < 0.3 else (Word.LEAVE_BY, m(now, dice.randrange(1, 240)))
            briefs.put(tx, keys, name, brief(*fresh))
            truth[name] = fresh
        with store.read() as tx:
            board = unanswered.board(tx, moment)
        assert {one.household for one in board.rows} == waiting
        assert {one.household for one in board.help} == calling
        if waiting:
            least = min(slack(truth[name], told[name], moment) for name in waiting)
            assert slack(truth[board.rows[0].household], told[board.rows[0].household], moment) == least
            order_ = [slack(truth[one.household], told[one.household], moment) for one in board.rows]
            assert order_ == sorted(order_)
    assert len(waiting) < len(truth)
