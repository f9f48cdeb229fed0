"""Enrolment on channels: codes that prove a number or a LINE account, and what the services told us already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables only: the version before this one can go on serving."""
    op.create_table(
        "enrolment",
        sa.Column("code", sa.LargeBinary(), primary_key=True),
        sa.Column("household", sa.Text(), sa.ForeignKey("household.id"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
    )
    op.create_index("enrolment_of", "enrolment", ["household", "contact"])
    op.create_table(
        "heard",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_index("heard_at", "heard", ["at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("heard")
    op.drop_table("enrolment")
