"""The night on disk: what the feed server and the gateway need, written once and read back whole."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from disaster_hub.rehearsal.rivers import Snapshot
from disaster_hub.rehearsal.telegrams import Telegram
from disaster_hub.rehearsal.uplinks import Uplink
from disaster_hub.terms.clock import aware, zulu

FEED = "feed.json"
TELEGRAMS = "telegrams"
RIVERS = "rivers.ndjson"
UPLINKS = "uplinks.ndjson"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is served from one night folder."""

    telegrams: tuple[Telegram, ...]
    rivers: tuple[Snapshot, ...]


def write(night: Path, telegrams: Iterable[Telegram], rivers: Iterable[Snapshot], uplinks: Iterable[Uplink]) -> None:
    """Write a night into the folder *night*: the same night gives the same bytes."""
    (night / TELEGRAMS).mkdir(parents=True, exist_ok=True)
    index = []
    for one in telegrams:
        (night / TELEGRAMS / one.name).write_bytes(one.body)
        index.append({
            "at": zulu(one.at), "name": one.name, "title": one.title, "updated": zulu(one.updated),
            "office": one.office, "content": one.content,
        })  # fmt: skip
    _lines(night / FEED, index)
    _lines(night / RIVERS, ({"at": zulu(one.at), "body": one.body.decode()} for one in rivers))
    _lines(
        night / UPLINKS,
        ({"at": zulu(one.at), "topic": one.topic, "payload": one.payload.decode()} for one in uplinks),
    )


def _lines(path: Path, rows: Iterable[dict[str, str]]) -> None:
    """Write one JSON object a line."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _read(path: Path) -> list[dict[str, str]]:
    """Read one JSON object a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read(night: Path) -> Recorded:
    """Read what the feed server needs; a folder that holds no night raises OSError."""
    telegrams = tuple(
        Telegram(
            aware(row["at"]), row["name"], row["title"], aware(row["updated"]), row["office"], row["content"],
            (night / TELEGRAMS / row["name"]).read_bytes(),
        )
        for row in _read(night / FEED)
    )  # fmt: skip
    rivers = tuple(Snapshot(aware(row["at"]), row["body"].encode()) for row in _read(night / RIVERS))
    return Recorded(telegrams, rivers)


def read_uplinks(night: Path) -> list[Uplink]:
    """Read what the gateway publishes, in order."""
    return [Uplink(aware(row["at"]), row["topic"], row["payload"].encode()) for row in _read(night / UPLINKS)]
