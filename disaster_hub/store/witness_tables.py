"""The tables of doubt: how far each gauge is believed, doubted readings, what officers saw, the rules of notices."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, Table, Text

from disaster_hub.store.columns import BigId, Said, UtcTime, metadata

trust = Table(
    "trust",
    metadata,
    Column("station", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("value", Float, nullable=False),
    Column("doubt", Text),
    Column("doubt_words", Text, nullable=False),
    Column("doubt_since", UtcTime),
    Column("witness", Text),
    Column("witness_words", Text, nullable=False),
    Column("witness_at", UtcTime),
    Column("danger", Boolean, nullable=False),
    Column("memory", Said, nullable=False),
)
"""One row a gauge, as its newest reading left it."""

doubted = Table(
    "doubted_reading",
    metadata,
    Column("station", Text, primary_key=True),
    Column("quantity", Text, primary_key=True),
    Column("at", UtcTime, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("value", Float),
    Column("judged_at", UtcTime, nullable=False),
    Column("cleared_at", UtcTime),
    Column("cleared_by", Text, nullable=False),
    Index("doubted_time", "at"),
)
"""The reading itself stays as it came; a witness that comes later clears the doubt and leaves the row."""

look = Table(
    "witness_look",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("station", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Index("witness_look_of", "station", "at"),
)
"""Officers who looked at the camera and said: it is really that high."""

notice_rules = Table(
    "notice_rules_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("text", Text, nullable=False),
)
"""Every version of the town's rules that was ever saved; the newest rules."""

rule_standing = Table(
    "rule_standing",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("level", Integer),
    Column("reason", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("alert", Text, nullable=False),
    Column("told", Integer),
    Column("revision", Integer, nullable=False),
    Column("calm_from", UtcTime),
)
"""How each rule stood when it was last looked at, and what was told because of it."""

rule_evaluation = Table(
    "rule_evaluation",
    metadata,
    Column("key", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("level", Integer),
    Column("reason", Text, nullable=False),
    Column("inputs", Said, nullable=False),
    Column("alert", Text, nullable=False),
    Index("evaluation_of", "rule", "at"),
    Index("evaluation_time", "at"),
)
"""Every evaluation that said something else than the one before, with what it was reckoned from."""
