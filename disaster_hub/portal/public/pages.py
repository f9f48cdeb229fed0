"""The unified map, for everyone."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, request

from disaster_hub.portal import layers
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hub import hub
from disaster_hub.portal.words import FIRST, _, here, languages
from disaster_hub.terms.clock import local

room = Room("public", __name__, door=Door.ANYONE)


@room.get("/")
def unified_map() -> str:
    """Show the unified map, with the list that says the same."""
    shared = hub(current_app)
    board = shared.board
    said = {
        "now": local(shared.now, shared.config.city.zone),
        "speed": board.world.speed,
        "ends": None if board.world.ends is None else local(board.world.ends, shared.config.city.zone),
        "lang": here().lang,
        "words": {} if here().lang == FIRST else dict(languages()[here().lang].table),
        "tiles": shared.config.portal.tiles,
        "root": request.script_root,
        "city": shared.config.city.area,
    }
    return render_template("map.html", said=said, credits=_credits(), signed_in=signed_in())


def _credits() -> list[str]:
    """Name whose data the map shows."""
    shared = hub(current_app)
    with shared.store.read() as tx:
        kinds = layers.credits(tx)
    named = [_("気象庁（防災気象情報）")]
    makers = {
        "gsi": _("国土地理院（指定緊急避難場所データ）"),
        "ksj": _("国土数値情報（国土交通省）"),
        "osm": "© OpenStreetMap contributors",
        "geolonia": _("Geolonia 住所データ"),
    }
    named += [maker for kind, maker in makers.items() if any(one.startswith(kind) for one in kinds)]
    tiles: Any = shared.config.portal.tiles_credit if shared.config.portal.tiles else ""
    return [*named, tiles] if tiles and tiles not in named else named
