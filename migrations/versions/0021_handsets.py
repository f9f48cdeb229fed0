"""Test handsets that the staff enrolled from a browser."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import UtcTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table only: the version before this one can go on serving."""
    op.create_table(
        "handset",
        sa.Column("id", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("channel", "name", "address", "mark", "added_by")),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("asked_wall", UtcTime(), nullable=False),
        sa.Column("proved_wall", UtcTime()),
    )
    op.create_index("handset_mark", "handset", ["mark"], unique=True)
    op.create_index("handset_name", "handset", ["name"], unique=True)


def downgrade() -> None:
    """Take it away."""
    op.drop_table("handset")
