"""The tables of the registry: versions of entries, spans of maintenance, devices that nobody knows."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from disaster_hub.store.columns import BigId, Said, UtcTime, metadata

sensor_entry = Table(
    "sensor_entry",
    metadata,
    Column("device", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("said", Said, nullable=False),
)
"""Only added to; the newest number of a device is what holds."""

sensor_maintenance = Table(
    "sensor_maintenance",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("device", Text, nullable=False),
    Column("begun", UtcTime, nullable=False),
    Column("ends", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index("maintenance_of", "device", "ends"),
)

sensor_stranger = Table(
    "sensor_stranger",
    metadata,
    Column("device", Text, primary_key=True),
    Column("network", Text, nullable=False),
    Column("first_heard", UtcTime, nullable=False),
    Column("last_heard", UtcTime, nullable=False),
    Column("heard", Integer, nullable=False),
)
