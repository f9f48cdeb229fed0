"""The tables of what is reckoned over areas: their people by statistics, their times, their latest minutes."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text, UniqueConstraint

from disaster_hub.store.columns import BigId, Said, UtcTime, metadata

statistic = Table(
    "statistic",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("town", Text, nullable=False),
    Column("households", Integer),
    Column("people", Integer),
    Column("elderly", Integer),
    Column("as_of", Date),
    UniqueConstraint("source", "area", "town", name="statistic_once"),
    Index("statistic_area", "area"),
)
"""One row of a town's statistics, by the code of an area or by the name of a 町丁目; empty is not known."""

area_time = Table(
    "area_time",
    metadata,
    Column("area", Text, primary_key=True),
    Column("day_min", Integer),
    Column("night_min", Integer),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
)
"""Minutes that an administrator has set; they stand above the file's. What was set before is in the journal."""

decide_by = Table(
    "decide_by",
    metadata,
    Column("area", Text, primary_key=True),
    Column("hazard", Text, primary_key=True),
    Column("at", UtcTime),
    Column("basis", Text, nullable=False),
    Column("night", Boolean, nullable=False),
    Column("zero", UtcTime),
    Column("issuer", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("homes", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("slowest", Said, nullable=False),
    Column("word", Text, nullable=False),
    Column("reckoned_at", UtcTime, nullable=False),
)
"""The latest minute of each area and hazard as it was last said; `word` names the official word that it rests on."""
