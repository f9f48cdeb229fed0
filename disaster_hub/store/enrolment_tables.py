"""The tables of enrolment: codes under way, and the events of services that were taken already."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from disaster_hub.store.columns import UtcTime, metadata

enrolment = Table(
    "enrolment",
    metadata,
    Column("code", LargeBinary, primary_key=True),
    Column("household", Text, ForeignKey("household.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Index("enrolment_of", "household", "contact"),
)
"""`code` is an HMAC whose key lies outside the store: the code itself is on one screen or phone and nowhere else.
`contact` is empty where the code is what makes the contact known (LINE);
it is a helper's id where a helper proves theirs."""

heard = Table(
    "heard",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Index("heard_at", "at"),
)
"""The id of every event that a service brought: it may bring one twice."""
