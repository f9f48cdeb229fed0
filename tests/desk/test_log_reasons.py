"""A reason in the log is in the room's words: no code, no machine's address."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disaster_hub.desk.chronology import Line
from disaster_hub.store.chronology import LogRow
from disaster_hub.terms.chronology import kind_of
from disaster_hub.terms.notice import JournalEntry

WHEN = datetime(2026, 9, 18, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("because", "said"),
    [
        ("flood", "洪水"),
        ("inland", "内水氾濫"),
        ("http://127.0.0.1:1/data/20260918073026_0_VXKO50_990000.xml", "電文 20260918073026_0_VXKO50_990000.xml"),
        ("水位が上がり続けている", "水位が上がり続けている"),
        (None, ""),
    ],
)
def test_a_reason_is_said_in_words(because: str | None, said: str) -> None:
    entry = JournalEntry(WHEN, "decide_by", "clock", "発令の期限 18:18", None, because)
    assert Line(row=LogRow(1, entry), kind=kind_of("decide_by"), pinned=False).reason == said
