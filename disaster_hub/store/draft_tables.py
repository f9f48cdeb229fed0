"""The table of drafts: what an author wrote, and what became of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from disaster_hub.store.columns import Said, UtcTime, metadata

draft = Table(
    "draft",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("world", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Integer),
    Column("hazard", Text),
    Column("whom", Text, nullable=False),
    Column("areas", Said, nullable=False),
    Column("area_name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("decisions", Said, nullable=False),
    Column("earlier", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("alone_at", UtcTime),
    Column("decided_at", UtcTime),
    Column("issued", Said, nullable=False),
    Column("ended", Said, nullable=False),
    Column("alert", Text, nullable=False),
    Column("seen_by", Text, nullable=False),
    Column("scope", Said),
    Index("draft_time", "made_at"),
    Index("draft_alert", "alert"),
    Index("draft_state", "state", "expires_at"),
)
"""Its version moves with every step: two approvals at once are one. `scope`: what was drawn, and for which groups."""
