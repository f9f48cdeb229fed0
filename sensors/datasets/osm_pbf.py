"""The packed form of an OpenStreetMap extract (`.osm.pbf`), streamed by osmium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from disaster_hub.terms.errors import BadInput

Drawn = tuple[int, tuple[int, ...], dict[str, str]]
"""A way: its id, its nodes, its tags."""


def ways(path: Path, keys: tuple[str, ...]) -> Iterator[Drawn]:
    """Give the ways that have one of the tags *keys*; deleted ones are left out."""
    import osmium  # noqa: PLC0415 - a compiled library, for those who load a .pbf

    with _whole(path):
        for way in _objects(path, osmium.osm.WAY, osmium.filter.KeyFilter(*keys)):
            if way.visible:
                yield way.id, tuple(node.ref for node in way.nodes), dict(way.tags)


def places(path: Path, wanted: set[int]) -> Iterator[tuple[int, tuple[float, float]]]:
    """Give the positions of the *wanted* nodes."""
    import osmium  # noqa: PLC0415 - as above

    with _whole(path):
        for node in _objects(path, osmium.osm.NODE, osmium.filter.IdFilter(wanted)):
            if node.visible and node.location.valid():
                yield node.id, (node.location.lon, node.location.lat)


def _objects(path: Path, kind: Any, sieve: Any) -> Iterator[Any]:
    """Stream the objects of one kind that pass the sieve."""
    import osmium  # noqa: PLC0415 - as above

    file = osmium.io.File(str(path), "pbf")
    return iter(osmium.FileProcessor(file, kind).with_filter(sieve))


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Turn what osmium says of a broken file into one sentence."""
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        raise BadInput(f"{path.name}: not a whole .osm.pbf ({str(error)[:80]})") from None
