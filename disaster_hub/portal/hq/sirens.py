"""Does every channel work? The last receipt of each test handset, and what nobody has measured."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template

from disaster_hub.alerts import sirens as desk
from disaster_hub.portal import parts
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hq.reporting import who
from disaster_hub.portal.hub import hub
from disaster_hub.terms.role import Right, may
from disaster_hub.terms.siren import STATE_WORDS, SirenState

room = Room("hq_sirens", __name__, door=Right.SEE, url_prefix="/hq/sirens")


@room.get("")
def sirens() -> str:
    """Show every channel."""
    enrols = may(who().role, Right.STAFF)
    return render_template("hq/sirens.html", part=parts.words("sirens", _part), enrols=enrols)


@room.get("/part")
def part() -> Any:
    """Give the channels alone, for the live page."""
    return parts.part("sirens", _part)


def _part() -> str:
    shared = hub(current_app)
    wall = shared.wall()
    with shared.store.read() as tx:
        found = desk.state(tx, shared.config, wall)
        periods = {(one.channel, one.name): one for one in desk.canaries_of(tx, shared.config)}
    return render_template(
        "hq/sirens_part.html", rows=found, wall=wall, words=STATE_WORDS, periods=periods, SirenState=SirenState
    )
