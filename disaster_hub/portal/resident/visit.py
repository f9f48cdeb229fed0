"""Who is at the door: a household's own phone, known by a random token in a cookie; guesses are refused and counted."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import abort, current_app, g, request
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from disaster_hub.portal.resident import draft as drafts
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.draft import Draft
from disaster_hub.portal.resident.talk import chosen
from disaster_hub.store import household_doors, households, journal
from disaster_hub.terms.errors import Unreachable
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import LonLat

log = logging.getLogger("disaster_hub.web")
YEAR = timedelta(days=365)
LONGEST_TOKEN = 200
REFUSED = "door_refused"


@dataclass(frozen=True, slots=True)
class Visit:
    """A household at its own door."""

    household: str
    draft: Draft


def cookie() -> str:
    """Name the cookie: one for each hub and world, so that two hubs on one host never take each other's."""
    return "hub_home_" + str(current_app.config["SESSION_COOKIE_NAME"]).removeprefix("hub_")


def visit() -> Visit | None:
    """Give the household whose phone this is; None where the phone brings no token. A wrong token is refused."""
    if "visit" not in g:
        g.visit = _known()
    found: Visit | None = g.visit
    return found


def at_home() -> Visit:
    """Give the household whose phone this is; anybody else gets the page that says there is nothing here."""
    found = visit()
    if found is None:
        abort(404)
    return found


def _known() -> Visit | None:
    token = request.cookies.get(cookie())
    if not token:
        return None
    here = desk()
    household = enter(token, {"phone"})
    with here.shared.store.read() as tx:
        said = households.draft(tx, here.keys, household)
        saved = None if said else households.latest(tx, here.keys, household)
    if said:
        return Visit(household, drafts.read(said))
    return Visit(household, drafts.of_plan(saved.plan, saved.number) if saved is not None else _fresh(here))


def enter(token: str, kinds: set[str], *, once: bool = False) -> str:
    """Give the household behind *token*; whoever guesses is refused, written down, and made to wait."""
    here = desk()
    key = f"{request.remote_addr or '?'} door"
    wait = here.shared.throttle.wait_s(key)
    if wait > 0:
        raise TooManyRequests(retry_after=int(wait) + 1)
    with here.shared.store.write() if once else here.shared.store.read() as tx:
        knock = household_doors.open_door if once else household_doors.look
        entry = knock(tx, token[:LONGEST_TOKEN], here.now)
    if entry is None or entry.kind not in kinds:
        here.shared.throttle.wrong(key)
        _write_down(here)
        g.forget_home = "phone" in kinds
        abort(404)
    return entry.household


def _write_down(here: Desk) -> None:
    """Journal that somebody was refused: not who, not with which token."""
    try:
        with here.shared.store.write() as tx:
            journal.add(tx, JournalEntry(here.now, REFUSED, "portal", "住民の計画の扉が、開かないまま試されました"))
    except Unreachable as fault:
        log.warning("a refused door is not in the journal: %s", fault)


def arrive(made_for: str = "self") -> Visit:
    """Give the household at the door, or open a door for a new one; its token goes out with this answer."""
    found = visit()
    if found is not None:
        return found
    here = desk()
    draft = _fresh(here, made_for)
    with here.shared.store.write() as tx:
        opened = households.create(tx, here.keys, None, here.now)
        households.put_draft(tx, here.keys, opened.household, drafts.write(draft), here.now)
    g.give_token = opened.token
    g.visit = Visit(opened.household, draft)
    return Visit(opened.household, draft)


def keep(draft: Draft) -> Visit:
    """Keep *draft*: what was answered on this page is safe from now on."""
    here, at = desk(), at_home()
    draft = replace(draft, plan=replace(draft.plan, language=chosen()))
    with here.shared.store.write() as tx:
        households.put_draft(tx, here.keys, at.household, drafts.write(draft), here.now)
    g.visit = Visit(at.household, draft)
    return Visit(at.household, draft)


def remember(answer: Response) -> Response:
    """Send the token with *answer* where a door was opened, and take it back where it no longer opens any."""
    path = request.script_root or "/"
    token = g.pop("give_token", None)
    if token is not None:
        answer.set_cookie(
            cookie(), token, YEAR, path=path, httponly=True, samesite="Lax", secure=request.is_secure
        )  # fmt: skip
    elif g.pop("forget_home", False):
        answer.delete_cookie(cookie(), path=path, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def _fresh(here: Desk, made_for: str = "self") -> Draft:
    city = here.shared.config.city
    return drafts.begin(LonLat(city.lon, city.lat), chosen(), made_for)
