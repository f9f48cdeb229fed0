"""Drafts of alerts: what an author writes and another approves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import Said, UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables only: the version before this one can go on serving."""
    texts = ("whom", "area_name", "note", "why", "earlier", "author", "approver", "state", "reason", "alert", "seen_by")
    op.create_table(
        "draft",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("status", "world", "kind")),
        sa.Column("level", sa.Integer()),
        sa.Column("hazard", sa.Text()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        *(sa.Column(name, Said(), nullable=False) for name in ("areas", "decisions", "issued", "ended")),
        *(sa.Column(name, UtcTime(), nullable=False) for name in ("made_at", "expires_at")),
        *(sa.Column(name, UtcTime()) for name in ("alone_at", "decided_at")),
    )
    op.create_index("draft_time", "draft", ["made_at"])
    op.create_index("draft_alert", "draft", ["alert"])
    op.create_index("draft_state", "draft", ["state", "expires_at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("draft")
