"""The tables of sign-ins: sessions, the places that an account signed in well from, and who it is to a provider."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from disaster_hub.store.columns import UtcTime, metadata

staff_session = Table(
    "staff_session",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("name", Text, ForeignKey("staff.name"), nullable=False),
    Column("began", UtcTime, nullable=False),
    Column("last_used", UtcTime, nullable=False),
    Column("address", Text, nullable=False),
    Column("ended", UtcTime),
    Index("session_of", "name", "ended"),
)
"""One row a sign-in; the id is a hash of what the browser holds, so that a copy of the store opens no session."""

staff_origin = Table(
    "staff_origin",
    metadata,
    Column("name", Text, ForeignKey("staff.name"), primary_key=True),
    Column("mark", LargeBinary, primary_key=True),
    Column("right_at", UtcTime, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failed_at", UtcTime),
    Column("locked_until", UtcTime),
)
"""The networks from which an account signed in well, as marks that only this store's secret can make."""

staff_identity = Table(
    "staff_identity",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("name", Text, ForeignKey("staff.name"), nullable=False),
    Column("added_at", UtcTime, nullable=False),
)
"""Which account somebody is whom an OpenID provider vouches for."""
