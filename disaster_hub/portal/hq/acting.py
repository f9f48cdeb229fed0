"""One act of an officer on what others may change at the same time: done, refused in words, or somebody was faster."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import abort, current_app, request

from disaster_hub.desk.acting import Act
from disaster_hub.portal.hq.decisions import who
from disaster_hub.portal.hub import hub
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput, Overtaken

Do = Callable[[Transaction, Act], str]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What could not be done, and with which status the page says so; what was typed stands in it again."""

    text: str
    status: int


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, by its name in the form, and what the officer is told."""

    name: str
    said: str


def attempt(identity: str, acts: Mapping[str, Do]) -> Done | Wrong:
    """Do what the form asks, in one transaction and on the version that its page was made of."""
    name = request.form.get("do", "")
    if name not in acts:
        abort(400)
    shared, version = hub(current_app), request.form.get("version", "")
    act = Act(identity, int(version) if version.isdecimal() else 0, who(), shared.now)
    try:
        with shared.store.write() as tx:
            return Done(name, acts[name](tx, act))
    except Overtaken as fault:
        return Wrong(f"{fault}。書いた文は残っています。", 409)
    except BadInput as fault:
        return Wrong(f"{fault}。", 400)
