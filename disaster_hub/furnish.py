"""Furnishing the demo: open data loaded, officers with passwords, households with plans and phones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from disaster_hub.config import Config
from disaster_hub.desk import criteria_desk, decisions, rules_desk
from disaster_hub.jobs.load import load
from disaster_hub.planning.keys import ensure_keys
from disaster_hub.portal import accounts, passwords
from disaster_hub.rehearsal import carers, homes, phones, rounds
from disaster_hub.rehearsal.officers import OFFICERS
from disaster_hub.rehearsal.phones import Phone
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import Unreachable


def furnish(
    store: Store, folder: Path, config: Config, push_port: int, handsets: Sequence[Phone], say: Callable[[str], None]
) -> Mapping[str, str]:
    """Load the open data, people the city and its headquarters; give each account's password."""
    say("loading its open data ...")
    now = config.world.starts or utc_now()
    report = load(store, [folder / "opendata"], now=now, world=config.world, progress=say)
    if report.refused:
        raise Unreachable(f"the demo's own data were refused: {report.refused[0].reason}")
    rounds.furnish(store, now)
    with store.write() as tx:
        criteria_desk.save(tx, decisions.TEMPLATE.read_text(encoding="utf-8"), "ひな形から", "demo", now)
        rules_desk.save(tx, rules_desk.TEMPLATE.read_text(encoding="utf-8"), "ひな形から", "demo", now)
    ensure_keys(config.keys.folder)
    say("two hundred households make their plans and prove their phones ...")
    keys = Keyring.open(config.keys.folder)
    made = homes.furnish(store, keys, config, now)
    officers = {"admin": accounts.ensure_administrator(store, now) or "", **_officers(store, now)}
    boxes = carers.furnish(store, keys, made, now)
    phones.furnish(store, keys, config, made, push_port, now, [*boxes, *handsets])
    keys.close()
    return officers


def _officers(store: Store, now: datetime) -> Mapping[str, str]:
    """Make an account of each role; give their passwords, which nobody else has ever seen."""
    made = {one.name: passwords.made() for one in OFFICERS}
    for one in OFFICERS:
        accounts.add(store, one.name, made[one.name], one.role, now, one.department, one.shown)
    return made
