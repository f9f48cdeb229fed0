"""Layers that a department brought itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store import geopackage
from disaster_hub.store.columns import Said, UtcTime
from disaster_hub.store.geometry import Shape
from disaster_hub.store.own_tables import OWN

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and nullable columns only: the version before this one can go on serving."""
    op.create_table(
        "own_layer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("seen_by", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("shapes", sa.Integer(), nullable=False),
        sa.Column("problems", Said(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.Column("retired_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "own_shape",
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("geom", Shape("GEOMETRY"), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("more", Said(), nullable=False),
        sa.PrimaryKeyConstraint("fid"),
        sa.UniqueConstraint("source", "source_id", name="own_shape_once"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement, values in geopackage.registered(OWN):
            op.get_bind().exec_driver_sql(statement, values)
    else:
        op.execute("CREATE INDEX own_shape_geom ON own_shape USING gist (geom)")


def downgrade() -> None:
    """Take everything of this revision away."""
    if op.get_bind().dialect.name == "sqlite":
        for register in ("gpkg_extensions", "gpkg_geometry_columns", "gpkg_contents"):
            op.execute(sa.text(f"DELETE FROM {register} WHERE table_name = 'own_shape'"))  # noqa: S608  # our own names
        op.execute("DROP TABLE rtree_own_shape_geom")
    op.drop_table("own_shape")
    op.drop_table("own_layer")
