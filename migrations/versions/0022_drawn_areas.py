"""What an author drew on the map, and whom a draft is narrowed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one column that may be empty: the version before this one can go on serving."""
    op.add_column("draft", sa.Column("scope", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it away again, and with it what was drawn."""
    op.drop_column("draft", "scope")
