"""Replies that came back by mail."""

from __future__ import annotations

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables only: the version before this one can go on serving."""


def downgrade() -> None:
    """Take them away."""
