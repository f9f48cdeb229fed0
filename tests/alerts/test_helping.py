"""Helpers: told in time, the next one proposed, nobody sent where it is too late, nothing learnt without consent."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from disaster_hub.alerts import helping
from disaster_hub.alerts.unanswered import Unanswered
from disaster_hub.config import City
from disaster_hub.store import help_calls, household_helpers, households, journal, leader_areas, staff
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.store.tables import delivery, notice
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.helping import CallState
from disaster_hub.terms.household import Need
from disaster_hub.terms.way import Word
from disaster_hub.terms.world import World
from tests.desk.unheard import brief, home, order, say, tell


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> Iterator[Keyring]:
    made = Keyring.open(tmp_path / "keys")
    yield made
    made.close()


@pytest.fixture(name="config")
def a_config(world_replay: World):
    return SimpleNamespace(
        world=world_replay, real=False, source=None, city=City("みなも市", "Minamo", "99", "99", 139, 38, 12, JAPAN)
    )


def m(now: datetime, minutes: float) -> datetime:
    return now + timedelta(minutes=minutes)


def named(tx, keys, name, now, *, load=1, language="ja") -> str:
    made, _ = household_helpers.invite(tx, keys, name, now, called="となりの佐藤さん")
    one = household_helpers.find(tx, keys, made)
    assert one is not None
    address = f"{made[:6]}@example.test"
    household_helpers.confirm(tx, keys, one, now, channel="email", address=address, language=language, load=load)
    return made


class Night:
    """One order, one household, and the clock's look."""

    def __init__(self, store: Store, keys: Keyring, config, now: datetime) -> None:
        self.store, self.keys, self.config, self.now = store, keys, config, now
        self.unanswered = Unanswered(keys)

    def look(self, at: datetime) -> helping.Step:
        with self.store.write() as tx:
            return helping.look(tx, self.keys, self.unanswered.board(tx, at), self.config, at)

    def calls(self, name: str) -> list[tuple[str, CallState]]:
        with self.store.read() as tx:
            return [(one.helper, one.state) for one in help_calls.of_household(tx, name)]


@pytest.fixture(name="night")
def a_night(store: Store, keys: Keyring, config, now: datetime) -> Night:
    return Night(store, keys, config, now)


def test_a_helper_is_told_ten_minutes_before_and_once(night: Night) -> None:
    now = night.now
    with night.store.write() as tx:
        name = home(tx, night.keys, now, brief(at=m(now, 90), helper=True), 1)
        who = named(tx, night.keys, name, now)
        tell(tx, night.keys, order(tx, now), [name])
    assert night.look(m(now, 59)).asked == 0
    assert night.look(m(now, 60)).asked == 1, "half an hour before"
    assert night.look(m(now, 60)).asked == 0
    with night.store.read() as tx:
        (sent,) = tx.execute(select(notice.c.text, notice.c.expires_at, notice.c.kind, delivery.c.address, delivery.c.channel)
                             .join(delivery, delivery.c.notice_id == notice.c.id)).all()  # fmt: skip
    assert (sent.kind, sent.channel, sent.address) == ("helper", "email", f"helper:{who}")
    assert sent.expires_at == m(now, 90), "never after the window has shut"
    assert "架空町" not in sent.text
    assert "佐藤" not in sent.text
    assert "18:30" in sent.text
    with night.store.read() as tx:
        rows = journal.entries(tx, kinds=("helper_told",))
    assert [row.what for row in rows] == ["支援者へ連絡 1世帯（北部）"]


def test_the_second_is_asked_when_the_first_is_silent_or_cannot(night: Night) -> None:
    now = night.now
    with night.store.write() as tx:
        name = home(tx, night.keys, now, brief(at=m(now, 30), helper=True), 1)
        ids = [f"helper:{named(tx, night.keys, name, m(now, -n))}" for n in (3, 2, 1)]
        tell(tx, night.keys, order(tx, now), [name])
    night.look(now)
    assert night.calls(name) == [(ids[0], CallState.ASKED)]
    step = night.look(m(now, 5))
    assert (step.silent, step.asked) == (1, 1)
    with night.store.write() as tx:
        second = next(one for one in help_calls.of_household(tx, name) if one.helper == ids[1])
        assert helping.answer(tx, second, CallState.CANNOT, m(now, 6))
    night.look(m(now, 6))
    assert dict(night.calls(name)) == {
        ids[0]: CallState.SILENT, ids[1]: CallState.CANNOT, ids[2]: CallState.ASKED,
    }  # fmt: skip
    night.look(m(now, 12))
    assert dict(night.calls(name))[""] is CallState.MISSING


def test_nobody_is_sent_into_a_window_that_has_shut(night: Night) -> None:
    now = night.now
    with night.store.write() as tx:
        names = [
            home(tx, night.keys, now, brief(*said, helper=True), n)
            for n, said in enumerate([(Word.LEAVE_BY, m(now, -1)), (Word.GO_UP,), (Word.STAY,)])
        ]
        for name in names:
            named(tx, night.keys, name, now)
        tell(tx, night.keys, order(tx, now), names)
    assert night.look(m(now, 20)).asked == 0
    with night.store.read() as tx:
        rows = {one.household: one for one in night.unanswered.board(tx, m(now, 20)).rows}
    with night.store.write() as tx:
        (own, *_) = helping.candidates(tx, night.keys, rows[names[0]])
        with pytest.raises(BadInput, match="過ぎて"):
            helping.assign(tx, night.keys, rows[names[0]], own.helper, night.config, "hq", m(now, 20))


def test_an_answer_takes_back_what_is_not_sent_yet(night: Night) -> None:
    now = night.now
    with night.store.write() as tx:
        name = home(tx, night.keys, now, brief(at=m(now, 20), helper=True), 1)
        named(tx, night.keys, name, now)
        alert = order(tx, now)
        tell(tx, night.keys, alert, [name])
    night.look(now)
    with night.store.write() as tx:
        say(tx, alert, name, "left", m(now, 1))
    assert night.look(m(now, 1)).ended == 1
    with night.store.read() as tx:
        assert list(tx.execute(select(delivery.c.state)).scalars()) == ["withdrawn"]
    assert [state for _, state in night.calls(name)] == [CallState.ENDED]


def test_a_message_to_one_who_is_silent_may_still_go_until_the_household_answers(night: Night) -> None:
    now = night.now
    with night.store.write() as tx:
        name = home(tx, night.keys, now, brief(at=m(now, 20), helper=True), 1)
        named(tx, night.keys, name, now)
        alert = order(tx, now)
        tell(tx, night.keys, alert, [name])
    night.look(now)
    assert night.look(m(now, 6)).silent == 1
    with night.store.read() as tx:
        assert list(tx.execute(select(delivery.c.state)).scalars()) == ["due"], "their channel may have been down"
    with night.store.write() as tx:
        say(tx, alert, name, "left", m(now, 7))
    assert night.look(m(now, 7)).ended == 1
    with night.store.read() as tx:
        assert list(tx.execute(select(delivery.c.state)).scalars()) == ["withdrawn"]
    assert CallState.SILENT not in [state for _, state in night.calls(name)]


def test_where_no_minute_is_known_they_have_a_little_time_and_then_the_helper_is_told(night: Night) -> None:
    now = night.now
    with night.store.write() as tx:
        name = home(tx, night.keys, now, brief(Word.LEAVE_NOW, helper=True), 1)
        named(tx, night.keys, name, now)
        tell(tx, night.keys, order(tx, now), [name])
    assert night.look(m(now, 4)).asked == 0
    assert night.look(m(now, 5)).asked == 1


def test_whoever_has_nobody_is_listed_and_counted_without_a_name(night: Night) -> None:
    now = night.now
    with night.store.write() as tx:
        helped = home(tx, night.keys, now, brief(at=m(now, 10), helper=True), 1)
        needing = home(tx, night.keys, now, brief(at=m(now, 10), needs=(Need.CARE,)), 2)
        other = home(tx, night.keys, now, brief(at=m(now, 10)), 3)
        tell(tx, night.keys, order(tx, now), [helped, needing, other])
    assert night.look(now).missing == 2
    assert night.calls(other) == []
    assert night.look(m(now, 1)).missing == 0
    with night.store.read() as tx:
        assert [row.what for row in journal.entries(tx, kinds=("helper_missing",))] == ["支援者 未割当 2世帯（北部）"]


def test_only_those_whom_the_household_lets_see_are_proposed(night: Night) -> None:
    now = night.now
    with night.store.write() as tx:
        shut = home(tx, night.keys, now, brief(at=m(now, 10)), 1)
        seen = home(tx, night.keys, now, brief(at=m(now, 10)), 2, seen_by=frozenset({"neighbours"}))
        for one, area in (("sato", "N"), ("ito", "S")):
            staff.add(tx, one, "x", "leader", now, "", f"{one}会長")
            leader_areas.put(tx, one, [area])
        volunteer = named(tx, night.keys, home(tx, night.keys, now, None, 9), now, load=2)
        named(tx, night.keys, home(tx, night.keys, now, None, 8), now)
        tell(tx, night.keys, order(tx, now), [shut, seen])
    with night.store.read() as tx:
        board = night.unanswered.board(tx, now)
        rows = {one.household: one for one in board.rows}
        at_home = {name: _in(rows[name], "N") for name in rows}
        assert helping.candidates(tx, night.keys, at_home[shut]) == []
        found = {one.helper for one in helping.candidates(tx, night.keys, at_home[seen])}
    assert found == {"staff:sato", f"helper:{volunteer}"}
    with night.store.write() as tx:
        with pytest.raises(BadInput, match="割り当てられません"):
            helping.assign(tx, night.keys, at_home[shut], "staff:sato", night.config, "hq", now)
        helping.assign(tx, night.keys, at_home[seen], "staff:sato", night.config, "hq", now)
        helping.assign(tx, night.keys, at_home[seen], f"helper:{volunteer}", night.config, "hq", now)
    assert dict(night.calls(seen)) == {"staff:sato": CallState.ENDED, f"helper:{volunteer}": CallState.ASKED}
    with night.store.read() as tx:
        (call,) = (one for one in help_calls.of_household(tx, seen) if one.helper.startswith("helper:"))
        assert helping.address_for(tx, night.keys, call) == "みなも市架空町2番地"
        assert helping.candidates(tx, night.keys, _in(rows[seen], "N")) == [], "each is asked once"
        assert len(journal.entries(tx, kinds=("helper_changed",))) == 2


def _in(one, area: str):

    return replace(one, area=area)


def test_no_helper_gets_more_than_they_agreed_to(night: Night) -> None:
    now = night.now
    with night.store.write() as tx:
        names = [
            home(tx, night.keys, now, brief(at=m(now, 10)), n, seen_by=frozenset({"neighbours"})) for n in range(4)
        ]
        volunteer = f"helper:{named(tx, night.keys, home(tx, night.keys, now, None, 9), now, load=2)}"
        tell(tx, night.keys, order(tx, now), names)
    with night.store.write() as tx:
        rows = night.unanswered.board(tx, now).rows
        taken = 0
        for row in rows:
            try:
                helping.assign(tx, night.keys, row, volunteer, night.config, "hq", now)
                taken += 1
            except BadInput:
                continue
    assert taken == 2


def test_a_stopped_helper_is_forgotten_and_a_deleted_household_takes_its_helpers_along(
    store: Store, keys: Keyring, now: datetime
) -> None:
    with store.write() as tx:
        name = home(tx, keys, now, None, 1)
        first, second = named(tx, keys, name, now), named(tx, keys, name, now)
        one = household_helpers.find(tx, keys, first)
        assert one is not None
        household_helpers.stop(tx, keys, one, m(now, 1))
        gone = household_helpers.find(tx, keys, first)
        assert gone is not None
        assert (gone.address, gone.ready) == ("", False)
        assert household_helpers.ready(tx) == {name: [second]}
        for _ in range(2):
            household_helpers.invite(tx, keys, name, now)
        with pytest.raises(BadInput, match="named already"):
            household_helpers.invite(tx, keys, name, now)
    with store.write() as tx:
        households.delete(tx, keys, name, m(now, 2))
    with store.read() as tx:
        assert household_helpers.ready(tx) == {}
        assert household_helpers.find(tx, keys, second) is None


def test_the_token_of_a_page_opens_that_page_and_nothing_else(store: Store, keys: Keyring, now: datetime) -> None:
    with store.write() as tx:
        name = home(tx, keys, now, None, 1)
        made, token = household_helpers.invite(tx, keys, name, now)
    with store.read() as tx:
        one = household_helpers.by_token(tx, keys, token)
        assert one is not None
        assert one.id == made
        assert household_helpers.page_token(keys, one) == token
        assert household_helpers.by_token(tx, keys, secrets.token_urlsafe(16)) is None
        assert help_calls.by_token(tx, token) is None
