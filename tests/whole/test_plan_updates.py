"""A shelter closes while an order is in force: the affected are told once, with a line that says why; nobody else is."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest

from disaster_hub.alerts import issuing
from disaster_hub.alerts.plan_updates import PlanUpdates
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.planning.plans import Planner, get
from disaster_hub.planning.replan import Replanner
from disaster_hub.store import alerts, conditions, households
from disaster_hub.terms.alert import Audience, Because
from disaster_hub.terms.way import ShelterState
from tests.desk.alert_town import deliveries, order
from tests.planning.test_replan import a_planner, before_the_rain, city, finished, first_places, sealed, settle

__all__ = ["a_planner", "before_the_rain", "city"]
LIMIT_S = 30.0
pytestmark = pytest.mark.slow


def test_the_affected_get_one_update_and_nobody_else_hears_anything(planner: Planner, now: datetime) -> None:
    made = settle(planner, now)
    with planner.store.write() as tx:
        for n, home in enumerate(made):
            contact = households.add_contact(tx, planner.keys, home, "line", f"U{n}", now)
            households.confirm_contact(tx, planner.keys, home, contact, now)
    replanner = Replanner(planner)
    finished(replanner, now)
    spreader = Spreader(planner.store, planner.keys, lambda at: planner.state(at)[1])
    with planner.store.write() as tx:
        one = order(now, world=planner.config.world.kind, audience=Audience())
        issuing.issue(tx, one, planner.config, now)
    spreader.run(Moment(now, now))
    assert {row.household for row in deliveries(planner.store, "a1")} == set(made)
    updates = PlanUpdates(planner.store, planner.keys, planner.config)
    assert updates.run(now + timedelta(minutes=6)) == [], "nothing has changed"

    before, goes = sealed(planner.store), first_places(planner, made, now)
    shut = max(set(goes.values()), key=list(goes.values()).count)
    later = now + timedelta(minutes=7)
    with planner.store.write() as tx:
        conditions.set_shelter(tx, shut, ShelterState.CLOSED, "desk", later)
    began = time.monotonic()
    finished(replanner, later)
    made_new = updates.run(later)
    spreader.run(Moment(later, later))
    assert time.monotonic() - began < LIMIT_S

    moved = {home for home in made if goes.get(home) == shut}
    assert moved
    assert [one.id for one in made_new] == ["a1~plans1"]
    assert {row.household for row in deliveries(planner.store, "a1~plans1")} == moved
    assert len(deliveries(planner.store, "a1~plans1")) == len(moved)
    after = sealed(planner.store)
    untouched = [home for home in made if home not in moved and after[home] == before[home]]
    assert untouched
    with planner.store.read() as tx:
        for home in moved:
            standing = get(tx, planner.keys, home)
            assert standing is not None
            assert standing.changes[0].at == later
            told = alerts.told(tx, "a1~plans1", home)
            assert told is not None
            assert told.because is Because.CHOSEN
        for home in untouched:
            assert alerts.told(tx, "a1~plans1", home) is None
    assert updates.run(later + timedelta(minutes=1)) == [], "told once"
    assert PlanUpdates(planner.store, planner.keys, planner.config).run(later + timedelta(minutes=9)) == []


def test_no_household_is_told_more_often_than_every_five_minutes(planner: Planner, now: datetime) -> None:
    made = settle(planner, now)[:12]
    with planner.store.write() as tx:
        for n, home in enumerate(made):
            contact = households.add_contact(tx, planner.keys, home, "line", f"U{n}", now)
            households.confirm_contact(tx, planner.keys, home, contact, now)
    replanner = Replanner(planner)
    finished(replanner, now)
    spreader = Spreader(planner.store, planner.keys)
    with planner.store.write() as tx:
        issuing.issue(tx, order(now, world=planner.config.world.kind, audience=Audience()), planner.config, now)
    spreader.run(Moment(now, now))
    goes = first_places(planner, made, now)
    shut = max(set(goes.values()), key=list(goes.values()).count)
    with planner.store.write() as tx:
        conditions.set_shelter(tx, shut, ShelterState.CLOSED, "desk", now)
    soon = now + timedelta(minutes=4)
    finished(replanner, soon)
    updates = PlanUpdates(planner.store, planner.keys, planner.config)
    assert updates.run(soon) == []
    assert len(updates.run(now + timedelta(minutes=5))) == 1
