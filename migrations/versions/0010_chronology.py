"""The journal as the room's time log: when a row was written down, which row it is about, whose sealed data it names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import BigId, UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NEW = ("noted_at", "about", "person")


def upgrade() -> None:
    """Add nullable columns only: the version before this one can go on serving."""
    op.add_column("journal", sa.Column("noted_at", UtcTime(), nullable=True))
    op.add_column("journal", sa.Column("about", BigId, nullable=True))
    op.add_column("journal", sa.Column("person", sa.Text(), nullable=True))
    op.create_index("journal_about", "journal", ["about"])


def downgrade() -> None:
    """Take everything of this revision away."""
    op.drop_index("journal_about", table_name="journal")
    for name in NEW:
        op.drop_column("journal", name)
