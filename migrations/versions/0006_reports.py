"""Reports, their photos and sealed callers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import Said, UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NEW = ("report_version", "report", "photo", "person")


def upgrade() -> None:
    """Add tables and nullable columns only: the version before this one can go on serving."""
    reports()
    op.create_table(
        "photo",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("photo_about", "photo", ["about"])
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Take everything of this revision away."""
    for table in NEW:
        op.drop_table(table)


def reports() -> None:
    """Make the tables of reports and of their earlier versions."""
    words = ("kind", "state", "source", "place", "said", "who", "department", "joined_to", "person")
    op.create_table(
        "report",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in words),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("photos", Said(), nullable=False),
        sa.Column("links", Said(), nullable=False),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("report_time", "report", ["received_at"])
    op.create_index("report_seen", "report", ["seen_at"])
    op.create_index("report_joined", "report", ["joined_to"])
    op.create_table(
        "report_version",
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("before", Said(), nullable=False),
        sa.Column("after", Said(), nullable=False),
        sa.PrimaryKeyConstraint("report", "version"),
    )
