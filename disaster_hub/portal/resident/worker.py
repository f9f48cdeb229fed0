"""What makes the pages installable and lets them open without a network: the manifest and the service worker."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response, request, url_for

from disaster_hub.portal.resident.talk import chosen, say, tag

STATIC = Path(__file__).parents[1] / "static/resident"


def script() -> Response:
    """Give the service worker: one classic script, for not every browser takes modules there."""
    root = json.dumps(request.script_root)
    answer = Response(f"const ROOT = {root};\n{_script()}", mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@lru_cache(maxsize=1)
def _script() -> str:
    shelf = (STATIC / "shelf.js").read_text(encoding="utf-8").replace("export ", "")
    return shelf + (STATIC / "sw.js").read_text(encoding="utf-8")


def manifest(asset: Any) -> Response:
    """Give the manifest, in the reader's language."""
    said = {
        "name": say("page.title"),
        "short_name": say("page.short"),
        "lang": tag(chosen()),
        "start_url": url_for("resident.start"),
        "scope": url_for("resident.start"),
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0017c1",
        "icons": [
            {"src": asset("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": asset("resident/icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any maskable"},
            {"src": asset("resident/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any maskable"},
        ],
    }
    return Response(json.dumps(said, ensure_ascii=False), mimetype="application/manifest+json")
