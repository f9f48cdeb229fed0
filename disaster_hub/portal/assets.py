"""Scripts, styles and Leaflet, read once at the start and served from memory under an address that names them."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from flask import Response, abort, request

from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.frame import Frame
from disaster_hub.portal.packed import Packed, pack
from disaster_hub.terms.errors import BadConfig

STATIC = Path(__file__).parent / "static"
LEAFLET = ("leaflet.js", "leaflet.css", "images/layers.png", "images/layers-2x.png")
FOREVER = ("Cache-Control", "public, max-age=31536000, immutable")
SHORTLY = ("Cache-Control", "public, max-age=300")
NOSNIFF = ("X-Content-Type-Options", "nosniff")


@dataclass(frozen=True, slots=True)
class Assets:
    """Every file the pages need, by path, and the stamp that names this very set of them."""

    files: Mapping[str, Packed]
    stamp: str


def gather(frame: Frame) -> Assets:
    """Read the files of this package and of Leaflet's; *frame* adds what folium wrote."""
    bodies = dict(_bodies())
    bodies["frame/map.js"] = frame.script.encode()
    bodies["frame/map.css"] = frame.style.encode()
    digest = hashlib.blake2b(digest_size=8)
    for path, body in sorted(bodies.items()):
        digest.update(path.encode() + b"\0" + body)
    files = {path: pack(body, _kind(path), (NOSNIFF,), level=9) for path, body in bodies.items()}
    return Assets(files, digest.hexdigest())


def room(assets: Assets) -> Room:
    """Give the blueprint that serves them: for ever under their own stamp, for a moment under another."""
    made = Room("assets", __name__, door=Door.ANYONE)

    @made.get("/assets/<stamp>/<path:path>")
    def file(stamp: str, path: str) -> Response:
        found = assets.files.get(path)
        if found is None:
            abort(404)
        encodings, known = (request.headers.get(h, "") for h in ("Accept-Encoding", "If-None-Match"))
        status, headers, body = found.answer(encodings, known)
        return Response(body, status, [*headers, FOREVER if stamp == assets.stamp else SHORTLY])

    return made


def _bodies() -> Iterator[tuple[str, bytes]]:
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            yield path.relative_to(STATIC).as_posix(), path.read_bytes()
    for name in LEAFLET:
        yield f"leaflet/{name}", _leaflet(name).read_bytes()


def _leaflet(name: str) -> Path:
    """Find a file of XStatic-Leaflet without importing it: its package still speaks pkg_resources."""
    for file in distribution("XStatic-Leaflet").files or ():
        if file.as_posix().endswith(f"leaflet/data/{name}"):
            return Path(str(file.locate()))
    raise BadConfig(f"package XStatic-Leaflet: holds no {name}; install it again")


def _kind(path: str) -> str:
    kind = {".js": "text/javascript", ".css": "text/css"}.get(Path(path).suffix)
    kind = kind or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
