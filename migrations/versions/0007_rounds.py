"""Check points and their rounds; what shelters say; the residents' gate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import Said, UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APPEND_ONLY = ("check_point_version", "check_undone", "shelter_count", "gate")
NEW = (
    "gate", "shelter_need", "shelter_capacity", "shelter_count",
    "check_undone", "check_look", "check_point_version", "check_point",
)  # fmt: skip


def upgrade() -> None:
    """Add tables and nullable columns only: the version before this one can go on serving."""
    rounds()
    shelters()
    op.create_table(
        "gate",
        _number(),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("until", UtcTime(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for table in APPEND_ONLY:
        _only_added(table)


def downgrade() -> None:
    """Take everything of this revision away."""
    for table in NEW:
        op.drop_table(table)


def rounds() -> None:
    """Make the tables of the list, of its versions and of the looks."""
    op.create_table(
        "check_point",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("look_at", sa.Text(), nullable=False),
        sa.Column("goes", sa.Text(), nullable=False),
        sa.Column("every_min", sa.Integer(), nullable=False),
        sa.Column("from_level", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("photo_wanted", sa.Boolean(), nullable=False),
        sa.Column("closed_at", UtcTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "check_point_version",
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("said", Said(), nullable=False),
        sa.ForeignKeyConstraint(["point"], ["check_point.id"]),
        sa.PrimaryKeyConstraint("point", "version"),
    )
    op.create_table(
        "check_look",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("fine", sa.Boolean(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("photo", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["point"], ["check_point.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("look_of", "check_look", ["point", "seen_at"])
    op.create_table(
        "check_undone",
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("look"),
    )


def shelters() -> None:
    """Make the tables of counts, capacities and needs."""
    op.create_table(
        "shelter_count",
        _number(),
        sa.Column("shelter", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("count_of", "shelter_count", ["shelter", "id"])
    op.create_table(
        "shelter_capacity",
        sa.Column("shelter", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shelter"),
    )
    op.create_table(
        "shelter_need",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shelter", sa.Text(), nullable=False),
        sa.Column("goods", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("changed_at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("need_of", "shelter_need", ["shelter", "state"])


def _number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False)


def _only_added(table: str) -> None:
    """Let the database itself refuse to change what happened; `only_ever_added` is of the first revision."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: rows are only ever added'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION only_ever_added()"
    )
