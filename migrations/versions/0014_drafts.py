"""Drafts of alerts: what an author writes and another approves."""

from __future__ import annotations

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables only: the version before this one can go on serving."""


def downgrade() -> None:
    """Take them away."""
