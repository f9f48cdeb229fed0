"""The tables: one schema on SQLite (a GeoPackage file) and on PostgreSQL with PostGIS."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from disaster_hub.store.columns import BigId, UtcTime, metadata

world = Table(
    "world",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("opened", UtcTime),
    Column("starts", UtcTime),
    Column("ends", UtcTime),
    Column("speed", Float, nullable=False),
    Column("secret", LargeBinary, nullable=False),
)

raw = Table(
    "raw",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("said_at", UtcTime, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("refused", Text),
    UniqueConstraint("said_at", "identity", "sha256", name="raw_once"),
)
"""`said_at` is a device message's own time, 1970 for what was fetched: it leads the index, so that thousands of
messages a second touch a few pages at its end (three times as fast), and a fetched file is found by its identity."""

bulletin = Table(
    "bulletin",
    metadata,
    Column("identity", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("raw_id", BigInteger),
    Column("type", Text),
    Column("title", Text, nullable=False),
    Column("head_title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("info_type", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("reported_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime, nullable=False),
    Column("event_id", Text),
    Column("serial", Text),
    Column("headline", Text, nullable=False),
    Column("valid_until", UtcTime),
    Column("said", JSON, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("judged", Boolean, nullable=False),
    Index("bulletin_history", "type", "office", "reported_at"),
    Index("bulletin_waiting", "judged", "reported_at"),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("station", Text, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("unit", Text, nullable=False),
    UniqueConstraint("station", "quantity", "basis", name="series_once"),
)

observation = Table(
    "observation",
    metadata,
    Column("series_id", Integer, ForeignKey("series.id"), primary_key=True),
    Column("at", UtcTime, primary_key=True),
    Column("issued_at", UtcTime, primary_key=True),
    Column("value", Float),
    Column("quality", Text, nullable=False),
    Column("raw_id", BigInteger),
    sqlite_with_rowid=False,
)
"""`issued_at` of what was observed is 1970: part of the key, and never NULL."""

station_threshold = Table(
    "station_threshold",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("station", Text, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("thresholds", JSON, nullable=False),
    Index("threshold_history", "station", "since"),
)

official = Table(
    "official",
    metadata,
    Column("area", Text, primary_key=True),
    Column("hazard", Text, primary_key=True),
    Column("area_name", Text, nullable=False),
    Column("area_kind", Text, nullable=False),
    Column("level", Integer),
    Column("name", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("since", UtcTime),
    Column("confirmed", UtcTime),
    Column("until", UtcTime),
    Column("evidence", Text, nullable=False),
    Column("unknown", Boolean, nullable=False),
)

level_change = Table(
    "level_change",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("area", Text, nullable=False),
    Column("area_name", Text, nullable=False),
    Column("area_kind", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("before", Integer),
    Column("after", Integer),
    Column("issuer", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    UniqueConstraint("area", "evidence", name="change_once"),
    Index("change_history", "area", "id"),
)

zero_hour = Table(
    "zero_hour",
    metadata,
    Column("hazard", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Column("zero", UtcTime),
    Column("basis", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("issued_at", UtcTime),
    Column("gauge", Text, nullable=False),
    Column("gauge_name", Text, nullable=False),
    Column("level", Integer),
    Column("stale", Boolean, nullable=False),
)
"""When each governed water begins, as it was last said; a countdown never grows longer than this."""

notice = Table(
    "notice",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("world", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("headline", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("decided_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("url", Text),
    Column("unsubscribe", Text),
    Column("alert", Text),
    Index("notice_alert", "alert"),
    Index("notice_end", "expires_at"),
)
"""`alert`: whose households get it, each in the words of its own plan; empty for what the staff is told."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("notice_id", BigInteger, ForeignKey("notice.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("leased_until", UtcTime),
    Column("worker", Text),
    Column("tries", Integer, nullable=False),
    Column("household", Text),
    UniqueConstraint("notice_id", "channel", "address", name="delivery_once"),
    Index("delivery_due", "state", "channel", "urgency", "due_at", "id"),
    Index("delivery_notice", "notice_id", "state"),
    Index("delivery_household", "household"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("delivery_id", BigInteger, ForeignKey("delivery.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("worker", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("delivery_id", "at", "worker", "outcome", name="attempt_once"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("place", Text),
    Column("because", Text),
    Column("key", Text, unique=True),
    Column("noted_at", UtcTime),
    Column("about", BigId),
    Column("person", Text),
    Index("journal_time", "at"),
    Index("journal_about", "about"),
)

condition = Table(
    "condition",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
)
"""What the journal last said of a road or a shelter, written in the same transaction as its row there."""

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("process", Text, primary_key=True),
    Column("worker", Text, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("wall", UtcTime, nullable=False),
    Column("note", Text, nullable=False),
)

pulse = Table(
    "pulse",
    metadata,
    Column("source", Text, primary_key=True),
    Column("last_success", UtcTime),
    Column("last_try", UtcTime),
    Column("failures", Integer, nullable=False),
    Column("failures_total", Integer, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("last_reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("long_success", UtcTime),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("name", Text, primary_key=True),
    Column("password", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("department", Text),
    Column("shown", Text),
    Column("disabled_at", UtcTime),
    Column("must_change", Boolean),
    Column("last_signed_in_at", UtcTime),
    Column("failures", Integer),
    Column("failed_at", UtcTime),
    Column("locked_until", UtcTime),
    Column("ended_at", UtcTime),
)
"""Everything after the fifth column may be empty: the version before this one knew nothing of it."""

APPEND_ONLY = ("journal", "level_change", "attempt")
"""Rows here are only ever added; the database itself refuses anything else."""
