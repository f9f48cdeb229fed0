"""A telegram's bytes to facts, beside a bare lxml parse of the same bytes with the same hardened settings."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lxml import etree

from disaster_hub.rehearsal.telegrams import telegrams
from sensors.feeds.telegram import read

ROUNDS = 15
GOAL = 0.5
ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared/data/jma_xml"
LEAST_S = 0.3
"""A round reads the corpus again and again for at least this long."""


def corpus() -> tuple[list[bytes], str]:
    """Give telegrams whose bodies are read, the made-up night's and the real ones where they lie; and what they are."""
    bodies = [path.read_bytes() for path in sorted((ROOT / "tests/payloads/jma-telegram").glob("V*.xml"))]
    bodies += [telegram.body for telegram in telegrams()]
    ours = len(bodies)
    bodies += [path.read_bytes() for path in sorted(SHARED.rglob("*.xml"))]
    kept = [body for body in bodies if (said := read(body).bulletin) is not None and said.type is not None]
    rows = sum(len(said.warnings) for body in kept if (said := read(body).bulletin) is not None)
    where = "ours alone" if len(bodies) == ours else "ours, official and real"
    return kept, f"{len(kept)} telegrams ({where}), {sum(map(len, kept)) / 1e6:.1f} MB, {rows:,} warnings"


def once(bodies: Sequence[bytes], job: Callable[[bytes], object]) -> float:
    """Give the seconds of this process's own time that *job* takes: it waits for nothing, others may be busy."""
    begun = time.process_time()
    for body in bodies:
        job(body)
    return time.process_time() - begun


def spread(values: Sequence[float]) -> float:
    """Give the interquartile range over the median."""
    low, _, high = statistics.quantiles(values, n=4)
    return round((high - low) / statistics.median(values), 3)


def run(rounds: int = ROUNDS) -> Mapping[str, Mapping[str, Any]]:
    """Measure ours and the bare parse by turns."""
    bodies, size = corpus()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)

    def bare(body: bytes) -> object:
        return etree.fromstring(body, parser)

    passes = max(1, round(LEAST_S / once(bodies, read)))
    ours: list[float] = []
    peer: list[float] = []
    for _ in range(rounds):
        spent = {read: 0.0, bare: 0.0}
        for job in (read, bare) * passes:
            spent[job] += once(bodies, job)
        ours.append(len(bodies) * passes / spent[read])
        peer.append(len(bodies) * passes / spent[bare])
    mine, theirs = statistics.median(ours), statistics.median(peer)
    entry = {
        "ours": round(mine),
        "peer": round(theirs),
        "unit": "telegrams a CPU second",
        "ratio": round(mine / theirs, 2),
        "goal": GOAL,
        "noise": max(spread(ours), spread(peer)),
        "size": size,
        "peer_name": "bare lxml parse, same hardened settings",
    }
    return {"telegram": entry}
