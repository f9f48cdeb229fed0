"""CAP messages that are written anew while their order stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import Said, UtcTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one table; the version before this one does not look at it."""
    op.create_table(
        "cap_again",
        sa.Column("alert", sa.Text(), sa.ForeignKey("alert.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("written_at", UtcTime(), nullable=False),
        sa.Column("parts", Said(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("file", "content", "media", "reference")),
        sa.Column("valid_until", UtcTime(), nullable=False),
        sa.Column("filed_at", UtcTime()),
    )
    op.create_index("cap_again_file", "cap_again", ["file"], unique=True)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("cap_again")
