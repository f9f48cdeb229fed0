"""The tables of what departments bring themselves: the layers, and their shapes with an index of their own."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from disaster_hub.store.columns import Said, UtcTime, metadata
from disaster_hub.store.layers import Layer, _table

own_layer = Table(
    "own_layer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("pattern", Text, nullable=False),
    Column("seen_by", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("shapes", Integer, nullable=False),
    Column("problems", Said, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("replaced_by", Text),
    Column("retired_at", UtcTime),
)
"""A layer never changes: a newer one replaces it, under an id of its own."""

own_shape = _table("own_shape", "GEOMETRY", label=Text)
"""`source` is the id of the layer; `more` holds what the file said of the shape."""

OWN = Layer("own_shapes", own_shape, "What departments brought themselves; each row's source is its layer's id")
