"""The registry of the city's own sensors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import Said, UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables only: the version before this one can go on serving."""
    op.create_table(
        "sensor_entry",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("said", Said(), nullable=False),
        sa.PrimaryKeyConstraint("device", "number"),
    )
    op.create_table(
        "sensor_maintenance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("begun", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("maintenance_of", "sensor_maintenance", ["device", "ends"])
    op.create_table(
        "sensor_stranger",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("first_heard", UtcTime(), nullable=False),
        sa.Column("last_heard", UtcTime(), nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("device"),
    )


def downgrade() -> None:
    """Take the registry away."""
    for name in ("sensor_stranger", "sensor_maintenance", "sensor_entry"):
        op.drop_table(name)
