"""Letters to helpers: opened just before they are sent, and never sent for a household that has answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from disaster_hub.alerts import helping
from disaster_hub.alerts.unanswered import Unanswered
from disaster_hub.config import City
from disaster_hub.jobs import helper_letters
from disaster_hub.store import help_calls, household_helpers, outbox
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.store.tables import notice
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.helping import CallState
from disaster_hub.terms.notice import Delivery
from disaster_hub.terms.world import World
from tests.desk.unheard import brief, home, order, tell

MAIL = "helper@example.test"


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> Iterator[Keyring]:
    made = Keyring.open(tmp_path / "keys")
    yield made
    made.close()


@pytest.fixture(name="config")
def a_config(world_replay: World):
    return SimpleNamespace(
        world=world_replay, real=False, source=None, portal=SimpleNamespace(address="https://hub.example.test"),
        city=City("みなも市", "Minamo", "99", "99", 139, 38, 12, JAPAN),
    )  # fmt: skip


@pytest.fixture(name="due")
def one_delivery(sqlite_store: Store, keys: Keyring, config, now: datetime) -> Delivery:
    with sqlite_store.write() as tx:
        name = home(tx, keys, now, brief(at=now + timedelta(minutes=20), helper=True), 1)
        made, _ = household_helpers.invite(tx, keys, name, now)
        one = household_helpers.find(tx, keys, made)
        assert one is not None
        household_helpers.confirm(tx, keys, one, now, channel="email", address=MAIL, language="en", load=1)
        tell(tx, keys, order(tx, now), [name])
        assert helping.look(tx, keys, Unanswered(keys).board(tx, now), config, now).asked == 1
    with sqlite_store.write() as tx:
        (taken,) = outbox.claim(tx, now, wall=now, lease=timedelta(seconds=30), limit=5, worker="w")
    return taken


def test_address_and_link_are_made_when_it_is_sent_and_lie_nowhere(
    sqlite_store: Store, keys: Keyring, config, due: Delivery
) -> None:
    assert helper_letters.is_helpers(due)
    with sqlite_store.read() as tx:
        made = helper_letters.letter(tx, keys, due, config)
        assert not isinstance(made, Undeliverable)
        assert made.address == MAIL
        token = made.notice.url.removeprefix("https://hub.example.test/h/go/")
        call = help_calls.by_token(tx, token)
        assert call is not None
        row = tx.execute(select(notice)).mappings().one()
    assert token not in str(row)
    assert MAIL not in str(row)
    assert "架空町" not in made.notice.text
    assert "has not answered" in made.notice.text, "in the helper's own language"


def test_it_is_not_sent_when_they_have_answered_or_the_helper_has_stopped(
    sqlite_store: Store, keys: Keyring, config, due: Delivery, now: datetime
) -> None:
    with sqlite_store.write() as tx:
        call = help_calls.find(tx, due.notice.key.removeprefix(help_calls.KEY))
        assert call is not None
        assert help_calls.move(tx, call.id, CallState.ENDED, now)
        found = helper_letters.letter(tx, keys, due, config)
    assert isinstance(found, Undeliverable)
    with sqlite_store.write() as tx:
        one = household_helpers.find(tx, keys, due.address.removeprefix(helping.ADDRESS))
        assert one is not None
        household_helpers.stop(tx, keys, one, now)
        assert isinstance(helper_letters.letter(tx, keys, due, config), Undeliverable)
