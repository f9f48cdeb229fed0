"""Doubted readings, second witnesses, rules of automatic notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import BigId, Said, UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
TABLES = ("rule_evaluation", "rule_standing", "notice_rules_version", "witness_look", "doubted_reading", "trust")


def upgrade() -> None:
    """Add tables only: the version before this one can go on serving."""
    _doubts()
    _rules()


def _doubts() -> None:
    op.create_table(
        "trust",
        sa.Column("station", sa.Text(), primary_key=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("doubt", sa.Text()),
        sa.Column("doubt_words", sa.Text(), nullable=False),
        sa.Column("doubt_since", UtcTime()),
        sa.Column("witness", sa.Text()),
        sa.Column("witness_words", sa.Text(), nullable=False),
        sa.Column("witness_at", UtcTime()),
        sa.Column("danger", sa.Boolean(), nullable=False),
        sa.Column("memory", Said(), nullable=False),
    )
    op.create_table(
        "doubted_reading",
        sa.Column("station", sa.Text(), primary_key=True),
        sa.Column("quantity", sa.Text(), primary_key=True),
        sa.Column("at", UtcTime(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("value", sa.Float()),
        sa.Column("judged_at", UtcTime(), nullable=False),
        sa.Column("cleared_at", UtcTime()),
        sa.Column("cleared_by", sa.Text(), nullable=False),
    )
    op.create_index("doubted_time", "doubted_reading", ["at"])
    op.create_table(
        "witness_look",
        sa.Column("id", BigId, primary_key=True, autoincrement=True),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
    )
    op.create_index("witness_look_of", "witness_look", ["station", "at"])


def _rules() -> None:
    op.create_table(
        "notice_rules_version",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("at", UtcTime(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("who", "note", "text")),
    )
    op.create_table(
        "rule_standing",
        sa.Column("rule", sa.Text(), primary_key=True),
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("evidence", "alert")),
        sa.Column("told", sa.Integer()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("calm_from", UtcTime()),
    )
    op.create_table(
        "rule_evaluation",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("inputs", Said(), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
    )
    op.create_index("evaluation_of", "rule_evaluation", ["rule", "at"])
    op.create_index("evaluation_time", "rule_evaluation", ["at"])


def downgrade() -> None:
    """Take them away."""
    for name in TABLES:
        op.drop_table(name)
