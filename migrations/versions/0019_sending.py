"""Sending many: an index along which each channel takes what is due, and ways from an alert to its notice."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change indexes only: the version before this one can go on serving."""
    op.drop_index("delivery_due", "delivery")
    op.create_index("delivery_due", "delivery", ["state", "channel", "urgency", "due_at", "id"])
    op.create_index("notice_alert", "notice", ["alert"])
    op.create_index("notice_end", "notice", ["expires_at"])


def downgrade() -> None:
    """Put the index back as it was."""
    op.drop_index("notice_end", "notice")
    op.drop_index("notice_alert", "notice")
    op.drop_index("delivery_due", "delivery")
    op.create_index("delivery_due", "delivery", ["state", "urgency", "due_at"])
