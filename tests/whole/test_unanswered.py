"""Test 4 of the product: at each tick of a replay the top row is the one with least slack; helpers hear in time.

The plans are reckoned by the hub itself as officials speak, and the board reads what it keeps. The slack is reckoned
here once more: out of each household's own plan, with the ways searched anew at every tick.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path

import pytest
from sqlalchemy import select

from disaster_hub.alerts import answering, issuing
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.alerts.unanswered import Unanswered
from disaster_hub.config import Config, Folder, Keys
from disaster_hub.configfile import load as load_config
from disaster_hub.jobs.helping import Helping
from disaster_hub.jobs.load import load
from disaster_hub.planning.plans import Planner, wishes
from disaster_hub.planning.replan import Replanner
from disaster_hub.planning.town import Library
from disaster_hub.rehearsal import opendata, rises
from disaster_hub.rehearsal.build import world
from disaster_hub.rehearsal.settings import config_toml
from disaster_hub.rules.unanswered import Unheard, Window
from disaster_hub.store import household_helpers, households
from disaster_hub.store.helper_tables import help_call
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import open_store
from disaster_hub.terms.alert import Alert, AlertKind, Audience
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Plan
from disaster_hub.terms.way import LeaveBy, Word
from tests.whole.rise import City
from tests.whole.test_decide_by import said
from tests.whole.test_no_wet_step import clock, homes
from timelines.outlook import Asked, as_of, outlooks

OPENED = datetime(2026, 11, 21, tzinfo=UTC)
HOMES = 200
TICK_MIN = 4
TICKS = 55
ANSWER = 0.02
"""So many of the households answer in each tick."""
RUNG = 0.8
TOLD_BEFORE = timedelta(minutes=10)


@pytest.fixture(scope="module")
def city() -> City:
    return City()


@pytest.fixture(scope="module")
def made(city: City, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config]:
    """Build and load the made-up city once."""
    folder = tmp_path_factory.mktemp("city")
    opendata.write(folder / "opendata", ground=city.ground)
    text = config_toml(folder, feed_port=1, mqtt_port=2, portal_port=3, world=world(OPENED))
    (folder / "config.toml").write_text(text, encoding="utf-8")
    config = load_config(folder / "config.toml", {})
    store = prepare(config.store, config.world)
    assert not load(store, [folder / "opendata"], now=OPENED, world=config.world, progress=lambda _: None).refused
    store.close()
    return folder, config


@dataclass
class Night:
    """One rise, its households, and the parts of the hub that this test is about."""

    planner: Planner
    config: Config
    plans: dict[str, Plan]
    helped: set[str]
    spoken: float
    """The minute at which the officials have said what they say."""
    told: dict[str, datetime | None] = field(default_factory=dict)

    def replan(self, now: datetime) -> None:
        while self.replanner.run(now).waiting:
            pass

    def __post_init__(self) -> None:
        self.replanner = Replanner(self.planner)
        self.helping = Helping(self.planner.store, self.config, self.planner.keys)
        self.unanswered = Unanswered(self.planner.keys)

    def leaves(self, now: datetime) -> dict[str, LeaveBy]:
        """Search every way anew and give the word of each household as it stands at this minute."""
        state, _ = self.planner.state(now)
        asked = [Asked(one.home, one.household, wishes(one), one.leave_level) for one in self.plans.values()]
        found = outlooks(self.planner.town, asked, state)
        return {name: as_of(one.leave, now) for name, one in zip(self.plans, found, strict=True)}

    def rows(self, now: datetime) -> list[Unheard]:
        with self.planner.store.read() as tx:
            board = self.unanswered.board(tx, now)
        assert not board.help
        return list(board.rows)


@pytest.fixture(name="night", params=[1, 2])
def a_night(request: pytest.FixtureRequest, made: tuple[Path, Config], tmp_path: Path) -> Iterator[Night]:
    config = replace(made[1], store=f"sqlite:///{tmp_path / 'hub.gpkg'}", keys=Keys(Folder(tmp_path / "keys")))
    shutil.copy(made[0] / "hub.gpkg", tmp_path / "hub.gpkg")
    store = open_store(config.store)
    keys = Keyring.open(config.keys.folder)
    planner = Planner(store, config, Library(store, config), keys)
    one = rises.rise(request.param)
    begun = clock(one.danger - 600)
    plans: dict[str, Plan] = {}
    helped: set[str] = set()
    with store.write() as tx:
        for n, each in enumerate(homes(one.seed, HOMES)):
            plan = Plan(each.home, each.household, leave_level=3, helper="となりの人" if n % 3 == 0 else "")
            name = households.create(tx, keys, plan, begun).household
            plans[name] = plan
            if n % 3 == 0:
                made_, _ = household_helpers.invite(tx, keys, name, begun)
                helper = household_helpers.find(tx, keys, made_)
                assert helper is not None
                way = {"channel": "email", "address": f"h{n}@example.test", "language": "ja", "load": 1}
                household_helpers.confirm(tx, keys, helper, begun, **way)
                helped.add(name)
    spoken = said(planner, one)
    yield Night(planner, config, plans, helped, spoken)
    store.close()


def order(night: Night, now: datetime, homes_: Collection[str]) -> Alert:
    alert = Alert(
        "order", night.config.world.kind, AlertKind.ORDER, ("all",), "全域", Audience(households=tuple(sorted(homes_))), "みなも市", "水位が上がっています",
        now, now + timedelta(hours=12), 7, 4, Hazard.FLOOD,
    )  # fmt: skip
    store = night.planner.store
    with store.write() as tx:
        assert issuing.issue(tx, alert, night.config, now)
    Spreader(store, night.planner.keys).run(Moment(now, now))
    return alert


def slack_s(leave: LeaveBy, told: datetime | None, now: datetime, *, upstairs: bool) -> float:
    """Reckon the slack by brute force."""
    at = leave.at or leave.until
    if leave.word is Word.STAY or (leave.word is Word.GO_UP and upstairs and told is None):
        return inf
    if leave.word is Word.GO_UP:
        return -inf
    return 0.0 if at is None else (at - now).total_seconds()


@pytest.mark.slow
def test_at_each_tick_the_top_row_has_least_slack_and_helpers_hear_ten_minutes_before(night: Night) -> None:
    dice = random.Random(4)
    start = clock(night.spoken + 1)
    night.replan(start)
    first = night.leaves(start)
    told = {name: leave.at or leave.until for name, leave in first.items()}
    upstairs = _upstairs(night, start)
    waiting = {name for name, leave in first.items() if leave.word is not Word.GO_UP}
    alert = order(night, start, waiting)
    shut_at: dict[str, datetime] = {}
    minutes: dict[str, datetime] = {name: at for name, at in told.items() if at is not None}
    opened = closed = 0
    for tick in range(TICKS):
        now = start + timedelta(minutes=TICK_MIN * tick)
        answer(night, alert, waiting, dice, now, shut_at.keys())
        night.replan(now)
        night.helping.run(now)
        leaves = night.leaves(now)
        slack = {name: slack_s(leaves[name], told[name], now, upstairs=upstairs[name]) for name in waiting}
        for name in waiting:
            if slack[name] == -inf:
                shut_at.setdefault(name, now)  # nobody there had answered when the window shut
            elif (at := leaves[name].at or leaves[name].until) is not None:
                minutes[name] = at
        rows = night.rows(now)
        assert {one.household for one in rows} == waiting
        least = min(slack.values())
        assert slack[rows[0].household] == least, (
            f"tick {tick}: the top row has {slack[rows[0].household]}, not {least}"
        )
        ranks = [slack[one.household] for one in rows]
        assert ranks == sorted(ranks), f"tick {tick}"
        shut = {one.household for one in rows if one.window(now) is Window.SHUT}
        assert shut >= {name for name in waiting if slack[name] == -inf}
        assert all(slack[name] <= 0 for name in shut)
        opened += least not in {-inf, inf}
        closed += least == -inf
    assert opened, "there were ticks at which the top row could still leave"
    assert closed, "and windows that shut before anybody answered"
    check_helpers(night, minutes, shut_at, start)


def answer(  # whose answer to what, when, and whom the room rings
    night: Night, alert: Alert, waiting: set[str], dice: random.Random, now: datetime, rung: Collection[str]
) -> None:
    """Let some answer, over the one door for answers; of those whose window has shut most, for the room rings them."""
    with night.planner.store.write() as tx:
        for name in sorted(waiting):
            if dice.random() < (RUNG if name in rung else ANSWER):
                word = dice.choice(("left", "arrived", "staying"))
                assert answering.take(tx, night.planner.keys, alert.id, name, word, now, now, "link")
                waiting.discard(name)


def check_helpers(
    night: Night, minutes: Mapping[str, datetime], shut_at: Mapping[str, datetime], start: datetime
) -> None:
    """Whoever named a helper and let their window shut unanswered: the helper was told ten minutes before or more."""
    with night.planner.store.read() as tx:
        query = select(help_call.c.household, help_call.c.asked_at).where(help_call.c.helper != "")
        asked = {row.household: row.asked_at for row in tx.execute(query.order_by(help_call.c.asked_at.desc()))}
    checked = 0
    for name in sorted(night.helped & shut_at.keys() & minutes.keys()):
        late = minutes[name] - start < TOLD_BEFORE + timedelta(minutes=TICK_MIN)
        if late and minutes[name] <= start:
            continue  # it had shut before the order came
        assert name in asked, "nobody was told"
        assert late or asked[name] <= minutes[name] - TOLD_BEFORE, minutes[name] - asked[name]
        checked += not late
    assert checked >= 5
    assert set(asked) <= night.helped


def _upstairs(night: Night, now: datetime) -> dict[str, bool]:
    state, _ = night.planner.state(now)
    asked = [Asked(one.home, one.household, wishes(one), one.leave_level) for one in night.plans.values()]
    found = outlooks(night.planner.town, asked, state)
    return {name: one.upstairs.allowed for name, one in zip(night.plans, found, strict=True)}
