"""Answers: each once, in the order in which they were given, with nothing in the journal that says whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.alerts import answering
from disaster_hub.store import alerts, briefs, households, journal
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import AlertKind, Because, Told
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Answer
from disaster_hub.terms.place import LonLat
from tests.desk.alert_town import Folk, keyring, order, settle


@dataclass
class Home:
    store: Store
    keys: Keyring
    id: str
    now: datetime

    def tell(self, name: str, because: Because = Because.CHOSEN, **more: Any) -> str:
        token = briefs.answer_token(self.keys.key(self.id), name)
        with self.store.write() as tx:
            alerts.add(tx, order(self.now, id=name, **more))
            alerts.tell(tx, [Told(name, self.id, because, 1, None, briefs.token_hash(token))])
        return token

    def take(self, word: str = "left", minutes: float = 1, alert: str = "a1", **more: Any) -> bool:
        given = self.now + timedelta(minutes=minutes)
        now = more.pop("now", self.now + timedelta(hours=1))
        with self.store.write() as tx:
            return answering.take(tx, self.keys, alert, self.id, word, given, now, more.pop("via", "link"), **more)

    def general(self, word: str, minutes: float, identity: str = "g1") -> int:
        answer = Answer(identity, word, self.now + timedelta(minutes=minutes))
        with self.store.write() as tx:
            return answering.take_general(tx, self.keys, self.id, answer, self.now + timedelta(hours=1))

    def newest(self, alert: str = "a1") -> str | None:
        with self.store.read() as tx:
            found = alerts.answer_of(tx, alert, self.id)
        return None if found is None else found.word


@pytest.fixture(name="home")
def a_home(store: Store, tmp_path: Path, now: datetime) -> Iterator[Home]:
    keys = keyring(tmp_path)
    with store.write() as tx:
        identity = settle(tx, keys, Folk(), now)
    yield Home(store, keys, identity, now)
    keys.close()


def test_the_newest_by_when_it_was_given_counts_however_late_it_comes(home: Home) -> None:
    home.tell("a1")
    assert home.take("left", 10, id="2")
    assert home.take("help", 5, id="1"), "given before, arrived after"
    assert not home.take("help", 20, id="1"), "the same one again"
    assert home.newest() == "left"
    with home.store.read() as tx:
        kept = households.answers(tx, home.keys, home.id)
        rows = [one for one in journal.entries(tx) if one.kind == "alert_answered"]
    assert [one.word for one in kept] == ["help", "left"]
    assert len(rows) == 2
    assert {one.because for one in rows} == {"a1"}
    assert home.id not in str(rows)


def test_a_phone_whose_clock_runs_ahead_does_not_have_the_last_word_for_hours(home: Home) -> None:
    home.tell("a1")
    at = home.now + timedelta(minutes=5)
    assert home.take("left", 600, id="1", now=at)
    assert home.take("help", 6, id="2", now=at + timedelta(minutes=1))
    assert home.newest() == "help"


def test_where_it_was_given_is_sealed_and_stands_nowhere_else(home: Home) -> None:
    home.tell("a1")
    home.take("help", spot=LonLat(139.8123456, 38.7123456), id="1")
    with home.store.read() as tx:
        (kept,) = households.answers(tx, home.keys, home.id)
        everything = str([dict(row._mapping) for row in tx.exec_driver_sql("SELECT * FROM alert_answer")])
        everything += str(journal.entries(tx))
    assert kept.spot == LonLat(139.8123456, 38.7123456)
    assert kept.about == "alert:a1"
    assert "139.81" not in everything


def test_a_token_opens_one_alert_of_one_household(home: Home) -> None:
    token = home.tell("a1")
    with home.store.read() as tx:
        found = answering.by_token(tx, token)
        assert found is not None
        assert (found.alert, found.household) == ("a1", home.id)
        for wrong in ("", token[:-1], token + "x", "x" * 500):
            assert answering.by_token(tx, wrong) is None


def test_a_general_answer_counts_to_what_asks_and_was_decided_before_it(home: Home) -> None:
    home.tell("a1")
    home.tell("late", decided_at=home.now + timedelta(minutes=30))
    home.tell("not ours", because=Because.HAZARD)
    home.tell("wrong", kind=AlertKind.CANCEL)
    home.tell("over", expires_at=home.now + timedelta(minutes=1))
    home.tell("back")
    with home.store.write() as tx:
        alerts.cancelled(tx, "back")
    assert home.general("arrived", 10) == 1
    assert [home.newest(name) for name in ("a1", "late", "not ours", "wrong", "over", "back")] == ["arrived"] + [
        None
    ] * 5
    assert home.general("arrived", 10) == 0, "once"
    assert home.general("help", 10, "g2") == 2, "a call for help counts to all that ask"
    assert home.newest("late") == "help"


def test_a_household_without_a_channel_is_asked_too(home: Home) -> None:
    home.tell("a1", because=Because.NO_CHANNEL)
    assert home.general("left", 5) == 1


def test_a_household_that_is_gone_answers_nothing(home: Home) -> None:
    home.tell("a1")
    home.keys.destroy(home.id)
    assert not home.take()


@pytest.mark.parametrize("wrong", [{"word": "safe"}, {"via": "pigeon"}])
def test_what_is_no_answer_is_refused(home: Home, wrong: dict[str, str]) -> None:
    home.tell("a1")
    with pytest.raises(BadInput, match="answer"):
        home.take(**wrong)


def test_an_answer_of_another_world_is_not_counted(home: Home) -> None:
    home.tell("a1")
    assert not home.take(alert="a-drill-of-another-store")
    with home.store.write() as tx:
        stranger = "f" * 32
        assert not answering.take(tx, home.keys, "a1", stranger, "left", home.now, home.now, "mail")
        assert alerts.answers(tx, ["a1"]) == {}
