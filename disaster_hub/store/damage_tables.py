"""The table of damage counts as the city last counted them."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from disaster_hub.store.columns import UtcTime, metadata

damage_count = Table(
    "damage_count",
    metadata,
    Column("item", Text, primary_key=True),
    Column("value", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
)
"""The newest count of each item; every change is a row of the journal. What is not here was not counted."""
