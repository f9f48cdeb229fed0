"""What a person wants shown, and camera stills."""

from __future__ import annotations

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and nullable columns only: the version before this one can go on serving."""


def downgrade() -> None:
    """Take everything of this revision away."""
