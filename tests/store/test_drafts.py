"""Drafts: kept once, changed by one, and never in a store of a world that they are not for, whatever is tried."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from disaster_hub.store import drafts, worlds
from disaster_hub.store.drafts import Moved
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import AlertKind, Status
from disaster_hub.terms.draft import Draft, DraftState, Whom
from disaster_hub.terms.errors import WrongWorld
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.world import WorldKind


def made(now: datetime, **said) -> Draft:
    plain = Draft(
        "d1", Status.EXERCISE, WorldKind.REPLAY, AlertKind.ORDER, ("A1", "A2"), "北部・東部", "sato", now,
        now + timedelta(minutes=30), 4, Hazard.FLOOD, Whom.HAZARD, "ひとこと", "理由", ("p1", "p2"), alone_at=now,
    )  # fmt: skip
    return replace(plain, **said)


def test_a_draft_comes_back_as_it_was_and_is_kept_once(store: Store, now: datetime) -> None:
    with store.write() as tx:
        assert drafts.add(tx, made(now))
        assert not drafts.add(tx, made(now, note="anders"))
    with store.read() as tx:
        assert drafts.find(tx, "d1") == made(now)
        assert drafts.find(tx, "d2") is None


def test_of_two_who_saw_the_same_version_one_changes_it(store: Store, now: datetime) -> None:
    with store.write() as tx:
        drafts.add(tx, made(now))
        kept = drafts.change(tx, made(now, state=DraftState.APPROVED, approver="ito", alert="a1"))
    assert kept.version == 2
    with pytest.raises(Moved), store.write() as tx:
        drafts.change(tx, made(now, state=DraftState.SENT_BACK))
    with store.read() as tx:
        assert drafts.find(tx, "d1") == kept
        assert drafts.of_alert(tx, "a1") == kept
        assert drafts.of_alert(tx, "") is None


def test_what_has_run_out_waits_no_longer(store: Store, now: datetime) -> None:
    end = now + timedelta(minutes=30)
    with store.write() as tx:
        drafts.add(tx, made(now))
        drafts.add(tx, made(now, id="later", expires_at=end + timedelta(minutes=1)))
    with store.read() as tx:
        assert [one.id for one in drafts.waiting(tx, end - timedelta(seconds=1))] == ["d1", "later"]
        assert [one.id for one in drafts.waiting(tx, end)] == ["later"]
    assert not made(now).expired(end - timedelta(seconds=1))
    assert made(now).expired(end)
    assert not made(now, state=DraftState.APPROVED).expired(end)


def test_what_one_sent_alone_is_unseen_until_an_approver_looks(store: Store, now: datetime) -> None:
    alone = made(now, state=DraftState.APPROVED, approver="sato", decided_at=now)
    with store.write() as tx:
        drafts.add(tx, alone)
        drafts.add(tx, made(now, id="two", state=DraftState.APPROVED, approver="ito", decided_at=now))
    with store.write() as tx:
        assert [one.id for one in drafts.unseen(tx)] == ["d1"]
        drafts.change(tx, replace(alone, seen_by="ito"))
        assert drafts.unseen(tx) == []


def fits(one: Draft, here: WorldKind) -> bool:
    return one.world is here and (one.status is Status.ACTUAL) is (here is WorldKind.REAL)


def test_no_actual_draft_enters_the_store_of_a_drill(store: Store, now: datetime) -> None:
    thrown_at(store, Status.TEST, now)


def test_no_exercise_enters_the_real_store(real_store: Store, now: datetime) -> None:
    thrown_at(real_store, Status.ACTUAL, now)


def thrown_at(at: Store, own: Status, now: datetime) -> None:
    """Throw a thousand drafts of every kind at both ways in; what got in is counted afterwards."""
    dice = random.Random(6)
    with at.read() as tx:
        here = worlds.current(tx).kind
    with at.write() as tx:
        drafts.add(tx, made(now, id="own", world=here, status=own))
    entered = 0
    for n in range(1000):
        one = made(
            now, id=f"f{n}", status=dice.choice(list(Status)), world=dice.choice(list(WorldKind)),
            kind=dice.choice(list(AlertKind)), state=dice.choice(list(DraftState)),
        )  # fmt: skip
        entered += enters(at, one, here, dice)
    with at.read() as tx:
        kept = drafts.since(tx, now - timedelta(days=1), limit=9999)
    assert all(fits(one, here) for one in kept)
    assert len(kept) == entered + 1
    assert entered > 50


def enters(at: Store, one: Draft, here: WorldKind, dice: random.Random) -> bool:
    """Try one door; tell whether a new draft is in."""
    changing = dice.random() < 0.3
    with at.write() as tx:
        if changing:
            own = drafts.find(tx, "own")
            one = replace(one, id="own", version=own.version, made_at=own.made_at)
        if fits(one, here):
            if not changing:
                return drafts.add(tx, one)
            drafts.change(tx, one)
        else:
            with pytest.raises(WrongWorld):
                (drafts.change if changing else drafts.add)(tx, one)
    return False


def test_a_real_store_takes_no_area_of_a_made_up_town(real_store: Store, now: datetime) -> None:
    wrong = made(now, status=Status.ACTUAL, world=WorldKind.REAL, areas=("9920100",))
    with pytest.raises(WrongWorld), real_store.write() as tx:
        drafts.add(tx, wrong)
