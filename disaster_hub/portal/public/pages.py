"""The unified map, for everyone."""

from __future__ import annotations

from flask import current_app, render_template

from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hub import hub
from disaster_hub.portal.public.report import standing
from disaster_hub.portal.said import said
from disaster_hub.portal.words import _

room = Room("public", __name__, door=Door.ANYONE)


@room.get("/")
def unified_map() -> str:
    """Show the unified map, with the list that says the same."""
    return render_template("map.html", said=said(), credits=data_credits(), signed_in=signed_in(), gate=standing())


def data_credits() -> list[str]:
    """Name whose data the map is made for; the four makers stand there from the first day."""
    portal = hub(current_app).config.portal
    named = [
        _("気象庁（防災気象情報）"),
        _("国土地理院（指定緊急避難場所データ）"),
        _("国土数値情報（国土交通省）"),
        "© OpenStreetMap contributors",
        _("Geolonia 住所データ"),
    ]
    return [*named, portal.tiles_credit] if portal.tiles and portal.tiles_credit not in named else named
