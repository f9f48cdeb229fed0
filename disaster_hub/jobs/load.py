"""Loading open-data files: each in its own transaction; a refused file leaves nothing and touches nothing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from disaster_hub.store import journal, places, statistics
from disaster_hub.store.session import Store
from disaster_hub.terms.codes import MADE_UP_WAYS, made_up
from disaster_hub.terms.errors import BadInput, WrongWorld
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import Feature
from disaster_hub.terms.world import World, WorldKind
from sensors.datasets.dataset import Dataset
from sensors.datasets.municipality import PREFECTURES
from sensors.datasets.plateau_archive import is_disaster
from sensors.datasets.recognise import read

READABLE = {".json", ".geojson", ".csv", ".zip", ".shp", ".osm", ".pbf", ".graphml", ".gml"}
"""What is opened when a folder is walked; of a Shapefile, the .shp stands for its companions."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One file that is in the store now: how many features of which layer, and what was odd."""

    path: Path
    kind: str
    counts: Mapping[str, int]
    credit: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """One file of which nothing was loaded, and why, in one sentence."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of every file that was named or found."""

    loaded: tuple[Loaded, ...] = ()
    refused: tuple[Refused, ...] = ()
    left_alone: tuple[Path, ...] = ()
    """Files of a walked folder that no reader opens: documents, pictures, companions of a Shapefile."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Features loaded, by layer."""


def load(
    store: Store,
    paths: Iterable[Path],
    *,
    now: datetime,
    world: World,
    progress: Callable[[str], None],
) -> LoadReport:
    """Load files and folders; each file replaces what a file of its kind and name had loaded before.

    Never raises for what a file holds: such a file stands in `refused`. *progress* gets one line a file.
    """
    files, left_alone = _found(paths)
    seen: dict[str, Path] = {}
    loaded: list[Loaded] = []
    refused: list[Refused] = []
    for number, path in enumerate(files, 1):
        head = f"[{number}/{len(files)}] {path.name}"
        try:
            dataset = read(path)
            _check(dataset, path, world, seen)
            one = _stored(store, path, dataset, now)
        except (BadInput, WrongWorld) as error:
            refused.append(Refused(path, str(error)))
            progress(f"{head}: refused: {error}")
        else:
            loaded.append(one)
            progress(f"{head}: {_sentence(one)}")
    counts = sum((Counter(one.counts) for one in loaded), Counter[str]())
    return LoadReport(tuple(loaded), tuple(refused), tuple(left_alone), dict(counts))


def _found(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Give the files to open, each once, in a fixed order, and those left alone."""
    files: dict[Path, Path] = {}
    left_alone: list[Path] = []
    for path in paths:
        for one in _walked(path) if path.is_dir() else (path,):
            if path.is_dir() and not _readable(one):
                left_alone.append(one)
            else:
                files.setdefault(one.resolve(), one)
    return list(files.values()), left_alone


def _readable(path: Path) -> bool:
    """Tell whether a file of a walked folder is opened; of a PLATEAU city, its disaster models alone."""
    suffix = path.suffix.lower()
    return suffix in READABLE and (suffix != ".gml" or is_disaster(path.parts))


def _walked(folder: Path) -> Iterator[Path]:
    """Walk a folder in the order of names, without following links out of it; hidden files stay hidden."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root) / name for name in sorted(names) if not name.startswith("."))


def _source(dataset: Dataset) -> str:
    """Name what a file loads, the same at every loading."""
    return f"{dataset.kind}:{dataset.name}"


def _check(dataset: Dataset, path: Path, world: World, seen: dict[str, Path]) -> None:
    """Refuse what would overwrite a file of this very loading, and made-up places in a real world.

    Made-up codes are the store's own affair; addresses, roads and arrivals have none, so prefecture and way id stand
    for it.
    """
    before = seen.setdefault(_source(dataset), path)
    if before != path:
        raise BadInput(f"{path}: {before} of the same kind and name was just loaded; rename one of them")
    if world.kind is WorldKind.REAL:
        for feature in dataset.features:
            prefecture, way = feature.columns.get("pref"), _way(feature)
            if made_up(str(feature.columns.get("jis5") or "")):
                raise WrongWorld(
                    f"{path.name}: {feature.columns['jis5']} is a made-up municipality, this store is real"
                )
            if prefecture is not None and prefecture not in PREFECTURES:
                raise WrongWorld(f"{path.name}: {prefecture[:20]} is no prefecture, and this store is real")
            if way is not None and way in MADE_UP_WAYS:
                raise WrongWorld(f"{path.name}: way {way} is made up, and this store is real")


def _way(feature: Feature) -> int | None:
    """Give the way of a road, or of the link at which water arrives."""
    way, link = feature.columns.get("way"), feature.columns.get("link")
    if isinstance(link, str):
        way = int(link.split("/")[0])
    return way if isinstance(way, int) else None


def _stored(store: Store, path: Path, dataset: Dataset, now: datetime) -> Loaded:
    """Put a file's features in the place of its old ones; a file that holds nothing clears nothing."""
    counts = Counter(feature.layer for feature in dataset.features)
    if not counts:
        empty = (*dataset.problems, "holds no feature; what was loaded before stays")
        return Loaded(path, dataset.kind, {}, dataset.credit, empty)
    source = _source(dataset)
    one = Loaded(path, dataset.kind, dict(counts), dataset.credit, dataset.problems)
    entry = JournalEntry(now, "dataset_loaded", "load", f"{path.name}: {_sentence(one)}", because=source)
    try:
        with store.write() as tx:
            for layer in dataset.layers:
                mine = [f for f in dataset.features if f.layer == layer]
                if layer == statistics.LAYER:
                    statistics.replace(tx, source, mine)
                else:
                    places.replace(tx, layer, source, mine)
            journal.add(tx, entry)
    except WrongWorld as error:
        raise WrongWorld(f"{path.name}: {error}") from None
    return one


def _sentence(one: Loaded) -> str:
    """Say in one line what a file brought."""
    what = ", ".join(f"{count} {layer}" for layer, count in one.counts.items()) or "nothing"
    odd = f"; {'; '.join(one.problems)}" if one.problems else ""
    return f"{one.kind}: {what}{odd}"
