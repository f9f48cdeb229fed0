"""An hour after an order in the made-up town: who has answered, who has not, who is near, who cannot be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shapely import box

from disaster_hub.alerts import helping
from disaster_hub.jobs.helping import Helping
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.store import briefs, household_helpers, households, leader_areas, places
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Alert, Because
from disaster_hub.terms.household import Home, Household, Need, Plan
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.way import Word
from tests.desk.unheard import brief, order, say, tell
from tests.portal import town
from tests.portal.conftest import Site

PHONE = "+819000000000"


@dataclass
class Evening:
    """What a test needs to name."""

    alert: Alert
    homes: dict[str, str]
    """What we call a household → its random id."""
    helper: str = ""


def desk_of(site: Site) -> Desk:
    with site.app.app_context():
        return desk()


def fill(site: Site) -> Evening:
    here = desk_of(site)
    return fill_store(site.store, here.keys, here.now)


def fill_store(store: Store, keys: Keyring, now: datetime) -> Evening:
    said = {
        "soon": brief(at=now + timedelta(minutes=12)),
        "helped": brief(at=now + timedelta(minutes=20), helper=True),
        "later": brief(at=now + timedelta(minutes=95)),
        "over": brief(at=now - timedelta(minutes=4)),
        "unknown": brief(Word.LEAVE_AT_LEVEL),
        "stays": brief(Word.STAY),
        "left": brief(at=now + timedelta(minutes=30)),
        "calls": brief(at=now + timedelta(minutes=40)),
        "bare": brief(at=now + timedelta(minutes=50)),
    }
    with store.write() as tx:
        shapes = [
            Feature("blocks", code, box(town.LON + 0.01 * n, town.LAT, town.LON + 0.01 * n + 0.008, town.LAT + 0.01),
                    {"code": code, "name": name})
            for n, (code, name) in enumerate({"A1": "芦原", "A2": "東町"}.items())
        ]  # fmt: skip
        places.replace(tx, "blocks", "evacuation-areas:x", shapes)
        homes = {}
        for n, (called, held) in enumerate(said.items()):
            spot = LonLat(town.LON + 0.001 + 0.01 * (n % 2), town.LAT + 0.001 * (n + 1))
            seen = frozenset({"neighbours"}) if called in {"soon", "left", "later"} else frozenset()
            plan = Plan(
                Home(spot, f"みなも市架空町{n + 1}番地"), Household(people=n % 4 + 1, needs=frozenset({Need.ELDER})),
                seen_by=seen, helper="となりの佐藤さん" if called == "helped" else "",
            )  # fmt: skip
            name = households.create(tx, keys, plan, now).household
            briefs.put(tx, keys, name, held)
            homes[called] = name
        households.add_contact(tx, keys, homes["soon"], "sms", PHONE, now)
        alert = order(tx, now - timedelta(minutes=20), areas=("A1", "A2"), area_name="芦原・東町")
        tell(tx, keys, alert, [name for called, name in homes.items() if called != "bare"])
        tell(tx, keys, alert, [homes["bare"]], Because.NO_CHANNEL)
        say(tx, alert, homes["left"], "left", now - timedelta(minutes=3))
        say(tx, alert, homes["calls"], "help", now - timedelta(minutes=2))
        made, _ = household_helpers.invite(tx, keys, homes["helped"], now)
        one = household_helpers.find(tx, keys, made)
        assert one is not None
        household_helpers.confirm(
            tx, keys, one, now, channel="email", address="helper@example.test", language="ja", load=1
        )  # fmt: skip
        leader_areas.put(tx, "sato", ["A1"])
    return Evening(alert, homes, made)


def look(site: Site) -> helping.Step:
    """Let the clock look once."""
    here = desk_of(site)

    return Helping(site.store, site.config, here.keys).run(here.now)
