"""Step 1: where do you live? A town and a block to choose, words to type, or the phone's own position."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from disaster_hub.portal.resident.asking import FARTHEST_M, number, onward, page, words
from disaster_hub.portal.resident.asking import here as address_of
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.talk import say
from disaster_hub.portal.resident.visit import arrive, keep, visit
from disaster_hub.terms.place import LonLat, metres_between

STEP = 1
MOST_MATCHES = 12
LONGEST_TYPED = 100
NEAR_ENOUGH_M = 1_500.0
"""A phone's position this near to a block's point gets its name; farther away it stays a point without a name."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One place to choose."""

    id: str
    label: str
    kana: str = ""


def ask(wrong: str = "") -> str:
    """Offer towns by their first sound, blocks of a chosen town, and what was found for typed words."""
    here, at = desk(), visit()
    book = here.aside(lambda: here.addresses)
    draft = at.draft if at is not None else None
    rows = book.rows()
    row = request.args.get("row", "")
    row = row if row in rows else next(iter(rows), "")
    values: dict[str, Any] = {
        "any_addresses": bool(rows),
        "rows": list(rows),
        "row": row,
        "towns": [Offer(t.id, t.name, t.kana) for t in rows.get(row, ())],
        "typed": draft.typed if draft else "",
        "matches": [],
        "town": None,
        "blocks": [],
    }
    if draft is not None and draft.typed:
        values["matches"] = [Offer(m.id, m.label) for m in book.find(draft.typed, MOST_MATCHES)]
    town = book.town(draft.place) if draft is not None and draft.place else None
    if town is not None and STEP not in (draft.done if draft else ()):
        values["town"] = Offer(town.id, town.name)
        values["blocks"] = [Offer(b.id, b.label) for b in book.blocks(town.id)]
    return page(at, STEP, say("address.question"), template="resident/address.html", wrong=wrong, **values)


def take() -> str | Response | None:
    """Keep what was typed, the chosen town or block, or where the phone says it is."""
    here = desk()
    at = arrive()
    form = request.form
    if "lon" in form:
        return _position(here)
    book = here.aside(lambda: here.addresses)
    if "typed" in form:
        keep(replace(at.draft, typed=words("typed", LONGEST_TYPED).replace("\n", " "), place=""))
        return redirect(address_of(STEP), 303)
    if "town" in form:
        blocks = book.blocks(form["town"]) if form["town"] else []
        if len(blocks) != 1:
            done = at.draft.done - {STEP}
            keep(replace(at.draft, place=form["town"] if blocks else "", typed="", done=done))
            return redirect(address_of(STEP), 303)
        return _chosen(blocks[0])
    block = book.block(form.get("block", ""))
    return ask(say("address.choose")) if block is None else _chosen(block)


def _chosen(block: Any) -> Response | None:
    """Put the pin where the block's point is; the next page asks whether it stands right."""
    at = arrive()
    plan = at.draft.at_home(spot=block.spot, address=block.label)
    done = (at.draft.done | {STEP}) - {STEP + 1} if at.draft.number is None else at.draft.done
    changed = replace(at.draft, plan=plan, place="", typed="", near=block.spot, done=done)
    return onward(keep(changed), STEP)


def _position(here: Desk) -> str | Response | None:
    """Take the phone's position; it is rounded by nobody and leaves nothing but the pin."""
    lon, lat = number("lon"), number("lat")
    city = here.shared.config.city
    if lon is None or lat is None:
        return ask(say("address.no_position"))
    spot = LonLat(lon, lat)
    if metres_between(LonLat(city.lon, city.lat), spot) > FARTHEST_M:
        return ask(say("address.elsewhere"))
    book = here.aside(lambda: here.addresses)
    block = book.nearest(spot)
    near = block is not None and metres_between(block.spot, spot) < NEAR_ENOUGH_M
    at = arrive()
    plan = at.draft.at_home(spot=spot, address=block.label if near and block is not None else "")
    done = (at.draft.done | {STEP}) - {STEP + 1} if at.draft.number is None else at.draft.done
    return onward(keep(replace(at.draft, plan=plan, place="", typed="", near=spot, done=done)), STEP)
