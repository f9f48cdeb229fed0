"""Damage counts: uncounted is not zero, two people do not overwrite each other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disaster_hub.store import damage, journal
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput

NOW = datetime(2026, 9, 18, 12, tzinfo=UTC)


def test_what_was_counted_stands_and_the_rest_is_unknown(store: Store) -> None:
    with store.write() as tx:
        assert damage.write(tx, {"dead": 0, "missing": 2, "half": None}, {}, "honbu", NOW) == 2
    with store.read() as tx:
        found = damage.counts(tx)
        line = journal.entries(tx, limit=1)[0]
    assert {key: one.value for key, one in found.items()} == {"dead": 0, "missing": 2}
    assert line.what == "被害の集計：人的被害 死者 0人、人的被害 行方不明者 2人"


def test_a_count_can_be_taken_back(store: Store) -> None:
    with store.write() as tx:
        damage.write(tx, {"dead": 1}, {}, "honbu", NOW)
        damage.write(tx, {"dead": None}, {"dead": 1}, "honbu", NOW)
        assert not damage.counts(tx)


def test_two_people_counting_the_same_item(store: Store) -> None:
    with store.write() as tx:
        damage.write(tx, {"missing": 2}, {}, "a", NOW)
        with pytest.raises(damage.Counted, match="行方不明者"):
            damage.write(tx, {"missing": 3}, {}, "b", NOW)
        assert damage.write(tx, {"dead": 0, "missing": 2}, {"missing": 2}, "b", NOW) == 1


@pytest.mark.parametrize(("key", "value"), [("dead", -1), ("dead", 10**9), ("cats", 3)])
def test_what_cannot_be_is_refused(store: Store, key: str, value: int) -> None:
    with store.write() as tx, pytest.raises(BadInput):
        damage.write(tx, {key: value}, {}, "honbu", NOW)
