"""Alembic's room: every revision can run while the version before it still serves."""
