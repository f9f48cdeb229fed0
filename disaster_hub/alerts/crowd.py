"""The households of one audience, in the order of their ids and without their weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

LONGEST = 32
"""Letters of a household's id."""
ONE = np.dtype([("id", f"S{LONGEST}"), ("version", "<i4")])


class Crowd:
    """Households and the versions at which their homes were found inside: 36 bytes each, and a million is a crowd."""

    def __init__(self, homes: Iterable[tuple[str, int]]) -> None:
        """Take them in any order; an id that would have to be cut raises ValueError."""
        found = np.fromiter(_whole(homes), dtype=ONE)
        self._homes = found[np.argsort(found["id"], kind="stable")]

    def __len__(self) -> int:
        """Count them."""
        return len(self._homes)

    def after(self, reached: str, most: int) -> list[tuple[str, int]]:
        """Give the next ones behind the id *reached*."""
        start = int(np.searchsorted(self._homes["id"], reached.encode(), side="right")) if reached else 0
        return [(name.decode(), version) for name, version in self._homes[start : start + most].tolist()]


def _whole(homes: Iterable[tuple[str, int]]) -> Iterator[tuple[bytes, int]]:
    for name, version in homes:
        told = name.encode()
        if len(told) > LONGEST:
            raise ValueError(f"a household's id of {len(told)} letters")
        yield told, version
