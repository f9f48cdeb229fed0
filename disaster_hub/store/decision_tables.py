"""The tables of decisions: versions of the criteria, how each stands, proposals with every step, the posture."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint

from disaster_hub.store.columns import BigId, Said, UtcTime, metadata

criteria_version = Table(
    "criteria_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("text", Text, nullable=False),
)
"""Rows are only ever added; the newest one rules."""

assessment = Table(
    "assessment",
    metadata,
    Column("criterion", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Column("order_level", Integer, nullable=False),
    Column("hazard", Text, nullable=False),
    Column("area_name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("reasons", Said, nullable=False),
)
"""How each criterion stands now; what it was before is in the journal."""

decision = Table(
    "decision",
    metadata,
    Column("id", Text, primary_key=True),
    Column("lane", Text),
    Column("order_level", Integer, nullable=False),
    Column("hazard", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("area_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("because", Text, nullable=False),
    Column("criterion", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("approver", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("decided_at", UtcTime),
    Column("look_again_at", UtcTime),
    Column("lifting_by", Text, nullable=False),
    Column("ended_at", UtcTime),
    Column("changed_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("lane", name="decision_lane"),
    Index("decision_changed", "changed_at"),
)
"""`lane` is order, hazard and area while the decision is open or in force, and empty afterwards: so there is one."""

decision_step = Table(
    "decision_step",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("decision", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("decision", "version", name="decision_step_once"),
)
"""Every step of every decision, only ever added."""

posture = Table(
    "posture",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("stage", Text, nullable=False),
    Column("headquarters", Boolean, nullable=False),
    Column("present", Said, nullable=False),
    Column("who", Text, nullable=False),
    Column("note", Text, nullable=False),
)
"""本部 and 配備体制, only ever added; the newest row is how it stands."""
