"""The tables of alerts: what was decided, whom it was held against and why, what came back."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from disaster_hub.store.columns import Said, UtcTime, metadata

alert = Table(
    "alert",
    metadata,
    Column("id", Text, primary_key=True),
    Column("world", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Integer),
    Column("hazard", Text),
    Column("areas", Said, nullable=False),
    Column("area_name", Text, nullable=False),
    Column("audience", Said, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("earlier", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("city_order", Integer),
    Column("state", Text, nullable=False),
    Column("reached", Text, nullable=False),
    Column("spread_at", UtcTime),
    Index("alert_state", "state", "urgency"),
    Index("alert_earlier", "earlier"),
    Index("alert_time", "decided_at"),
)
"""`reached` is the household up to which it was spread, in the order of their ids: where a killed spread goes on."""

alert_household = Table(
    "alert_household",
    metadata,
    Column("alert", Text, ForeignKey("alert.id"), primary_key=True),
    Column("household", Text, primary_key=True),
    Column("because", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary),
    Column("token", LargeBinary),
    Column("at", UtcTime),
    Index("alert_token", "token", unique=True),
    Index("alert_of", "household"),
)
"""A random id, a reason, and the brief sealed by the household's key; who is not here was outside of the shape."""

alert_household_before = Table(
    "alert_household_before",
    metadata,
    Column("alert", Text, ForeignKey("alert.id"), primary_key=True),
    Column("household", Text, primary_key=True),
    Column("at", UtcTime, primary_key=True),
    Column("because", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary),
    Index("alert_before_of", "household"),
)
"""What was found earlier, where a household was looked at again (a channel confirmed, a plan saved meanwhile)."""

plans_stand = Table(
    "plans_stand",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cause", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reached", Text, nullable=False, server_default=""),
)
"""Row 1: the digest of the state for which every plan is right; empty while some are being reckoned anew.

Row 2: the digest of the state for which they are being reckoned, and up to which household that is done.
"""

alert_answer = Table(
    "alert_answer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("alert", Text, ForeignKey("alert.id"), nullable=False),
    Column("household", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("given_at", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("via", Text, nullable=False),
    Index("alert_answer_of", "alert", "household"),
    Index("alert_answer_household", "household"),
)
"""The word alone, behind a random id: boards must count it. Where it was given stays sealed in household_answer."""
