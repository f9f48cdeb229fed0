"""Callers: sealed, found by a random id alone, emptied for good; and photos, which come in cleaned or not at all."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from disaster_hub.store import persons, photos
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store


def test_what_is_kept_is_sealed_and_can_be_emptied(store: Store, tmp_path: Path) -> None:
    keys = Keyring.open(tmp_path / "keys")
    with store.write() as tx:
        one = persons.keep(tx, keys, {"name": "山田花子", "phone": "090-0000-0000"})
        other = persons.keep(tx, keys, {"name": "山田花子"})
    assert one != other
    with store.read() as tx:
        assert persons.read(tx, keys, one) == {"name": "山田花子", "phone": "090-0000-0000"}
        sealed = tx.execute(text("SELECT sealed FROM person")).scalars().all()
    assert all("山田".encode() not in bytes(row) for row in sealed)
    with store.write() as tx:
        assert persons.empty(tx, keys, one)
        assert not persons.empty(tx, keys, one)
    with store.read() as tx:
        assert persons.read(tx, keys, one) is None
        assert persons.read(tx, keys, other) == {"name": "山田花子"}
        assert persons.read(tx, keys, "p-nobody") is None
    assert one not in keys.everyone()
    keys.close()


def test_a_lost_key_is_nothing_known(store: Store, tmp_path: Path) -> None:
    keys = Keyring.open(tmp_path / "keys")
    with store.write() as tx:
        one = persons.keep(tx, keys, {"name": "山田花子"})
    keys.destroy(one)
    with store.read() as tx:
        assert persons.read(tx, keys, one) is None
    keys.close()


def test_photos_are_kept_by_what_they_show(store: Store, now: datetime) -> None:
    with store.write() as tx:
        first = photos.put(tx, b"\xff\xd8\xffone", "r1", now)
        second = photos.put(tx, b"\xff\xd8\xfftwo", "r1", now)
        with pytest.raises(ValueError, match="cleaned"):
            photos.put(tx, b"<svg/>", "r1", now)
    with store.read() as tx:
        assert photos.get(tx, first) == b"\xff\xd8\xffone"
        assert set(photos.about(tx, "r1")) == {first, second}
        assert photos.get(tx, "nothing") is None
