"""Criteria, proposals, orders and the state of the headquarters."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and nullable columns only: the version before this one can go on serving."""


def downgrade() -> None:
    """Take everything of this revision away."""
