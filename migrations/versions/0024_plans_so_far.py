"""How far the plans have been reckoned anew for the present state, so that nobody whose plan is right need wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column only: the version before this one can go on serving."""
    op.add_column("plans_stand", sa.Column("reached", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away again."""
    op.execute("DELETE FROM plans_stand WHERE id <> 1")
    with op.batch_alter_table("plans_stand") as batch:
        batch.drop_column("reached")
