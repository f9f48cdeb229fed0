"""Orders that were raised, lowered or lifted: nothing of them goes out any more, and they keep nothing else back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import shapely

from disaster_hub.alerts import issuing, ledger
from disaster_hub.alerts.late import LateComers
from disaster_hub.alerts.plan_updates import PlanUpdates
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.alerts.unanswered import Unanswered
from disaster_hub.config import Config
from disaster_hub.desk import approving, composing, outgoing
from disaster_hub.desk.approving import Act
from disaster_hub.desk.composing import Wish
from disaster_hub.store import briefs, decisions, drafts, places, releases
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Alert, AlertKind, Because
from disaster_hub.terms.decision import DecisionState
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature, LonLat
from tests.desk.alert_town import INSIDE, SQUARE, Folk, brief_for, deliveries, keyring, order, settle
from tests.jobs.hub import config
from timelines import messages
from timelines.messages import Form

EAST = shapely.box(139.82, 38.70, 139.84, 38.72)
THERE = LonLat(139.83, 38.71)
MINUTE = timedelta(minutes=1)


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> Keyring:
    return keyring(tmp_path)


@pytest.fixture(name="hub")
def a_hub(store: Store) -> Config:
    shapes = {"N": ("北部", SQUARE), "E": ("東部", EAST)}
    features = [
        Feature("blocks", code, shapely.multipolygons([shape]), {"code": code, "name": name, "hazards": "flood"})
        for code, (name, shape) in shapes.items()
    ]
    third = shapely.multipolygons([shapely.box(139.90, 38.70, 139.92, 38.72)])
    features.append(Feature("blocks", "S", third, {"code": "S", "name": "南部", "hazards": "flood"}))
    with store.write() as tx:
        places.replace(tx, "blocks", "town", features)
    return config(store.url)


def say(store: Store, hub: Config, kind: str, now: datetime, *areas: str) -> Alert:
    """Let one officer write, and another approve."""
    with store.write() as tx:
        one = composing.begun(tx, Wish(kind=kind, hazard="flood", areas=areas or ("N",)), hub, "ito", now)
        drafts.add(tx, one)
        return approving.approve(tx, Act(one.id, 1, "sato", now), one.area_name, hub, now)


def spread(store: Store, keys: Keyring, now: datetime) -> None:
    Spreader(store, keys).run(Moment(now, now))


def newcomer(store: Store, keys: Keyring, now: datetime, spot: LonLat = INSIDE) -> str:
    with store.write() as tx:
        return settle(tx, keys, Folk(spot=spot), now)


def got(store: Store, *of: Alert) -> list[list[str]]:
    return [[row.household for row in deliveries(store, one.id) if row.state in {"due", "sent"}] for one in of]


@pytest.mark.parametrize(("first", "second"), [("3", "4"), ("4", "3")])
def test_after_the_end_neither_the_order_nor_the_one_before_it_comes_back(
    store: Store, keys: Keyring, hub: Config, now: datetime, first: str, second: str
) -> None:
    home = newcomer(store, keys, now)
    late = LateComers(store, keys)
    before = say(store, hub, first, now)
    spread(store, keys, now)
    order_ = say(store, hub, second, now + MINUTE)
    spread(store, keys, now + MINUTE)
    with store.read() as tx:
        board = Unanswered(keys).board(tx, now + MINUTE)
    assert [row.alert for row in board.rows] == [order_.id]
    say(store, hub, "lift", now + 2 * MINUTE)
    spread(store, keys, now + 2 * MINUTE)
    newcomer(store, keys, now + 3 * MINUTE)
    late.run(now + 3 * MINUTE)
    assert got(store, before, order_) == [[], []], "whoever came after the end is told of no order"
    with store.write() as tx:
        folk = Folk(leave_in_min=5, cause="later")
        briefs.put(tx, keys, home, brief_for(tx, keys, home, folk, now))
        briefs.put_stand(tx, "later", now)
    assert PlanUpdates(store, keys, hub).run(now + 30 * MINUTE) == []
    with store.read() as tx:
        assert Unanswered(keys).board(tx, now + 3 * MINUTE).rows == []


def test_an_order_that_is_over_keeps_no_automatic_notice_back(
    store: Store, keys: Keyring, hub: Config, now: datetime
) -> None:
    home = newcomer(store, keys, now)
    for minute, kind in enumerate(("4", "3", "lift")):
        say(store, hub, kind, now + minute * MINUTE)
        spread(store, keys, now + minute * MINUTE)
    again = order(now + 5 * MINUTE, id="auto-1", kind=AlertKind.AUTOMATIC, level=3, rule="r@1")
    with store.write() as tx:
        issuing.issue(tx, again, hub, now + 5 * MINUTE)
    spread(store, keys, now + 5 * MINUTE)
    assert got(store, again) == [[home]]
    say(store, hub, "4", now + 6 * MINUTE)
    spread(store, keys, now + 6 * MINUTE)
    with store.read() as tx:
        account = ledger.account(tx, keys, home, now + 7 * MINUTE)
    assert {line.alert.id: line.reason for line in account.lines}[again.id] is Because.CHOSEN
    assert ledger.disagreeing(account.lines) == [], "the ledger says the same again, whatever was decided since"


def test_where_one_of_two_areas_was_lifted_only_the_other_is_told(
    store: Store, keys: Keyring, hub: Config, now: datetime
) -> None:
    north, east = newcomer(store, keys, now), newcomer(store, keys, now, THERE)
    late = LateComers(store, keys)
    both = say(store, hub, "4", now, "N", "E")
    spread(store, keys, now)
    assert sorted(got(store, both)[0]) == sorted([north, east])
    lifted = say(store, hub, "lift", now + MINUTE, "N")
    spread(store, keys, now + MINUTE)
    assert got(store, both, lifted) == [[east], [north]], "what still waited for the north never goes"
    newcomer(store, keys, now + 2 * MINUTE)
    new = newcomer(store, keys, now + 2 * MINUTE, THERE)
    late.run(now + 2 * MINUTE)
    assert sorted(got(store, both)[0]) == sorted([east, new])
    with store.read() as tx:
        rows = Unanswered(keys).board(tx, now + 2 * MINUTE).rows
    assert {row.household for row in rows} == {east, new}
    with store.write() as tx:
        for home in (north, east):
            briefs.put(tx, keys, home, brief_for(tx, keys, home, Folk(leave_in_min=5, cause="later"), now))
        briefs.put_stand(tx, "later", now)
    made = PlanUpdates(store, keys, hub).run(now + 30 * MINUTE)
    assert [one.audience.households for one in made] == [(east,)]


@pytest.mark.parametrize("kind", ["lift", "5"])
def test_what_was_ended_while_it_spread_goes_to_nobody_any_more(
    store: Store, keys: Keyring, hub: Config, now: datetime, kind: str
) -> None:
    home = newcomer(store, keys, now)
    first = say(store, hub, "4", now)
    last = say(store, hub, kind, now)
    spread(store, keys, now)
    assert got(store, first, last) == [[], [home]]


def test_a_calm_ends_an_automatic_alert_that_is_still_spreading(
    store: Store, keys: Keyring, hub: Config, now: datetime
) -> None:
    newcomer(store, keys, now)
    one = order(now, id="auto-1", kind=AlertKind.AUTOMATIC, level=3, rule="r@1", urgency=3)
    with store.write() as tx:
        issuing.issue(tx, one, hub, now)
        over = issuing.calm(tx, one.id, hub, now + MINUTE, why="下がりました")
    spread(store, keys, now + MINUTE)
    assert got(store, one, over) == [[], []]


def test_a_cancel_brings_nothing_back_where_somebody_lifted_since(
    store: Store, keys: Keyring, hub: Config, now: datetime
) -> None:
    say(store, hub, "3", now, "N", "E")
    raised = say(store, hub, "4", now + MINUTE, "N", "E")
    say(store, hub, "lift", now + 2 * MINUTE, "N")
    with store.write() as tx:
        outgoing.cancel(tx, raised.id, "取消", "間違えました", hub, "sato", now + 3 * MINUTE, now + 3 * MINUTE)
    with store.read() as tx:
        standing = {(one.area, one.order) for one in decisions.live(tx) if one.state is DecisionState.ISSUED}
    assert standing == {("E", 3)}


def test_a_cancelled_raise_lets_the_order_before_it_stand_again(
    store: Store, keys: Keyring, hub: Config, now: datetime
) -> None:
    newcomer(store, keys, now)
    first = say(store, hub, "3", now)
    spread(store, keys, now)
    raised = say(store, hub, "4", now + MINUTE)
    spread(store, keys, now + MINUTE)
    with store.write() as tx:
        outgoing.cancel(tx, raised.id, "取消", "間違えました", hub, "sato", now + 2 * MINUTE, now + 2 * MINUTE)
    spread(store, keys, now + 2 * MINUTE)
    new = newcomer(store, keys, now + 3 * MINUTE)
    LateComers(store, keys).run(now + 3 * MINUTE)
    assert new in got(store, first)[0]


@pytest.mark.parametrize("wrong", [("4", "5"), ("5", "4"), ("4",), ("5",)])
def test_what_was_taken_back_as_wrong_never_stands_again(
    store: Store, hub: Config, now: datetime, wrong: tuple[str, ...]
) -> None:
    said = {level: say(store, hub, level, now + n * MINUTE) for n, level in enumerate(("3", "4", "5"))}
    for n, level in enumerate(wrong):
        at = now + (5 + n) * MINUTE
        with store.write() as tx:
            outgoing.cancel(tx, said[level].id, "取消", "間違えました", hub, "sato", at, at)
        with store.read() as tx:
            standing = [one.order for one in decisions.live(tx) if one.state is DecisionState.ISSUED]
        gone = {int(one) for one in wrong[: n + 1]}
        # Nothing is lowered while a higher order stands; what stood before the wrong ones stands again.
        assert standing == [5 if 5 not in gone else max({3, 4} - gone)]


def test_a_lift_says_that_another_order_stands(store: Store, hub: Config, now: datetime) -> None:
    say(store, hub, "4", now)
    with store.write() as tx:
        one = composing.begun(tx, Wish(kind="4", hazard="landslide", areas=("N",)), hub, "ito", now)
        drafts.add(tx, one)
        approving.approve(tx, Act(one.id, 1, "sato", now), one.area_name, hub, now)
    lifted = say(store, hub, "lift", now + MINUTE)
    for form in Form:
        said = messages.write(lifted, None, form, now + MINUTE, hub.city)
        assert "市からは警戒レベル4 避難指示が出ています" in said.text, form
    with store.read() as tx:
        texts = [part.text for one in releases.of_alert(tx, lifted.id) for part in one.parts]
    assert any("市の避難指示が出ています" in text for text in texts)


def test_the_end_of_a_rule_s_notice_says_which_order_stands_by_then(store: Store, hub: Config, now: datetime) -> None:
    one = order(now, id="auto-1", kind=AlertKind.AUTOMATIC, level=3, rule="r@1")
    with store.write() as tx:
        issuing.issue(tx, one, hub, now)
    say(store, hub, "4", now + MINUTE)
    with store.write() as tx:
        over = issuing.calm(tx, one.id, hub, now + 2 * MINUTE, why="下がりました")
    assert "市の避難情報は出ていません" not in messages.write(over, None, Form.MAIL, now, hub.city).text
    assert over.city_order == 4


def test_an_order_that_is_over_is_corrected_no_more(store: Store, hub: Config, now: datetime) -> None:
    first = say(store, hub, "3", now)
    for minute, kind in ((1, "4"), (2, "lift")):
        say(store, hub, kind, now + minute * MINUTE)
    with store.write() as tx, pytest.raises(BadInput, match="終わって"):
        issuing.update(tx, first.id, hub, now + 3 * MINUTE, why="区域を直します", who="ito", note="x")
