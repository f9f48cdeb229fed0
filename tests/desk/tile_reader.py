"""Reads a tile as a browser does, in Python."""

from __future__ import annotations

import gzip
import json
import struct
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from disaster_hub.desk.drawing import mercator


def read(body: bytes) -> list[tuple[dict[str, Any], int, list[np.ndarray]]]:
    """Give each group: its properties, what it is, the corners of its parts on the tile's grid."""
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    if not body:
        return []
    (long,) = struct.unpack_from("<I", body)
    head = json.loads(body[4 : 4 + long])
    parts = sum(group["parts"] for group in head["groups"])
    at = 4 + long
    lengths = np.frombuffer(body, "<u4", parts, at)
    corners = int(lengths.sum())
    steps = np.frombuffer(body, np.uint8, 2 * corners, at + 4 * parts).astype(np.int64)
    wide = np.frombuffer(body, "<u2", offset=at + 4 * parts + 2 * corners)
    assert (steps == 255).sum() == len(wide)
    steps[steps == 255] = wide
    steps = (steps >> 1) ^ -(steps & 1)
    ends = np.cumsum(lengths)
    x, y = (
        np.concatenate([np.cumsum(part) for part in np.split(axis, ends[:-1])])
        for axis in (steps[:corners], steps[corners:])
    )
    rings = np.split(np.stack([x, y], axis=1), ends[:-1])
    groups, done = [], 0
    for group in head["groups"]:
        groups.append((group["is"], group["what"], rings[done : done + group["parts"]]))
        done += group["parts"]
    return groups


def filled(parts: list[np.ndarray]) -> BaseGeometry:
    """Give what a browser fills: outer rings less holes, which turn the other way."""
    outer, holes = [], []
    for ring in parts:
        if len(ring) < 4:
            continue
        twice = np.sum(ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1])
        (holes if twice > 0 else outer).append(shapely.make_valid(shapely.Polygon(ring)))
    return shapely.difference(shapely.union_all(outer), shapely.union_all(holes))


def on_tile(lon: float, lat: float, zoom: int, x: int, y: int) -> tuple[float, float]:
    """Give the place of a spot on a tile's grid."""
    east, south = mercator(np.array([lon]), np.array([lat]))
    return (float(east[0]) * (1 << zoom) - x) * 4096, (float(south[0]) * (1 << zoom) - y) * 4096


def over(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Name the tile that a spot lies on."""
    east, south = mercator(np.array([lon]), np.array([lat]))
    return int(east[0] * (1 << zoom)), int(south[0] * (1 << zoom))
