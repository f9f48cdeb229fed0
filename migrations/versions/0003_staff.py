"""Accounts, sign-ins and lock-outs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (
    ("department", sa.Text),
    ("shown", sa.Text),
    ("disabled_at", UtcTime),
    ("must_change", sa.Boolean),
    ("last_signed_in_at", UtcTime),
    ("failures", sa.Integer),
    ("failed_at", UtcTime),
    ("locked_until", UtcTime),
    ("ended_at", UtcTime),
)


def upgrade() -> None:
    """Add tables and nullable columns only: the version before this one can go on serving."""
    for name, kind in COLUMNS:
        op.add_column("staff", sa.Column(name, kind(), nullable=True))
    op.create_table(
        "staff_session",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("began", UtcTime(), nullable=False),
        sa.Column("last_used", UtcTime(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("ended", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["name"], ["staff.name"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("session_of", "staff_session", ["name", "ended"])
    op.create_table(
        "staff_origin",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("right_at", UtcTime(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", UtcTime(), nullable=True),
        sa.Column("locked_until", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["name"], ["staff.name"]),
        sa.PrimaryKeyConstraint("name", "mark"),
    )
    op.create_table(
        "staff_identity",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["name"], ["staff.name"]),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )


def downgrade() -> None:
    """Take everything of this revision away."""
    for table in ("staff_identity", "staff_origin", "staff_session"):
        op.drop_table(table)
    for name, _kind in reversed(COLUMNS):
        op.drop_column("staff", name)
