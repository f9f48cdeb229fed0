"""`disaster-hub staff`: accounts from the console of the machine itself, for the first ones and for the worst night."""

from __future__ import annotations

import argparse
from datetime import datetime

from disaster_hub.portal import accounts, passwords
from disaster_hub.store import journal, staff, staff_locks
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.notice import JournalEntry


def run(store: Store, chosen: argparse.Namespace, word: str | None, now: datetime, wall: datetime) -> str:
    """Do what was typed, and give what to print; *word* is the password from standard input, where one was promised."""
    if (chosen.action != "list" and not chosen.name) or (chosen.action == "add" and not chosen.role):
        raise BadInput("staff: add NAME --role ROLE, or list, or unlock NAME")
    if word == "":
        raise BadInput("staff: --password-stdin, and standard input is empty")
    if chosen.action == "list":
        return listed(store, wall)
    if chosen.action == "unlock":
        return unlock(store, chosen.name, now)
    return add(
        store, chosen.name, chosen.role, now, department=chosen.department, shown=chosen.shown, password=word or ""
    )


def add(
    store: Store, name: str, role: str, now: datetime, *, department: str = "", shown: str = "", password: str = ""
) -> str:
    """Add an account and say so; without a *password* one is made and told, to be replaced at the first sign-in."""
    made = password or passwords.made()
    accounts.add(store, name, made, role, now, department, shown, must_change=not password)
    return f"{name}: added as {role}" + ("" if password else f", first password {made}")


def listed(store: Store, wall: datetime) -> str:
    """Give one line for each account: name, role, department, and what keeps it from signing in."""
    with store.read() as tx:
        everybody = staff.accounts(tx)
    lines = []
    for one in everybody:
        locked = one.locked_until is not None and one.locked_until > wall
        state = "disabled" if one.disabled_at else "locked" if locked else "first password" if one.must_change else ""
        lines.append(f"{one.name}\t{one.role}\t{one.department}\t{one.shown}\t{state}".rstrip())
    return "\n".join(lines)


def unlock(store: Store, name: str, now: datetime) -> str:
    """Open the lock that wrong passwords shut."""
    with store.write() as tx:
        if not staff_locks.unlock(tx, name):
            raise BadInput(f"account: nobody is called {name[:40]!r}")
        journal.add(tx, JournalEntry(now, "staff_changed", "console", f"職員 {name} のロックを解除"))
    return f"{name}: unlocked"
