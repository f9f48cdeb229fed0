"""What the box on top of the plan says, and what it keeps for the minute after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from disaster_hub.portal.resident import now as saying
from disaster_hub.terms.household import Home, Household, Plan
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import LeaveBy, Word

NOW = datetime(2026, 9, 18, 8, 0, tzinfo=UTC)


def test_the_page_knows_the_reason_for_after_its_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saying, "say", lambda key, **_: key)
    plan = Plan(Home(LonLat(139.2, 38.9)), Household())
    kept = saying._counted(LeaveBy(Word.LEAVE_BY, at=NOW + timedelta(hours=2)), plan, NOW)
    assert kept["after"] == "now.go_up_here"
    assert kept["after_why"] == "now.why_go_up"
    assert saying._counted(LeaveBy(Word.GO_UP), plan, NOW) == {}
