"""The tables of hand-over texts and of canaries."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, Text

from disaster_hub.store.columns import BigId, Said, UtcTime, metadata

release = Table(
    "release",
    metadata,
    Column("alert", Text, ForeignKey("alert.id"), primary_key=True),
    Column("form", Text, primary_key=True),
    Column("written_at", UtcTime, nullable=False),
    Column("parts", Said, nullable=False),
    Column("file", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("media", Text, nullable=False),
    Column("seconds", Float),
    Column("reference", Text, nullable=False),
    Column("valid_until", UtcTime),
    Column("filed_at", UtcTime),
    Column("handed_at", UtcTime),
    Column("handed_by", Text, nullable=False),
    Index("release_filed", "filed_at"),
)
"""Written in the transaction that decides; nothing of a household stands in them."""

cap_again = Table(
    "cap_again",
    metadata,
    Column("alert", Text, ForeignKey("alert.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("written_at", UtcTime, nullable=False),
    Column("parts", Said, nullable=False),
    Column("file", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("media", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("valid_until", UtcTime, nullable=False),
    Column("filed_at", UtcTime),
    Index("cap_again_file", "file", unique=True),
)
"""The same CAP message anew, before the one before it runs out; `release` keeps the first."""

canary = Table(
    "canary",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("channel", Text, nullable=False),
    Column("handset", Text, nullable=False),
    Column("notice_id", BigInteger, ForeignKey("notice.id")),
    Column("token", LargeBinary),
    Column("sent_at", UtcTime, nullable=False),
    Column("sent_wall", UtcTime, nullable=False),
    Column("due_wall", UtcTime, nullable=False),
    Column("received_wall", UtcTime),
    Column("refused", Text, nullable=False),
    Index("canary_token", "token", unique=True),
    Index("canary_of", "channel", "handset", "sent_wall"),
)
"""`handset` is a digest of the address; `token` the SHA-256 of what the handset opens; measured by the wall's clock."""

handset = Table(
    "handset",
    metadata,
    Column("id", Text, primary_key=True),
    *(Column(name, Text, nullable=False) for name in ("channel", "name", "address", "mark", "added_by")),
    Column("added_at", UtcTime, nullable=False),
    Column("asked_wall", UtcTime, nullable=False),
    Column("proved_wall", UtcTime),
    Index("handset_mark", "mark", unique=True),
    Index("handset_name", "name", unique=True),
)
"""The city's own browsers as test handsets; `mark` is the digest by which canaries know the address."""
