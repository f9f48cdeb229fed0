"""Signing in: hashed passwords, one answer for every wrong try, sessions that end with the password."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from flask import current_app, g, session
from werkzeug.security import check_password_hash, generate_password_hash

from disaster_hub.portal.hub import hub
from disaster_hub.store import staff
from disaster_hub.store.session import Store
from disaster_hub.store.staff import Account
from disaster_hub.terms.errors import BadInput

ADMINISTRATOR = "admin"
METHOD = "scrypt:32768:8:1"
SHORTEST = 12
NOBODY = "scrypt:32768:8:1$b5nNuq0qWpSQe6dN$" + "0" * 128
"""Compared with where there is no such account, so that a wrong name takes as long as a wrong password."""
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is easily misread on a printed slip: i, l, o, 0, 1."""


def ensure_administrator(store: Store, now: datetime) -> str | None:
    """Create the administrator where there is none, and give the new password; None where there is one."""
    password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))
    hashed = generate_password_hash(password, METHOD)
    with store.write() as tx:
        if staff.any_administrator(tx):
            return None
        made = staff.add(tx, ADMINISTRATOR, hashed, "administrator", now)
    return password if made else None


def set_password(store: Store, name: str, password: str, now: datetime) -> None:
    """Give *name* a new password, which ends every session of the old one; BadInput where it cannot be."""
    if len(password) < SHORTEST:
        raise BadInput(f"password: shorter than {SHORTEST} characters")
    hashed = generate_password_hash(password, METHOD)
    with store.write() as tx:
        if not staff.set_password(tx, name, hashed, now):
            raise BadInput(f"account: nobody is called {name[:40]!r}")


def check(store: Store, name: str, password: str) -> Account | None:
    """Give the account where name and password fit; wrong names take as long as wrong passwords."""
    with store.read() as tx:
        account = staff.find(tx, name)
    fits = check_password_hash(account.password if account else NOBODY, password)
    return account if fits else None


def enter(account: Account) -> None:
    """Begin a session."""
    session.clear()
    session.permanent = True
    session["name"] = account.name
    session["proof"] = _proof(account)


def leave() -> None:
    """End the session."""
    session.clear()


def signed_in() -> Account | None:
    """Give who is signed in; a session made before the password was changed counts no more."""
    if "account" not in g:
        g.account = _found()
    account: Account | None = g.account
    return account


def _found() -> Account | None:
    name = session.get("name")
    if not isinstance(name, str):
        return None
    with hub(current_app).store.read() as tx:
        account = staff.find(tx, name)
    if account is None or not secrets.compare_digest(str(session.get("proof")), _proof(account)):
        return None
    return account


def _proof(account: Account) -> str:
    return hashlib.sha256(account.password.encode()).hexdigest()[:32]
