"""The other way in: a provider of the city says who it is, and we say what they may do."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from typing import Any

from flask import current_app, redirect, request, session, url_for
from werkzeug.exceptions import NotFound

from disaster_hub.portal import accounts, openid, passwords
from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.hq import entrance
from disaster_hub.portal.hub import hub
from disaster_hub.portal.limits import DOOR, costs
from disaster_hub.portal.openid import NotProven, Person, Provider, Start
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.words import _
from disaster_hub.store import journal, staff, staff_locks
from disaster_hub.store.session import Transaction
from disaster_hub.store.staff import Account
from disaster_hub.terms.errors import HubError, Unreachable
from disaster_hub.terms.notice import JournalEntry

EXTENSION = "disaster_hub.oidc"
KEPT_S = 600
log = logging.getLogger("disaster_hub.web")
room = Room("hq_oidc", __name__, door=Door.ANYONE, url_prefix="/hq/oidc")


class NotLetIn(HubError):
    """The provider vouches for them, and still they may not enter; the message is for themselves."""


@room.get("")
@costs(1, reading=1, bucket=DOOR)
def begin() -> Any:
    """Send the visitor to the provider."""
    provider, shared = _provider(), hub(current_app)
    start = openid.start()
    try:
        where = desk().aside(provider.address, start, _back(), shared.wall())
    except HubError as fault:
        return _refused(fault)
    wish = request.args.get("next", "")
    kept = {"state": start.state, "nonce": start.nonce, "verifier": start.verifier}
    session["oidc"] = {**kept, "at": shared.wall().timestamp(), "next": wish[:500]}
    return redirect(where)


@room.get("/back")
@costs(1, reading=1, bucket=DOOR)
def back() -> Any:
    """Take the visitor back from the provider: check everything, then let them in with the role that is theirs."""
    provider, shared = _provider(), hub(current_app)
    kept = session.pop("oidc", None)
    try:
        start = _started(kept, shared.wall().timestamp(), provider.oidc.issuer)
        person = desk().aside(provider.person, request.args.get("code", ""), start, _back(), shared.wall())
        account = _admitted(person, accounts.mark_of(person.name))
    except HubError as fault:
        return _refused(fault)
    return entrance.begin(account, entrance.local_path(kept["next"]))


def _provider() -> Provider:
    found = current_app.extensions.get(EXTENSION)
    if found is None:
        found = openid.provider(hub(current_app).config)
        current_app.extensions[EXTENSION] = found
    if not isinstance(found, Provider):
        raise NotFound
    return found


def _back() -> str:
    """Give our own address as the provider knows it: the configured one, whatever the request says it came to."""
    path, address = url_for("hq_oidc.back"), hub(current_app).config.portal.address
    return f"{address}{path.removeprefix(request.script_root)}" if address else url_for("hq_oidc.back", _external=True)


def _started(kept: Any, wall: float, issuer: str) -> Start:
    """Give what this visitor began here a little while ago; anybody else's answer proves nothing."""
    if not isinstance(kept, dict) or not 0 <= wall - kept["at"] <= KEPT_S:
        raise NotProven("oidc: nobody began this sign-in here, or too long ago")
    if not secrets.compare_digest(request.args.get("state", "").encode(), kept["state"].encode()):
        raise NotProven("oidc: state is another's")
    if request.args.get("iss", issuer) != issuer:
        raise NotProven("oidc: the answer is another issuer's")
    if "error" in request.args or not request.args.get("code"):
        raise NotProven(f"oidc: the provider let nobody in ({request.args.get('error', '')[:40]!r})")
    return Start(kept["state"], kept["nonce"], kept["verifier"])


def _admitted(person: Person, mark: bytes) -> Account:
    """Give the account of *person*, made at the first time; role, name and department follow the provider."""
    shared = hub(current_app)
    if person.role is None:
        raise NotLetIn(_("あなたの役割がここでは決められていないため、入れません。管理者に知らせてください。"))
    with shared.store.write() as tx:
        known = staff.by_identity(tx, person.issuer, person.subject) or _made(tx, person)
        if known.disabled_at is not None:
            raise NotLetIn(_("このアカウントは停止されているため、入れません。管理者に知らせてください。"))
        if (known.role, known.department) != (person.role, person.department):
            what = f"職員 {known.name} の役割が認証基盤で変わった（{person.role}）"
            journal.add(tx, JournalEntry(shared.now, "staff_changed", known.name, what))
        said = {"role": person.role, "department": person.department, "shown": person.shown}
        staff.change(tx, known.name, shared.now, **said)
        staff_locks.right(tx, known.name, mark, shared.wall(), stranger=False)
        return staff.find(tx, known.name) or known


def _made(tx: Transaction, person: Person) -> Account:
    """Make the account of somebody who comes for the first time; a name that is taken stays its owner's."""
    now, name = hub(current_app).now, person.name
    taken = not staff.add(tx, name, passwords.none(), str(person.role), now) if accounts.NAME.fullmatch(name) else True
    made = staff.find(tx, name)
    if taken or made is None:
        raise NotLetIn(_("この名前は、ここでは使えないか、別の職員のものです。管理者に知らせてください。"))
    staff.remember_identity(tx, person.issuer, person.subject, name, now)
    what = f"職員 {name} を認証基盤から追加（{person.role}）"
    journal.add(tx, JournalEntry(now, "staff_changed", name, what))
    return replace(made, department=person.department)


def _refused(fault: HubError) -> Any:
    log.warning("%s", fault)
    if isinstance(fault, NotLetIn):
        return entrance.refused(str(fault), 403)
    if isinstance(fault, Unreachable):
        wrong = _("認証基盤につながりません。名前とパスワードでサインインしてください。")
        return entrance.refused(wrong, 503)
    wrong = _("認証基盤の返事を確かめられませんでした。何も変わっていません。もう一度サインインしてください。")
    return entrance.refused(wrong, 401)
