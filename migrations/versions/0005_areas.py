"""Evacuation areas, statistics, hydrants and other water sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store import geopackage
from disaster_hub.store.columns import Said, UtcTime
from disaster_hub.store.geometry import Shape
from disaster_hub.store.layers import LAYERS

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PLACES = ("blocks", "water_point")
NEW = ("decide_by", "area_time", "statistic", *PLACES)


def upgrade() -> None:
    """Add tables and nullable columns only: the version before this one can go on serving."""
    reckoned()
    places()
    op.create_index("household_stamp", "household", ["changed_at", "version"])


def downgrade() -> None:
    """Take everything of this revision away."""
    op.drop_index("household_stamp", "household")
    if op.get_bind().dialect.name == "sqlite":
        for table in PLACES:
            for register in ("gpkg_extensions", "gpkg_geometry_columns", "gpkg_contents"):
                op.execute(sa.text(f"DELETE FROM {register} WHERE table_name = :name").bindparams(name=table))  # noqa: S608  # our own names
            op.execute(f"DROP TABLE rtree_{table}_geom")
    for table in NEW:
        op.drop_table(table)


def reckoned() -> None:
    """Make the tables of statistics, of the areas' minutes and of the latest minutes to issue."""
    op.create_table(
        "statistic",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("elderly", sa.Integer(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "area", "town", name="statistic_once"),
    )
    op.create_index("statistic_area", "statistic", ["area"])
    op.create_table(
        "area_time",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("day_min", sa.Integer(), nullable=True),
        sa.Column("night_min", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("area"),
    )
    op.create_table(
        "decide_by",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("night", sa.Boolean(), nullable=False),
        sa.Column("zero", UtcTime(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("homes", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("slowest", Said(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("reckoned_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("area", "hazard"),
    )


def places() -> None:
    """Make the two layers, each with its spatial index."""
    _layer(
        "blocks",
        "MULTIPOLYGON",
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("hazards", sa.Text(), nullable=True),
        sa.Column("day_min", sa.Integer(), nullable=True),
        sa.Column("night_min", sa.Integer(), nullable=True),
        sa.Column("blocks", Said(), nullable=True),
    )
    _layer(
        "water_point",
        "POINT",
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=True),
    )
    if op.get_bind().dialect.name == "sqlite":
        for name in ("blocks", "water_points"):
            for statement, values in geopackage.registered(LAYERS[name]):
                op.get_bind().exec_driver_sql(statement, values)
    else:
        for table in PLACES:
            op.execute(f"CREATE INDEX {table}_geom ON {table} USING gist (geom)")


def _layer(name: str, geometry: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("geom", Shape(geometry), nullable=True),
        *columns,
        sa.Column("more", Said(), nullable=False),
        sa.PrimaryKeyConstraint("fid"),
        sa.UniqueConstraint("source", "source_id", name=f"{name}_once"),
    )
