"""Evacuation areas, statistics, hydrants and other water sources."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and nullable columns only: the version before this one can go on serving."""


def downgrade() -> None:
    """Take everything of this revision away."""
