"""What is forgotten every day: drafts that nobody finished, doors that ended, keys that a crash left."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from disaster_hub.jobs.forget import forget
from disaster_hub.store import household_doors, households
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.household import Home, Plan
from disaster_hub.terms.place import LonLat


def test_what_is_over_is_forgotten_and_the_rest_stays(store: Store, now: datetime, tmp_path: Path) -> None:
    keys = Keyring.open(tmp_path / "keys")
    with store.write() as tx:
        saved = households.create(tx, keys, Plan(Home(LonLat(139.3, 38.9))), now)
        left = households.create(tx, keys, None, now)
        households.put_draft(tx, keys, left.household, {"words": "しるし"}, now)
        crashed = households.create(tx, keys, Plan(Home(LonLat(139.4, 38.9))), now).household
        share = household_doors.give_door(tx, saved.household, "share", now + timedelta(days=7))
    with store.write() as tx:
        households.delete(tx, keys, crashed, now)
        tx.info["after_commit"].clear()
    assert forget(store, keys, now + timedelta(days=29)) == 0
    with pytest.raises(KeyGone):
        keys.key(crashed)
    assert forget(store, keys, now + timedelta(days=31)) == 1
    assert forget(store, keys, now + timedelta(days=31)) == 0
    with store.read() as tx:
        assert household_doors.look(tx, saved.token, now + timedelta(days=31)) is not None
        assert household_doors.look(tx, left.token, now) is None
        assert household_doors.look(tx, share, now) is None, "an ended door is not even kept"
        assert tx.execute(text("SELECT id FROM household")).scalars().all() == [saved.household]
    assert set(keys.everyone()) == {saved.household}
    keys.close()
