"""Alerts: what was decided, for whom and why, what came back; a brief beside each plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from disaster_hub.store.columns import Said, UtcTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and columns that may be empty: the version before this one can go on serving."""
    op.create_table(
        "alert",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("world", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer()),
        sa.Column("hazard", sa.Text()),
        *(sa.Column(name, Said(), nullable=False) for name in ("areas",)),
        sa.Column("area_name", sa.Text(), nullable=False),
        sa.Column("audience", Said(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("issuer", "why", "note")),
        sa.Column("decided_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("earlier", "author", "approver", "rule", "evidence")),
        sa.Column("city_order", sa.Integer()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reached", sa.Text(), nullable=False),
        sa.Column("spread_at", UtcTime()),
    )
    op.create_index("alert_state", "alert", ["state", "urgency"])
    op.create_index("alert_earlier", "alert", ["earlier"])
    op.create_index("alert_time", "alert", ["decided_at"])
    _households()
    op.add_column("household", sa.Column("brief", sa.LargeBinary()))
    op.add_column("notice", sa.Column("alert", sa.Text()))
    op.add_column("delivery", sa.Column("household", sa.Text()))
    op.create_index("delivery_notice", "delivery", ["notice_id", "state"])
    op.create_index("delivery_household", "delivery", ["household"])


def _households() -> None:
    op.create_table(
        "alert_household",
        sa.Column("alert", sa.Text(), sa.ForeignKey("alert.id"), primary_key=True),
        sa.Column("household", sa.Text(), primary_key=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("token", sa.LargeBinary()),
        sa.Column("at", UtcTime()),
    )
    op.create_index("alert_token", "alert_household", ["token"], unique=True)
    op.create_index("alert_of", "alert_household", ["household"])
    op.create_table(
        "alert_household_before",
        sa.Column("alert", sa.Text(), sa.ForeignKey("alert.id"), primary_key=True),
        sa.Column("household", sa.Text(), primary_key=True),
        sa.Column("at", UtcTime(), primary_key=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
    )
    op.create_index("alert_before_of", "alert_household_before", ["household"])
    op.create_table(
        "plans_stand",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
    )
    op.create_table(
        "alert_answer",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("alert", sa.Text(), sa.ForeignKey("alert.id"), nullable=False),
        sa.Column("household", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("given_at", UtcTime(), nullable=False),
        sa.Column("received_at", UtcTime(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
    )
    op.create_index("alert_answer_of", "alert_answer", ["alert", "household"])
    op.create_index("alert_answer_household", "alert_answer", ["household"])


def downgrade() -> None:
    """Take the alerts away."""
    op.drop_index("delivery_household", "delivery")
    op.drop_index("delivery_notice", "delivery")
    op.drop_column("delivery", "household")
    op.drop_column("notice", "alert")
    op.drop_column("household", "brief")
    for name in ("plans_stand", "alert_answer", "alert_household_before", "alert_household", "alert"):
        op.drop_table(name)
