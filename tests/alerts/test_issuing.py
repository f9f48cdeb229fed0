"""Updates, ends and corrections: to whom each goes, what of the earlier one still goes, and what cannot be done twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.alerts import issuing
from disaster_hub.alerts import spread as room
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.store import alerts, journal, outbox
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Because
from disaster_hub.terms.errors import BadInput
from tests.desk.alert_town import Folk, deliveries, keyring, order, settle
from tests.jobs.hub import config

MINUTE = timedelta(minutes=1)
Act = Callable[..., Alert]


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> Keyring:
    return keyring(tmp_path)


def fill(store: Store, keys: Keyring, now: datetime, homes: int = 6) -> list[str]:
    with store.write() as tx:
        made = [settle(tx, keys, Folk(channels=[("line", f"U{n}")]), now) for n in range(homes)]
        issuing.issue(tx, order(now), config(store.url), now)
    spread(store, keys, now)
    return made


def spread(store: Store, keys: Keyring, now: datetime, wall: datetime | None = None) -> None:
    Spreader(store, keys).run(Moment(now, wall or now))


def send(store: Store, now: datetime, most: int, **how: Any) -> set[str]:
    """Let some be sent; give to which households."""
    with store.write() as tx:
        batch = outbox.claim(tx, now, wall=now, lease=MINUTE, limit=most, worker="w")
        for one in batch:
            outbox.settle(tx, one.id, how.get("outcome", "sent"), how.get("reason", ""), now, "w", wall=now)
    return {one.household for one in batch}


def act(store: Store, what: Act, now: datetime, alert: str = "a1", **more: Any) -> Alert:
    with store.write() as tx:
        said = {"why": "区域を間違えました", "who": "佐藤"} | more
        return what(tx, alert, config(store.url), now, **said)


def states(store: Store, alert: str) -> dict[str, str]:
    return {row.household: row.state for row in deliveries(store, alert)}


def test_an_update_goes_first_to_who_got_it_and_in_its_place_to_the_others(
    store: Store, keys: Keyring, now: datetime
) -> None:
    homes = fill(store, keys, now)
    got = send(store, now, 2)
    new = act(store, issuing.update, now + MINUTE, note="第二小へ")
    spread(store, keys, now + MINUTE)
    assert {home: state for home, state in states(store, "a1").items() if state == "sent"}.keys() == got
    assert set(states(store, "a1").values()) == {"sent", "withdrawn"}
    urgency = {row.household: row.urgency for row in deliveries(store, new.id)}
    assert urgency == {home: 9 if home in got else 7 for home in homes}
    assert (new.revision, new.earlier, new.note, new.level) == (2, "a1", "第二小へ", 4)


def test_an_update_of_what_is_still_spreading_loses_nobody(
    store: Store, keys: Keyring, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PART", 2)
    with store.write() as tx:
        homes = {settle(tx, keys, Folk(channels=[("line", f"U{n}")]), now) for n in range(7)}
        issuing.issue(tx, order(now), config(store.url), now)
    Spreader(store, keys, slice_s=0).run(Moment(now, now))
    assert 0 < len(deliveries(store, "a1")) < 7
    new = act(store, issuing.update, now)
    for _ in range(9):
        Spreader(store, keys, slice_s=0).run(Moment(now, now))
    assert states(store, new.id).keys() == homes
    assert set(states(store, "a1").values()) == {"withdrawn"}


def test_a_cancel_follows_the_whole_chain(store: Store, keys: Keyring, now: datetime) -> None:
    homes = fill(store, keys, now)
    first = send(store, now, 2)
    new = act(store, issuing.update, now + MINUTE)
    spread(store, keys, now + MINUTE)
    second = send(store, now + MINUTE, 3)
    assert first <= second, "who got the first one is first"
    last = act(store, issuing.cancel, now + 2 * MINUTE, new.id)
    spread(store, keys, now + 2 * MINUTE)
    assert states(store, last.id).keys() == first | second
    assert len(homes) > len(second)
    with store.read() as tx:
        found = [alerts.find(tx, name) for name in ("a1", new.id)]
        assert [one.state for one in found if one is not None] == [AlertState.CANCELLED] * 2
        assert journal.entries(tx, kinds=["alert_cancelled"])[0].who == "佐藤"


@pytest.mark.parametrize(
    ("outcome", "reason", "corrected"),
    [
        ("sent", "", True),
        ("retry", "line: no answer (TimeoutError)", True),
        ("retry", "line: no answer (ClientConnectorError)", False),
        ("retry", "line: too many a second (HTTP 429)", False),
        ("refused", "line: LINE refuses this message or this person (HTTP 400)", False),
    ],
)
def test_who_may_have_got_it_is_corrected_and_who_cannot_have_is_not(
    store: Store, keys: Keyring, now: datetime, outcome: str, reason: str, corrected: bool
) -> None:
    fill(store, keys, now, homes=1)
    assert send(store, now, 1, outcome=outcome, reason=reason)
    last = act(store, issuing.cancel, now + MINUTE)
    spread(store, keys, now + MINUTE)
    assert bool(deliveries(store, last.id)) is corrected


def test_what_is_in_hand_is_waited_for(store: Store, keys: Keyring, now: datetime) -> None:
    fill(store, keys, now, homes=2)
    with store.write() as tx:
        one, other = outbox.claim(tx, now, wall=now, lease=MINUTE, limit=2, worker="w")
    last = act(store, issuing.cancel, now)
    spread(store, keys, now)
    assert not deliveries(store, last.id)
    with store.write() as tx:
        outbox.settle(tx, one.id, "sent", "", now, "w", wall=now)
        outbox.settle(tx, other.id, "withdrawn", "", now, "w", wall=now)
    spread(store, keys, now)
    assert states(store, last.id).keys() == {one.household}
    with store.read() as tx:
        found = alerts.find(tx, last.id)
        assert found is not None
        assert found.state is AlertState.SPREAD


def test_a_worker_that_died_with_it_in_hand_leaves_nobody_uncorrected(
    store: Store, keys: Keyring, now: datetime
) -> None:
    fill(store, keys, now, homes=1)
    with store.write() as tx:
        (one,) = outbox.claim(tx, now, wall=now, lease=MINUTE, limit=1, worker="dead")
    last = act(store, issuing.cancel, now)
    spread(store, keys, now)
    spread(store, keys, now, wall=now + 2 * MINUTE)
    assert states(store, last.id).keys() == {one.household}
    assert states(store, "a1") == {one.household: "withdrawn"}


def test_a_lift_goes_to_everybody_in_the_area_and_a_calm_to_who_got_it(
    store: Store, keys: Keyring, now: datetime
) -> None:
    homes = fill(store, keys, now)
    got = send(store, now, 2)
    lifted = act(store, issuing.lift, now + MINUTE)
    spread(store, keys, now + MINUTE)
    assert states(store, lifted.id).keys() == set(homes)
    assert set(states(store, "a1").values()) == {"sent", "withdrawn"}
    with store.write() as tx:
        auto = order(now + MINUTE, id="auto", kind=AlertKind.AUTOMATIC, rule="flood@1")
        issuing.issue(tx, auto, config(store.url), now + MINUTE)
    spread(store, keys, now + MINUTE)
    with store.write() as tx:
        batch = outbox.claim(tx, now + MINUTE, wall=now, lease=MINUTE, limit=3, worker="w")
        for one in batch:
            outbox.settle(tx, one.id, "sent", "", now + MINUTE, "w", wall=now)
        calm = issuing.calm(tx, "auto", config(store.url), now + 2 * MINUTE, why="水位が下がりました", evidence="e")
    spread(store, keys, now + 2 * MINUTE)
    assert states(store, calm.id).keys() == {one.household for one in batch if one.notice.alert == "auto"}
    assert got


def test_nothing_is_taken_back_or_ended_twice(store: Store, keys: Keyring, now: datetime) -> None:
    fill(store, keys, now, homes=1)
    last = act(store, issuing.cancel, now)
    for what in (issuing.cancel, issuing.update, issuing.lift):
        with pytest.raises(BadInput, match="取り消されています"):
            act(store, what, now)
        with pytest.raises(BadInput, match="取消・解除そのもの"):
            act(store, what, now, last.id)
        with pytest.raises(BadInput, match="見つかりません"):
            act(store, what, now, "nothing")


def test_a_reason_is_needed(store: Store, keys: Keyring, now: datetime) -> None:
    fill(store, keys, now, homes=1)
    with pytest.raises(BadInput, match="理由"):
        act(store, issuing.cancel, now, why=" ")


def test_who_could_not_be_reached_stays_on_the_board_of_the_update(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        mute = settle(tx, keys, Folk(channels=()), now)
    fill(store, keys, now, homes=1)
    new = act(store, issuing.update, now)
    spread(store, keys, now)
    with store.read() as tx:
        told = alerts.told(tx, new.id, mute)
    assert told is not None
    assert told.because is Because.NO_CHANNEL
