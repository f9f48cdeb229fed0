"""The map's tiles: each layer drawn once for every zoom in memory, cut on demand, kept as zipped bytes."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table

from disaster_hub.desk.drawing import Drawing, Ints, Legend, chosen, coarser, draw, joined, lonlat
from disaster_hub.desk.tile_cut import DEEPEST, EXTENT, MARGIN, cut, touching
from disaster_hub.store import tile_rows
from disaster_hub.store.layers import LAYERS
from disaster_hub.store.session import Store

ZOOMS = (13, 12, 11, 10, 9, 8, 6, 4)
"""For which zooms a layer is drawn beforehand; deeper ones come from the store with every corner."""
LEAST_ZOOM = 4
MOST_DRAWN = 256_000_000
"""Bytes of drawings in memory for one layer; the finest zooms that do not fit are cut from the store."""
MOST_CUT = 64_000_000
"""Bytes of finished tiles."""
AT_ONCE = 2000
"""A layer of so many shapes is drawn while its first asker waits; a larger one in the background."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one layer's tiles are drawn from; only the columns named here are ever in a tile."""

    table: Table
    columns: tuple[str, ...]
    only: tuple[str, str] | None = None


def sheets(columns: Mapping[str, tuple[str, ...]]) -> dict[str, Sheet]:
    """Give the sheets of place layers, with the columns that their tiles may say."""
    return {name: Sheet(LAYERS[name].table, said) for name, said in columns.items()}


PUBLIC = sheets({
    "hazards": ("hazard", "scale", "rank", "rank_kind", "river", "phenomenon", "zone", "low_m", "high_m"),
    "rivers": ("waterway",),
    "roads": ("highway",),
})  # fmt: skip
"""What anybody may see."""
DESK = PUBLIC | sheets({"blocks": ("code", "name"), "water_points": ("kind",)})
"""What the headquarters sees beside it; a department's own layers come with their own sheet."""


@dataclass(slots=True)
class Drawn:
    """One layer, drawn for the zooms that fit into memory."""

    legend: Legend
    levels: dict[int, tuple[Drawing, Ints]] = field(default_factory=dict)
    """For each zoom the drawing and the boxes of its parts."""
    count: int = 0


class Atlas:
    """The tiles of one store; safe to ask from several threads."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._drawn: dict[str, tuple[str, Drawn]] = {}
        self._making: dict[str, threading.Lock] = {}
        self._cut: OrderedDict[tuple[str, str, int, int, int], bytes] = OrderedDict()
        self._weight = 0

    def ready(self, name: str, stamp: str) -> bool:
        """Tell whether the layer is drawn as it stands under *stamp*."""
        held = self._drawn.get(name)
        return held is not None and held[0] == stamp

    def small(self, sheet: Sheet) -> bool:
        """Tell whether the layer can be drawn while somebody waits."""
        with self.store.read() as tx:
            return tile_rows.count(tx, sheet.table, sheet.only) <= AT_ONCE

    def prepare(self, name: str, stamp: str, sheet: Sheet) -> None:
        """Draw the layer for every zoom, unless it is drawn; whoever comes meanwhile waits for the same drawing."""
        with self._lock:
            turn = self._making.setdefault(name, threading.Lock())
        with turn:
            if self.ready(name, stamp):
                return
            drawn = drawn_of(self.store, sheet)
            with self._lock:
                self._drawn[name] = (stamp, drawn)
                for key in [key for key in self._cut if key[0] == name and key[1] != stamp]:
                    self._weight -= len(self._cut.pop(key))

    def begin(self, name: str, stamp: str, sheet: Sheet) -> None:
        """Draw the layer in the background, if nobody does so already."""
        with self._lock:
            turn = self._making.setdefault(name, threading.Lock())
        if not turn.locked():
            threading.Thread(target=self.prepare, args=(name, stamp, sheet), name=f"tiles {name}", daemon=True).start()

    def known(self, name: str, stamp: str, zoom: int, x: int, y: int) -> bytes | None:
        """Give a tile that is there already."""
        key = (name, stamp, zoom, x, y)
        with self._lock:
            found = self._cut.get(key)
            if found is not None:
                self._cut.move_to_end(key)
        return found

    def tile(self, name: str, stamp: str, sheet: Sheet, zoom: int, x: int, y: int) -> bytes | None:
        """Give a tile as zipped bytes, empty where nothing lies; None where its layer is still being drawn."""
        found = self.known(name, stamp, zoom, x, y)
        if found is not None:
            return found
        held = self._drawn.get(name)
        if held is None or held[0] != stamp:
            return None
        body = self._cut_of(held[1], sheet, zoom, x, y)
        zipped = gzip.compress(body, 1, mtime=0) if body else b""
        with self._lock:
            self._cut[name, stamp, zoom, x, y] = zipped
            self._weight += len(zipped) + 100
            while self._weight > MOST_CUT:
                _, gone = self._cut.popitem(last=False)
                self._weight -= len(gone) + 100
        return zipped

    def _cut_of(self, drawn: Drawn, sheet: Sheet, zoom: int, x: int, y: int) -> bytes:
        fitting = [level for level in drawn.levels if level >= zoom]
        if fitting:
            drawing, boxes = drawn.levels[min(fitting)]
            return cut(chosen(drawing, touching(boxes, zoom, x, y)), drawn.legend, zoom, x, y)
        if not drawn.count:
            return b""
        legend = Legend(sheet.columns)
        side = 1 / (1 << zoom)
        edge = side * MARGIN / EXTENT
        west, north = lonlat(x * side - edge, y * side - edge)
        east, south = lonlat((x + 1) * side + edge, (y + 1) * side + edge)
        with self.store.read() as tx:
            found = list(tile_rows.batches(tx, sheet.table, sheet.columns, (west, south, east, north), sheet.only))
        whole = joined([_drawn(shapes, said, legend) for shapes, said in found])
        near = chosen(whole, touching(whole.boxes(), zoom, x, y))
        return cut(near, legend, zoom, x, y)


def drawn_of(store: Store, sheet: Sheet) -> Drawn:
    """Draw a layer for every zoom that fits into memory, reading it once."""
    made = Drawn(Legend(sheet.columns))
    parts: dict[int, list[Drawing]] = {zoom: [] for zoom in ZOOMS}
    weight = 0
    with store.read() as tx:
        for shapes, said in tile_rows.batches(tx, sheet.table, sheet.columns, only=sheet.only):
            made.count += len(said)
            one = _drawn(shapes, said, made.legend)
            finer = [one, one]
            for zoom in ZOOMS:
                finer.append(coarser(finer[-2], zoom))
                one = finer[-1]
                if zoom in parts:
                    parts[zoom].append(one)
                    weight += one.weight
            while weight > MOST_DRAWN and len(parts) > 1:
                weight -= sum(part.weight for part in parts.pop(max(parts)))
    for zoom in sorted(parts):
        whole = joined(parts.pop(zoom))
        made.levels[zoom] = (whole, whole.boxes())
    return made


def _drawn(shapes: NDArray[np.object_], said: list[tuple[object, ...]], legend: Legend) -> Drawing:
    kinds = np.fromiter((legend.number(values) for values in said), np.int32, len(said))
    return draw(shapes, kinds)


__all__ = ["DEEPEST", "DESK", "LEAST_ZOOM", "PUBLIC", "Atlas", "Sheet", "drawn_of", "sheets"]
