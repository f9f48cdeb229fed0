"""The tables of households: random ids, times and sealed bytes, and nothing else."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from disaster_hub.store.columns import BigId, UtcTime, metadata

household = Table(
    "household",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("draft", LargeBinary),
    Column("drafted_at", UtcTime),
    Column("outlook", LargeBinary),
    Column("mark", Text),
    Column("brief", LargeBinary),
    Column("deleted_at", UtcTime),
    Index("household_changed", "changed_at"),
    Index("household_stamp", "changed_at", "version"),
)
"""A random id and sealed bytes; what can be read without the household's key is in these columns and nowhere else.
`mark` is made with the key too: it tells whether an outlook is still the same, and nothing more."""

household_version = Table(
    "household_version",
    metadata,
    Column("household", Text, ForeignKey("household.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

household_door = Table(
    "household_door",
    metadata,
    Column("token", LargeBinary, primary_key=True),
    Column("household", Text, ForeignKey("household.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
    Index("door_of", "household", "kind"),
)
"""`token` is the SHA-256 of what opens the door; the token itself is nowhere."""

household_contact = Table(
    "household_contact",
    metadata,
    Column("id", Text, primary_key=True),
    Column("household", Text, ForeignKey("household.id"), nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("lookup", LargeBinary, nullable=False),
    Index("contact_of", "household"),
    Index("contact_lookup", "lookup"),
)
"""`lookup` finds the household of an address again (a lost phone): an HMAC whose key lies outside the store."""

household_answer = Table(
    "household_answer",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("household", Text, ForeignKey("household.id"), nullable=False),
    Column("answer", Text, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("household", "answer", name="answer_once"),
)

tally = Table(
    "tally",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
"""The counts of plans that were last shown, sealed: what is shown next must not differ by a few households."""
