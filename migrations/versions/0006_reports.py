"""Reports, their photos and sealed callers."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and nullable columns only: the version before this one can go on serving."""


def downgrade() -> None:
    """Take everything of this revision away."""
