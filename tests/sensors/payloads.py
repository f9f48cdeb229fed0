"""The small payloads of our own, written by hand; `NAME.expected.json` beside each is what `read` must say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from disaster_hub.reading import described, read_file

PAYLOADS = Path(__file__).parents[1] / "payloads"
KINDS = ("jma-feed", "jma-telegram", "k-river", "uplink")
EXPECTED = ".expected.json"
LIBRARY_WORDS = "not XML: "
"""What follows is libxml2's wording, which changes with its version."""


def payloads(kind: str) -> list[Path]:
    """Give the payloads of one kind of source."""
    return [p for p in sorted((PAYLOADS / kind).iterdir()) if not p.name.endswith(EXPECTED)]


def device(path: Path) -> str | None:
    """Give the model that a payload's name begins with: `EM500-UDL__chirpstack.json`."""
    model, mark, _ = path.name.partition("__")
    return model if mark else None


def said(path: Path) -> dict[str, Any]:
    """Give what `read` says, without what depends on where the file lies or on a library's wording."""
    found = described(path.name, read_file(str(path), device(path)))
    found["problems"] = [LIBRARY_WORDS if p.startswith(LIBRARY_WORDS) else p for p in found["problems"]]
    return found


def expected(path: Path) -> Path:
    """Give where the expected words of a payload lie."""
    return path.with_name(path.name + EXPECTED)


def write_expected() -> None:
    """Write all of them anew: `python -m tests.sensors.payloads`, then read the difference before it is kept."""
    for kind in KINDS:
        for path in payloads(kind):
            text = json.dumps(said(path), ensure_ascii=False, indent=1)
            expected(path).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_expected()
