"""Enrolment on channels."""

from __future__ import annotations

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables only: the version before this one can go on serving."""


def downgrade() -> None:
    """Take them away."""
