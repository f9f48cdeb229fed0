"""Every screen text that the portal's code, templates and scripts say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_file
from jinja2.ext import babel_extract

PORTAL = Path(__file__).parents[2] / "disaster_hub/portal"
JS_CALL = re.compile(r'\bt\(\s*"([^"\\]+)"')
"""babel's own reader of JavaScript loses calls inside template strings."""


def found() -> Iterator[tuple[str, str]]:
    for path in sorted(PORTAL.rglob("*")):
        where = path.relative_to(PORTAL).as_posix()
        if path.suffix == ".js":
            yield from ((message, where) for message in JS_CALL.findall(path.read_text(encoding="utf-8")))
        elif path.suffix in {".py", ".html"}:
            way = "python" if path.suffix == ".py" else babel_extract
            for _, message, _, _ in extract_from_file(
                way, str(path), keywords={"_": None}, options={"silent": "false"}
            ):
                assert isinstance(message, str)
                yield message, where


def texts() -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for message, where in found():
        said.setdefault(message, []).append(where)
    return said
