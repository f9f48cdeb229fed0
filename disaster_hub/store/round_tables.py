"""The tables of check points and the looks at them, of what shelters say, and of the residents' gate."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text

from disaster_hub.store.columns import BigId, Said, UtcTime, metadata

check_point = Table(
    "check_point",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("look_at", Text, nullable=False),
    Column("goes", Text, nullable=False),
    Column("every_min", Integer, nullable=False),
    Column("from_level", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("photo_wanted", Boolean, nullable=False),
    Column("closed_at", UtcTime),
    Column("version", Integer, nullable=False),
)

check_point_version = Table(
    "check_point_version",
    metadata,
    Column("point", Text, ForeignKey("check_point.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("said", Said, nullable=False),
)
"""Every version as it was; rows are only ever added."""

check_look = Table(
    "check_look",
    metadata,
    Column("id", Text, primary_key=True),
    Column("point", Text, ForeignKey("check_point.id"), nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("fine", Boolean, nullable=False),
    Column("said", Text, nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("photo", Text, nullable=False),
    Column("report", Text, nullable=False),
    Index("look_of", "point", "seen_at"),
)

check_undone = Table(
    "check_undone",
    metadata,
    Column("look", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
)
"""Looks that were taken back; the look itself stays."""

shelter_count = Table(
    "shelter_count",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("shelter", Text, nullable=False),
    Column("people", Integer, nullable=False),
    Column("households", Integer),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Index("count_of", "shelter", "id"),
)

shelter_capacity = Table(
    "shelter_capacity",
    metadata,
    Column("shelter", Text, primary_key=True),
    Column("people", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
)

shelter_need = Table(
    "shelter_need",
    metadata,
    Column("id", Text, primary_key=True),
    Column("shelter", Text, nullable=False),
    Column("goods", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Index("need_of", "shelter", "state"),
)

gate = Table(
    "gate",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("opened", Boolean, nullable=False),
    Column("until", UtcTime),
    Column("who", Text, nullable=False),
    Column("because", Text, nullable=False),
)

APPEND_ONLY = ("check_point_version", "check_undone", "shelter_count", "gate")
"""The looks are not among them: a word that names somebody must be emptied there, and is not in the journal."""
