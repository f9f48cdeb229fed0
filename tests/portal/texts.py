"""Every screen text that the portal's code, templates and scripts say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_file

PORTAL = Path(__file__).parents[2] / "disaster_hub/portal"
WAYS = {".py": ("python", {"_": None}), ".html": ("jinja2.ext:babel_extract", {"_": None}), ".js": ("javascript", {"t": None})}


def found() -> Iterator[tuple[str, str]]:
    for path in sorted(PORTAL.rglob("*")):
        if path.suffix in WAYS:
            way, keywords = WAYS[path.suffix]
            options = {"parse_template_string": "true"} if path.suffix == ".js" else {}
            for _, message, _, _ in extract_from_file(_named(way), str(path), keywords=keywords, options=options):
                assert isinstance(message, str)
                yield message, path.relative_to(PORTAL).as_posix()


def _named(way: str):
    if ":" not in way:
        return way
    from jinja2.ext import babel_extract

    return babel_extract


def texts() -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for message, where in found():
        said.setdefault(message, []).append(where)
    return said
