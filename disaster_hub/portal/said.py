"""What every live page is told at its opening: the world's clock, the language, where the portal's root is."""

from __future__ import annotations

from typing import Any

from flask import current_app, request

from disaster_hub.portal.hub import hub
from disaster_hub.portal.words import FIRST, here, languages
from disaster_hub.terms.clock import local


def said() -> dict[str, Any]:
    """Give the words of the page's script, and the clock that it runs by."""
    shared = hub(current_app)
    world, city = shared.board.world, shared.config.city
    return {
        "now": local(shared.now, city.zone),
        "speed": world.speed,
        "ends": None if world.ends is None else local(world.ends, city.zone),
        "lang": here().lang,
        "words": {} if here().lang == FIRST else dict(languages()[here().lang].table),
        "tiles": shared.config.portal.tiles,
        "root": request.script_root,
        "city": city.area,
    }
