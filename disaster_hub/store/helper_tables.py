"""The tables of helpers: random ids, times, states, sealed bytes; a leader's areas."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from disaster_hub.store.columns import UtcTime, metadata

helper = Table(
    "helper",
    metadata,
    Column("id", Text, primary_key=True),
    Column("household", Text, ForeignKey("household.id"), nullable=False),
    Column("invited_at", UtcTime, nullable=False),
    Column("confirmed_at", UtcTime),
    Column("stopped_at", UtcTime),
    Column("load", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("token", LargeBinary, nullable=False),
    Column("lookup", LargeBinary),
    Column("ended_at", UtcTime),
    Index("helper_of", "household"),
    Index("helper_token", "token", unique=True),
    Index("helper_lookup", "lookup"),
)
"""Where a helper is reached is sealed by the key of the household that named them, and goes with it. `lookup` finds who
is behind an address (an account that was blocked): an HMAC whose key lies outside the store, as that of contacts."""

help_call = Table(
    "help_call",
    metadata,
    Column("id", Text, primary_key=True),
    Column("root", Text, ForeignKey("alert.id"), nullable=False),
    Column("household", Text, nullable=False),
    Column("helper", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("shuts_at", UtcTime),
    Column("answered_at", UtcTime),
    Column("token", LargeBinary),
    UniqueConstraint("root", "household", "helper", name="help_call_once"),
    Index("help_call_of", "household"),
    Index("help_call_token", "token", unique=True),
)
"""`token` is the SHA-256 of what opens the helper's page; one helper is asked once for one household and order."""

leader_area = Table(
    "leader_area",
    metadata,
    Column("name", Text, primary_key=True),
    Column("area", Text, primary_key=True),
)
"""Which evacuation areas are a leader's own neighbourhood."""
