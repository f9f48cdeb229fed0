"""Households and their sealed plans; arrival times; road and shelter states; zero hours; where a notice leads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store import geopackage
from disaster_hub.store.columns import Said, UtcTime
from disaster_hub.store.geometry import Shape
from disaster_hub.store.layers import HOMES, LAYERS

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CLASSES = ("low_m", "high_m", "depth_m", "low_h", "high_h")
NEW = (
    "household_answer", "household_contact", "household_door", "household_version", "household", "tally",
    "condition", "zero_hour", "arrival", "home",
)  # fmt: skip


def upgrade() -> None:
    """Add tables and nullable columns only: the version before this one can go on serving."""
    households()
    states()
    places()
    for name in CLASSES:
        op.add_column("hazard_zone", sa.Column(name, sa.Float(), nullable=True))
    for name in ("url", "unsubscribe"):
        op.add_column("notice", sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    """Take everything of this revision away, plans included."""
    for name in ("url", "unsubscribe"):
        op.drop_column("notice", name)
    for name in CLASSES:
        op.drop_column("hazard_zone", name)
    if op.get_bind().dialect.name == "sqlite":
        for table in ("arrival", "home"):
            for register in ("gpkg_extensions", "gpkg_geometry_columns", "gpkg_contents"):
                op.execute(sa.text(f"DELETE FROM {register} WHERE table_name = :name").bindparams(name=table))  # noqa: S608  # our own names
            op.execute(f"DROP TABLE rtree_{table}_geom")
    for table in NEW:
        op.drop_table(table)


def households() -> None:
    """Make the tables of sealed plans."""
    op.create_table(
        "household",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("draft", sa.LargeBinary(), nullable=True),
        sa.Column("drafted_at", UtcTime(), nullable=True),
        sa.Column("outlook", sa.LargeBinary(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.Column("deleted_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("household_changed", "household", ["changed_at"])
    op.create_table(
        "household_version",
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["household"], ["household.id"]),
        sa.PrimaryKeyConstraint("household", "number"),
    )
    op.create_table(
        "household_door",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["household"], ["household.id"]),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("door_of", "household_door", ["household", "kind"])
    op.create_table(
        "household_contact",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("added_at", UtcTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["household"], ["household.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("contact_of", "household_contact", ["household"])
    op.create_index("contact_lookup", "household_contact", ["lookup"])
    op.create_table(
        "household_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["household"], ["household.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("household", "answer", name="answer_once"),
    )


def states() -> None:
    """Make the tables of counts, of road and shelter states and of zero hours."""
    op.create_table(
        "tally",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "condition",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "place"),
    )
    op.create_table(
        "zero_hour",
        sa.Column("hazard", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("zero", UtcTime(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("issued_at", UtcTime(), nullable=True),
        sa.Column("gauge", sa.Text(), nullable=False),
        sa.Column("gauge_name", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("hazard", "area"),
    )


def places() -> None:
    """Make the two tables with a shape, each with its spatial index."""
    op.create_table(
        "arrival",
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("geom", Shape("GEOMETRY"), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("minutes", sa.Float(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("more", Said(), nullable=False),
        sa.PrimaryKeyConstraint("fid"),
        sa.UniqueConstraint("source", "source_id", name="arrival_once"),
    )
    op.create_table(
        "home",
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("geom", Shape("POINT"), nullable=True),
        sa.PrimaryKeyConstraint("fid"),
        sa.UniqueConstraint("household"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for layer in (LAYERS["arrivals"], HOMES):
            for statement, values in geopackage.registered(layer):
                op.get_bind().exec_driver_sql(statement, values)
    else:
        for table in ("arrival", "home"):
            op.execute(f"CREATE INDEX {table}_geom ON {table} USING gist (geom)")
