"""Where PLATEAU's disaster models lie: in a city's folder, or in its ZIP, from which they are streamed."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from disaster_hub.terms.errors import BadInput
from sensors.datasets.archive import MAX_RATIO, MAX_UNPACKED, SMALL, entries
from sensors.datasets.dataset import Tally
from sensors.datasets.plateau_codes import CodeLists

FOLDERS = frozenset({"fld", "tnm", "htd", "ifld", "lsld"})
"""Folders under `udx` whose models are read; `rfld` (ため池) has other ranks and is not."""
CITY = re.compile(r"(\d{5})_")


def is_disaster(parts: Sequence[str]) -> bool:
    """Tell whether a path is one of the disaster models, or lies in no PLATEAU folder at all."""
    return "udx" not in parts[:-1] or parts[parts.index("udx") + 1] in FOLDERS


def name_of(path: Path) -> str:
    """Name a model so that next year's finds this year's: the city's code and the path under `udx`."""
    parts = path.absolute().parts
    if "udx" not in parts[:-1]:
        return path.name
    at = len(parts) - 1 - parts[::-1].index("udx")
    city = CITY.match(parts[at - 1])
    return "/".join((city[1] if city else parts[at - 1], *parts[at + 1 :]))


def models(path: Path, tally: Tally) -> Iterator[tuple[str, BinaryIO, CodeLists]]:
    """Stream the disaster models of a city's ZIP: what it is called, its bytes, the city's code lists."""
    name = path.name
    try:
        with zipfile.ZipFile(path) as archive:
            found = entries(archive, name)
            lists = CodeLists.inside(archive, found)
            left = [min(MAX_UNPACKED, max(SMALL, path.stat().st_size * MAX_RATIO))]
            any_read = False
            for entry, info in found.items():
                if entry.suffix.lower() != ".gml":
                    continue
                if not is_disaster(entry.parts):
                    tally.note("model that is no disaster model that is read, left alone", f"{name}!{entry}")
                    continue
                any_read = True
                with archive.open(info) as packed:
                    yield f"{name}!{entry}", cast("BinaryIO", _Counted(packed, left, name)), lists
            if not any_read:
                raise BadInput(f"{name}: holds no disaster model ({', '.join(sorted(FOLDERS))})")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise BadInput(f"{name}: the ZIP cannot be read ({str(error)[:80]})") from None


class _Counted(io.RawIOBase):
    """An entry that is read within a budget: counted on real bytes, since headers lie."""

    def __init__(self, packed: object, left: list[int], name: str) -> None:
        self.packed, self.left, self.name = cast("BinaryIO", packed), left, name

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes; more than the budget raises BadInput."""
        piece = self.packed.read(size)
        self.left[0] -= len(piece)
        if self.left[0] < 0:
            raise BadInput(f"{self.name}: unpacks to more than any honest archive of its size")
        return piece
