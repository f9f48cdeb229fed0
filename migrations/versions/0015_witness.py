"""Doubted readings, second witnesses, rules of automatic notices."""

from __future__ import annotations

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables only: the version before this one can go on serving."""


def downgrade() -> None:
    """Take them away."""
