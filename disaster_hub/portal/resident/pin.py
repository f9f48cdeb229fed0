"""Step 2: a pin on our own map of the streets, moved by finger, arrow button or key, and confirmed."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from disaster_hub.portal.resident.asking import FARTHEST_M, FIRST_STEP, number, onward, page
from disaster_hub.portal.resident.asking import here as address_of
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.neighbourhood import Shapes, around, ground
from disaster_hub.portal.resident.talk import say
from disaster_hub.portal.resident.visit import at_home, keep
from disaster_hub.terms.household import Plan
from disaster_hub.terms.place import LonLat, Plane, metres_between

STEP = 2
NEAR_M, WIDE_M = 150.0, 500.0
MOVE_M = {False: 15.0, True: 60.0}
"""One press of an arrow, near and wide."""
SAME_HOME_M = 300.0
TURN = {"n": (0, 1), "s": (0, -1), "e": (1, 0), "w": (-1, 0)}
PIN = (
    '<g id="pin-mark" class="pin-mark" transform="translate({x:.1f} {y:.1f}) scale({size:.2f})">'
    '<path class="pin" d="M0 0C-4 -9 -11 -14 -11 -22A11 11 0 0 1 11 -22C11 -14 4 -9 0 0Z"/>'
    '<circle class="pin-hole" cx="0" cy="-22" r="4.5"/></g>'
)


def ask(wrong: str = "") -> str | Response:
    """Show the pin where it stands."""
    at = at_home()
    if FIRST_STEP not in at.draft.done:
        return redirect(address_of(FIRST_STEP), 303)
    wide = request.args.get("wide") == "1"
    spot = at.draft.plan.home.spot
    middle = at.draft.near or spot
    if metres_between(middle, spot) > (WIDE_M if wide else NEAR_M) * 0.9:
        middle = spot
    with desk().shared.store.read() as tx:
        shapes = around(tx, middle, WIDE_M * 1.3)
    return page(
        at,
        STEP,
        say("pin.question"),
        template="resident/pin.html",
        wrong=wrong,
        address=at.draft.plan.home.address,
        lon=spot.lon,
        lat=spot.lat,
        wide=wide,
        empty=shapes.empty,
        picture=_picture(shapes, spot, WIDE_M if wide else NEAR_M),
    )


def take() -> str | Response | None:
    """Move the pin, or take it as the home."""
    at = at_home()
    lon, lat = number("lon"), number("lat")
    spot = at.draft.plan.home.spot if lon is None or lat is None else LonLat(lon, lat)
    city = desk().shared.config.city
    if metres_between(LonLat(city.lon, city.lat), spot) > FARTHEST_M:
        return ask(say("pin.too_far"))
    wide = request.form.get("wide") == "1"
    turn = TURN.get(request.form.get("move", ""))
    if turn is not None:
        east, north = (n * MOVE_M[wide] for n in turn)
        spot = Plane(spot).lonlat(east, north)
    plan = _moved(at.draft.plan, at.draft.at_home(spot=spot))
    if request.form.get("go") != "next":
        keep(replace(at.draft, plan=plan))
        zoom = request.form.get("zoom")
        wide = zoom == "1" if zoom else wide
        return redirect(f"{address_of(STEP)}{'?wide=1' if wide else ''}", 303)
    return onward(keep(at.draft.after(STEP, plan)), STEP)


def _moved(old: Plan, new: Plan) -> Plan:
    """Forget the places that were chosen for another home."""
    if metres_between(old.home.spot, new.home.spot) < SAME_HOME_M:
        return new
    return replace(new, first=None, second=None)


def _picture(shapes: Shapes, spot: LonLat, reach: float) -> Markup:
    east, north = shapes.plane.metres(spot.lon, spot.lat)
    middle = shapes.plane.middle
    pin = PIN.format(x=east, y=-north, size=reach / 150 * 1.3)
    return Markup(  # noqa: S704  # our own shapes; names are escaped in `ground`
        f'<svg class="street-map" viewBox="{-reach:.0f} {-reach:.0f} {2 * reach:.0f} {2 * reach:.0f}" role="img" '
        f'aria-labelledby="pin-name" data-lon="{middle.lon}" data-lat="{middle.lat}">'
        f'<title id="pin-name">{escape(say("pin.picture"))}</title>{ground(shapes, scale=reach / NEAR_M)}{pin}</svg>'
    )
