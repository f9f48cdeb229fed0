"""Signing in: one answer for every wrong try, sessions that the store knows, and that end with the password."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import current_app, g, request, session

from disaster_hub.portal import passwords
from disaster_hub.portal.hub import hub
from disaster_hub.portal.present import Present
from disaster_hub.store import journal, staff, staff_locks, staff_sessions
from disaster_hub.store.session import Store, Transaction
from disaster_hub.store.staff import Account
from disaster_hub.terms.errors import BadInput, Unreachable
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.role import Role

ADMINISTRATOR = "admin"
NAME = re.compile(r"[\w.@-]{2,60}")
PRESENT = "disaster_hub.present"
TOUCH_EVERY = timedelta(minutes=1)
log = logging.getLogger("disaster_hub.web")


def ensure_administrator(store: Store, now: datetime) -> str | None:
    """Create the administrator where there is none, and give the new password; None where there is one."""
    with store.read() as tx:
        if staff.any_administrator(tx):
            return None
    password = passwords.made()
    hashed = passwords.hashed(password)
    with store.write() as tx:
        if staff.any_administrator(tx):
            return None
        made = staff.add(tx, ADMINISTRATOR, hashed, Role.ADMINISTRATOR, now)
    return password if made else None


def add(
    store: Store,
    name: str,
    password: str,
    role: str,
    now: datetime,
    department: str = "",
    shown: str = "",
    *,
    must_change: bool = False,
    by: str = "console",
) -> None:
    """Add an account and write it in the journal; BadInput where the name, role or password cannot be."""
    if not NAME.fullmatch(name):
        raise BadInput("account: a name has 2 to 60 letters, digits or . @ - _ and no blanks")
    if role not in set(Role):
        raise BadInput(f"account: role {role[:40]!r} is none of {', '.join(Role)}")
    _refuse_weak(password, name)
    hashed = passwords.hashed(password)
    with store.write() as tx:
        if not staff.add(tx, name, hashed, role, now, department, shown, must_change=must_change):
            raise BadInput(f"account: the name {name!r} is taken")
        journal.add(tx, JournalEntry(now, "staff_changed", by, f"職員 {name} を追加（{role}）"))


def set_password(store: Store, name: str, password: str, now: datetime, *, must_change: bool = False) -> None:
    """Give *name* a new password, which ends every session and opens a lock; BadInput where it cannot be."""
    _refuse_weak(password, name)
    hashed = passwords.hashed(password)
    with store.write() as tx:
        if not staff.set_password(tx, name, hashed, now, must_change=must_change):
            raise BadInput(f"account: nobody is called {name[:40]!r}")
        staff_locks.unlock(tx, name)
        staff_sessions.end_all(tx, name, now)


def _refuse_weak(password: str, name: str) -> None:
    flaw = passwords.flaw(password, name)
    if flaw is not None:
        raise BadInput(f"password: {flaw}")


def mark_of(name: str) -> bytes:
    """Give the mark of the network that this request came from, for *name*; it tells nobody else the network."""
    key = current_app.secret_key
    secret = key if isinstance(key, bytes) else str(key).encode()
    return hmac.digest(secret, f"origin {network()} {name}".encode(), hashlib.sha256)


def network() -> str:
    """Give the network of this request: 24 bits of an IPv4 address, 48 of IPv6."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "?"
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


def known(store: Store, name: str) -> Account | None:
    """Give the account of *name* as it stands now; None where there is none."""
    with store.read() as tx:
        return staff.find(tx, name)


def came_before(store: Store, name: str, mark: bytes, now: datetime) -> bool:
    """Tell whether *name* signed in well from the network of *mark* in the last 30 days."""
    with store.read() as tx:
        return staff_locks.known(tx, name, mark, now)


def check(store: Store, name: str, password: str, mark: bytes, now: datetime, world_now: datetime) -> Account | None:
    """Give the account where name and password fit and no lock is on; whatever is wrong takes as long."""
    lock = _count_try(store, name, mark, now, world_now)
    with store.read() as tx:
        account = staff.find(tx, name)
    fits = passwords.fits(account.password if account else None, password)
    if account is None or not fits or lock.until is not None or account.disabled_at is not None:
        return None
    hashed = passwords.hashed(password) if passwords.stale(account.password) else None
    try:
        with store.write() as tx:
            staff_locks.right(tx, name, mark, now, stranger=not lock.known)
            if hashed is not None:
                staff.set_password(tx, name, hashed, now, ends=False)
            return staff.find(tx, name)
    except Unreachable as fault:  # a full disk is the very moment at which staff must get in
        log.warning("a sign-in of %s is not written down: %s", name, fault)
    return account


def _count_try(store: Store, name: str, mark: bytes, now: datetime, world_now: datetime) -> staff_locks.Lock:
    try:
        with store.write() as tx:
            lock = staff_locks.try_once(tx, name, mark, now)
            if lock.fresh:
                what = f"{name} のサインインを止めた（間違いが{staff_locks.TRIES}回以上）"
                journal.add(tx, JournalEntry(world_now, "locked_out", name, what))
    except Unreachable as fault:  # the throttle of this process still counts
        log.warning("a try to sign in is not counted in the store: %s", fault)
        return staff_locks.Lock()
    return lock


def enter(account: Account) -> None:
    """Begin a session under a new id; one that cannot be written down lives in its signed cookie alone."""
    shared = hub(current_app)
    wall = shared.wall()
    leave()
    token = secrets.token_urlsafe(32)
    session.permanent = True
    session.update(id=token, name=account.name, proof=_proof(account), began=wall.timestamp(), used=wall.timestamp())
    if not shared.aside(_write_down, shared.store, token, account.name, network(), wall):
        session["loose"] = True
    g.account = account


def leave() -> None:
    """End the session, here and in the store."""
    shared, token = hub(current_app), session.get("id")
    session.clear()
    g.pop("account", None)
    if isinstance(token, str):
        shared.aside(_quietly, shared.store, lambda tx: staff_sessions.end(tx, token, shared.wall()))


def signed_in() -> Account | None:
    """Give who is signed in; None where the session has ended, run out, or was ended by somebody else."""
    if "account" not in g:
        g.account = _found()
    account: Account | None = g.account
    return account


def _found() -> Account | None:
    token, name = session.get("id"), session.get("name")
    if not isinstance(token, str) or not isinstance(name, str):
        return None
    shared = hub(current_app)
    wall, portal = shared.wall(), shared.config.portal
    present: Present = current_app.extensions.setdefault(PRESENT, Present(shared.store))
    account, row = present.find(token, name)
    if account is None or account.disabled_at is not None:
        return None
    began, used = (_moment(session.get(key)) for key in ("began", "used"))
    if row is not None:
        if row.ended is not None:
            return None
        began, used = row.began, max(row.last_used, used)
    elif not session.get("loose") or not _still_good(account, began):
        return None
    if wall - began > timedelta(hours=portal.session_hours) or wall - used > timedelta(minutes=portal.session_minutes):
        return None
    if wall - used >= TOUCH_EVERY:
        _keep_alive(account, token, wall, began, loose=row is None)
    return account


def _still_good(account: Account, began: datetime) -> bool:
    """Tell whether a session that the store does not know is of this password, and was not ended with all others."""
    same = secrets.compare_digest(str(session.get("proof")), _proof(account))
    return same and (account.ended_at is None or account.ended_at < began)


def _keep_alive(account: Account, token: str, wall: datetime, began: datetime, *, loose: bool) -> None:
    """Push the idle end ahead, at most once a minute; where the store cannot be written the cookie alone says so."""
    shared = hub(current_app)
    session["used"] = wall.timestamp()
    if not loose:
        shared.aside(_quietly, shared.store, lambda tx: staff_sessions.touch(tx, token, wall))
    elif shared.aside(_write_down, shared.store, token, account.name, network(), began):
        session.pop("loose")


def _write_down(store: Store, token: str, name: str, address: str, began: datetime) -> bool:
    return _quietly(store, lambda tx: staff_sessions.begin(tx, token, name, address, began))


def _quietly(store: Store, do: Callable[[Transaction], None]) -> bool:
    """Write what may fail without locking anybody out; tell whether it was written."""
    try:
        with store.write() as tx:
            do(tx)
    except Unreachable as fault:
        log.warning("a session is not written down: %s", fault)
        return False
    return True


def _moment(said: object) -> datetime:
    return datetime.fromtimestamp(said if isinstance(said, int | float) else 0, UTC)


def _proof(account: Account) -> str:
    return hashlib.sha256(account.password.encode()).hexdigest()[:32]
