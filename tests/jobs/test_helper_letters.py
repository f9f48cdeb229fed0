"""Letters to helpers: opened just before they are sent, and never sent for a household that has answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from disaster_hub.alerts import helping, replying, unreached
from disaster_hub.alerts.unanswered import Unanswered
from disaster_hub.config import City
from disaster_hub.jobs import helper_letters
from disaster_hub.jobs.addresses import key_of
from disaster_hub.store import help_calls, household_helpers, outbox
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.store.tables import notice
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.helping import CallState
from disaster_hub.terms.notice import Delivery
from disaster_hub.terms.world import World
from sensors.mail_reply import Returned
from tests.desk.unheard import brief, home, order, tell
from timelines.channels.email import mark

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


WAYS = {"email": MAIL, "line": f"U{'c' * 32}", "sms": "+819012345678", "webpush": '{"endpoint": "https://x.test"}'}


@pytest.fixture(name="due", params=WAYS)
def one_delivery(sqlite_store: Store, keys: Keyring, config, now: datetime, request) -> Delivery:
    way = request.param
    with sqlite_store.write() as tx:
        name = home(tx, keys, now, brief(at=now + timedelta(minutes=20), helper=True), 1)
        made, _ = household_helpers.invite(tx, keys, name, now)
        one = household_helpers.find(tx, keys, made)
        assert one is not None
        household_helpers.confirm(tx, keys, one, now, channel=way, address=WAYS[way], language="en", load=1)
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
        assert (due.channel, made.address) in WAYS.items()
        token = made.notice.url.removeprefix("https://hub.example.test/h/go/")
        call = help_calls.by_token(tx, token)
        assert call is not None
        row = tx.execute(select(notice)).mappings().one()
    assert token not in str(row)
    assert made.address not in str(row)
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


def test_it_may_still_be_sent_to_one_who_is_silent(
    sqlite_store: Store, keys: Keyring, config, due: Delivery, now: datetime
) -> None:
    assert due.notice.patient, "it is tried until the window shuts"
    with sqlite_store.write() as tx:
        call = help_calls.find(tx, due.notice.key.removeprefix(help_calls.KEY))
        assert call is not None
        assert help_calls.move(tx, call.id, CallState.SILENT, now)
        assert not isinstance(helper_letters.letter(tx, keys, due, config), Undeliverable)


def test_whom_a_channel_knows_no_more_is_counted_on_no_more(
    sqlite_store: Store, keys: Keyring, config, due: Delivery, now: datetime
) -> None:
    with sqlite_store.write() as tx:
        unreached.lost(tx, keys, key_of(due), now)
        assert isinstance(helper_letters.letter(tx, keys, due, config), Undeliverable)
        assert household_helpers.ready(tx) == {}
        one = household_helpers.find(tx, keys, due.address.removeprefix(helping.ADDRESS))
        assert one is not None
        assert (one.ready, one.ended_at, one.stopped_at) == (False, now, None)
        (call,) = help_calls.of_helper(tx, f"helper:{one.id}")
        assert call.state is CallState.SILENT, "the next one is asked at once"


def test_a_mail_that_came_back_is_heard_and_another_s_is_not(
    sqlite_store: Store, keys: Keyring, due: Delivery, now: datetime
) -> None:
    with sqlite_store.write() as tx:
        one = household_helpers.find(tx, keys, due.address.removeprefix(helping.ADDRESS))
        assert one is not None
        wrong = Returned("r1", one.address, "5.1.1", ("f" * 40,))
        assert replying.returned(tx, keys, wrong, now) is replying.Outcome.STRANGER
        ours = Returned("r2", one.address, "5.1.1", (mark(key_of(due)),))
        expected = replying.Outcome.RETURNED if due.channel == "email" else replying.Outcome.STRANGER
        assert replying.returned(tx, keys, ours, now) is expected
        assert (household_helpers.ready(tx) == {}) is (due.channel == "email")
