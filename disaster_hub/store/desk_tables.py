"""The tables of the desk's map: what a person wants shown, camera stills, what the room drew."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from disaster_hub.store.columns import BigId, Said, UtcTime, metadata

preference = Table(
    "preference",
    metadata,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Said, nullable=False),
)

still = Table(
    "still",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("camera", Text, nullable=False),
    Column("taken_at", UtcTime),
    Column("basis", Text, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("camera", "sha256", name="still_once"),
    Index("still_time", "camera", "received_at"),
)
"""`taken_at` is the picture's own time; NULL where it says none. The same bytes again are the same still:
a camera that shows one picture for hours has that picture's age."""

sketch = Table(
    "sketch",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("spots", Said, nullable=False),
    Column("who", Text, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("removed_at", UtcTime),
    Column("removed_by", Text),
)
"""What somebody drew on the map for the room; taken away it stays, with who and when."""
