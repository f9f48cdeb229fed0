"""Helpers, whom they look after, who was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables only: the version before this one can go on serving."""
    op.create_table(
        "helper",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("household", sa.Text(), sa.ForeignKey("household.id"), nullable=False),
        sa.Column("invited_at", UtcTime(), nullable=False),
        sa.Column("confirmed_at", UtcTime()),
        sa.Column("stopped_at", UtcTime()),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
    )
    op.create_index("helper_of", "helper", ["household"])
    op.create_index("helper_token", "helper", ["token"], unique=True)
    op.create_table(
        "help_call",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("root", sa.Text(), sa.ForeignKey("alert.id"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("household", "helper", "state")),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("shuts_at", UtcTime()),
        sa.Column("answered_at", UtcTime()),
        sa.Column("token", sa.LargeBinary()),
        sa.UniqueConstraint("root", "household", "helper", name="help_call_once"),
    )
    op.create_index("help_call_of", "help_call", ["household"])
    op.create_index("help_call_token", "help_call", ["token"], unique=True)
    op.create_table(
        "leader_area",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("area", sa.Text(), primary_key=True),
    )


def downgrade() -> None:
    """Take them away."""
    for name in ("leader_area", "help_call", "helper"):
        op.drop_table(name)
