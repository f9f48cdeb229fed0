"""The tables of reports: what stands now, every earlier version, photos, and who called (sealed)."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, Table, Text

from disaster_hub.store.columns import Said, UtcTime, metadata

report = Table(
    "report",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("place", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("joined_to", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("person", Text, nullable=False),
    Column("photos", Said, nullable=False),
    Column("links", Said, nullable=False),
    Column("accuracy_m", Float),
    Column("changed_at", UtcTime, nullable=False),
    Index("report_time", "received_at"),
    Index("report_seen", "seen_at"),
    Index("report_joined", "joined_to"),
)

report_version = Table(
    "report_version",
    metadata,
    Column("report", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("before", Said, nullable=False),
    Column("after", Said, nullable=False),
)
"""What each change took away and put there. Words lie here and not in the journal, which nobody can empty."""

photo = Table(
    "photo",
    metadata,
    Column("id", Text, primary_key=True),
    Column("about", Text, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("jpeg", LargeBinary, nullable=False),
    Index("photo_about", "about"),
)

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sealed", LargeBinary),
)
"""A random id and sealed bytes; emptied, the id stays and leads nowhere."""
