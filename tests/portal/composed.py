"""A town of three areas with homes, and officers who compose and approve: what the tests of the composer stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from disaster_hub.config import Config
from disaster_hub.portal.app import create_app
from disaster_hub.store import alerts, decisions, drafts, households, places
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Alert
from disaster_hub.terms.decision import Decision
from disaster_hub.terms.draft import Draft
from disaster_hub.terms.household import Home, Household, Plan
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.world import World, WorldKind
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.staff import token

NAMES = {"A1": "北部", "A2": "東部", "A3": "南部"}
HOMES = {"A1": 3, "A2": 2, "A3": 1}


def furnish(store: Store, config: Config) -> None:
    """Load the three areas side by side, with a few homes of two people in each."""
    keys = Keyring.open(config.keys.folder)
    with store.write() as tx:
        features = []
        for n, (code, name) in enumerate(NAMES.items()):
            west = town.LON + 0.02 * n
            shape = town.outline(west, town.LAT, west + 0.018, town.LAT + 0.02)
            features.append(Feature("blocks", code, shape, {"code": code, "name": name, "hazards": "flood"}))
            for k in range(HOMES[code]):
                spot = LonLat(west + 0.009 + 0.0001 * k, town.LAT + 0.01)
                households.create(tx, keys, Plan(Home(spot), Household(2)), town.NOW)
        places.replace(tx, "blocks", "town:areas", features)
    keys.close()


@contextmanager
def real_site(folder: Path, **settings: Any) -> Iterator[Site]:
    """Give the portal of the real world, without a single code of the made-up town but its areas."""
    folder.mkdir(exist_ok=True)
    config = town.config_for(folder, World(WorldKind.REAL, "本番"))
    config = replace(
        config, city=replace(config.city, area="0620300", office="060000"), areas=(), rivers=(), **settings
    )
    store = prepare(config.store, config.world)
    furnish(store, config)
    wall = [town.NOW]
    app = create_app(config, store, wall=lambda: wall[0])
    yield Site(config, store, app, "", wall)
    store.close()


def form(client: FlaskClient, *areas: str, **said: str) -> dict:
    """Give the form as an officer of a replay fills it in."""
    filled = {"status": "exercise", "kind": "4", "hazard": "flood", "whom": "all", "why": "", "note": ""} | said
    return {"csrf_token": token(client, "/hq/compose"), "areas": list(areas or ("A1",)), "do": "draft"} | filled


def composed(client: FlaskClient, *areas: str, **said: str) -> str:
    """Draft, and give the id of the draft."""
    answer = client.post("/hq/compose", data=form(client, *areas, **said))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"].rpartition("/")[2]


def act(client: FlaskClient, identity: str, door: str, do: str, version: int = 1, **said: str):
    """Press one of the buttons of a draft's page."""
    sent = {"csrf_token": token(client, "/hq/compose"), "do": do, "version": str(version)} | said
    return client.post(f"/hq/compose/{identity}/{door}", data=sent)


def draft(site: Site, identity: str) -> Draft:
    with site.store.read() as tx:
        found = drafts.find(tx, identity)
    assert found is not None
    return found


def live(site: Site) -> list[Decision]:
    with site.store.read() as tx:
        return decisions.live(tx)


def sent(site: Site) -> list[Alert]:
    with site.store.read() as tx:
        return alerts.since(tx, town.NOW)


def wrong(answer) -> str:
    """Give what a page says is wrong."""
    found = re.search(r'class="wrong" role="alert">([^<]+)', answer.get_data(as_text=True))
    assert found, answer.get_data(as_text=True)[:3000]
    return found[1]
