"""Canaries through every channel, and hand-over texts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import BigId, Said, UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables only: the version before this one can go on serving."""
    op.create_table(
        "release",
        sa.Column("alert", sa.Text(), sa.ForeignKey("alert.id"), primary_key=True),
        sa.Column("form", sa.Text(), primary_key=True),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("parts", Said(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("file", "content", "media")),
        sa.Column("seconds", sa.Float()),
        sa.Column("reference", sa.Text(), nullable=False),
        *(sa.Column(name, UtcTime()) for name in ("valid_until", "filed_at", "handed_at")),
        sa.Column("handed_by", sa.Text(), nullable=False),
    )
    op.create_index("release_filed", "release", ["filed_at"])
    op.create_table(
        "canary",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("handset", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), sa.ForeignKey("notice.id")),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("sent_at", UtcTime(), nullable=False),
        sa.Column("sent_wall", UtcTime(), nullable=False),
        sa.Column("due_wall", UtcTime(), nullable=False),
        sa.Column("received_wall", UtcTime()),
        sa.Column("refused", sa.Text(), nullable=False),
    )
    op.create_index("canary_token", "canary", ["token"], unique=True)
    op.create_index("canary_of", "canary", ["channel", "handset", "sent_wall"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("canary")
    op.drop_table("release")
