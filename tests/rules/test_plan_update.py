"""A changed plan is worth another message where the place is another one or the minute comes clearly earlier."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disaster_hub.rules.plan_update import worth_telling
from disaster_hub.terms.alert import Brief
from disaster_hub.terms.way import Word

AT = datetime(2026, 9, 18, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OLD = Brief(1, "ja", Word.LEAVE_BY, AT, place="第一小", metres=500)


@pytest.mark.parametrize(
    ("new", "worth"),
    [
        (OLD, False),
        (replace(OLD, place="第二小"), True),
        (replace(OLD, upper_floors=True), True),
        (replace(OLD, leave_at=AT - 4 * MINUTE), False),
        (replace(OLD, leave_at=AT - 5 * MINUTE), True),
        (replace(OLD, leave_at=AT + 60 * MINUTE), False),
        (replace(OLD, word=Word.GO_UP, leave_at=None, place=""), True),
        (replace(OLD, word=Word.LEAVE_NOW, leave_at=None, until=AT), False),
        (replace(OLD, word=Word.LEAVE_NOW, leave_at=None, until=AT - 20 * MINUTE), True),
        (replace(OLD, metres=900, cause="later"), False),
        (replace(OLD, version=2, people=3), False),
    ],
)
def test_what_is_worth_another_message(new: Brief, worth: bool) -> None:
    assert worth_telling(OLD, new) is worth


def test_a_minute_where_none_was_known_is_told() -> None:
    before = replace(OLD, word=Word.LEAVE_AT_LEVEL, leave_at=None)
    assert worth_telling(before, OLD)
    assert not worth_telling(replace(before, word=Word.LEAVE_NOW), OLD)
