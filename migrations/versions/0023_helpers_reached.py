"""Helpers found again by their address, and whether the way to them has ended on their side."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import UtcTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns that may be empty: the version before this one can go on serving."""
    op.add_column("helper", sa.Column("lookup", sa.LargeBinary(), nullable=True))
    op.add_column("helper", sa.Column("ended_at", UtcTime(), nullable=True))
    op.create_index("helper_lookup", "helper", ["lookup"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("helper_lookup", "helper")
    op.drop_column("helper", "ended_at")
    op.drop_column("helper", "lookup")
