"""Whom a page names: what a person's account shows, never the name that they sign in with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from flask import current_app, g

from disaster_hub.portal.hub import hub
from disaster_hub.store import staff

NOBODY: Mapping[str, str] = {
    "hub": "システム",
    "clock": "システム",
    "load": "システム",
    "portal": "システム",
    "resident": "住民",
    "mqtt": "システム",
}
"""Who is no person."""


def names() -> Mapping[str, str]:
    """Give everybody's shown name by the name that rows carry; read once for a page."""
    if "shown_names" not in g:
        with hub(current_app).store.read() as tx:
            g.shown_names = dict(NOBODY) | {one.name: one.shown for one in staff.accounts(tx)}
    return cast("Mapping[str, str]", g.shown_names)


def who(name: str | None) -> str:
    """Give how a page names *name*; a name that no account has any more stays as it was written."""
    return names().get(name or "", name or "")
