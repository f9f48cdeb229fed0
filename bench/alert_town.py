"""A town of households that are to be told, each with a phone at the stand-in; written in bulk, outside the clock."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import shapely
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import insert

from bench.towns import CITY, LAT, LON, STARTS, config_for
from disaster_hub.config import Config, Folder, Keys
from disaster_hub.config_outside import Push
from disaster_hub.store.briefs import sealed_brief
from disaster_hub.store.household_tables import household, household_contact
from disaster_hub.store.households import Contact
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.layers import home
from disaster_hub.store.prepare import prepare
from disaster_hub.store.sealing import seal
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Alert, AlertKind, Audience, Brief
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.way import Turn, Word
from disaster_hub.terms.world import World, WorldKind
from timelines import vapid
from timelines.subscription import Subscription

PHONES = 64
"""Key pairs; every phone has an address of its own."""
PART = 5000
ADDRESS = {"email": "n{}@example.jp".format, "line": "U{:032x}".format}
TURNS = (Turn("start", "中央通り", 120.0), Turn("left", "坂の下通り", 240.0), Turn("arrive", "", 60.0))


def config_of(folder: Path, store: str = "") -> Config:
    """Give the configuration: a replay world at the wall's own speed, pushes and keys."""
    base = config_for(folder, port=1, stations=0)
    return replace(
        base,
        store=store or base.store,
        world=World(WorldKind.REPLAY, "計測", STARTS, STARTS),
        keys=Keys(Folder(folder / "keys")),
        push=Push("mailto:hub@city.example.jp"),
        portal=replace(base.portal, address="https://bousai.city.example.jp"),
    )


def phones(port: int, number: int = PHONES) -> list[Subscription]:
    """Give subscriptions as browsers make them, at the stand-in."""
    found = []
    for n in range(number):
        point = ec.generate_private_key(ec.SECP256R1()).public_key()
        text = urlsafe_b64encode(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)).rstrip(b"=")
        secret = urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=")
        found.append(Subscription(f"http://127.0.0.1:{port}/push/{n}", text.decode(), secret.decode()))
    return found


def fill(config: Config, number: int, port: int, channel: str = "webpush") -> None:
    """Make the store and its households."""
    config.keys.folder.mkdir(parents=True, exist_ok=True)
    vapid.ensure(config.keys.folder)
    store = prepare(config.store, replace(config.world, opened=utc_now()))
    ring = Keyring.open(config.keys.folder)
    _homes(store, ring, number, port, channel)
    ring.close()
    store.close()


def _homes(store: Store, ring: Keyring, number: int, port: int, channel: str) -> None:
    known = phones(port)
    for at in range(0, number, PART):
        names = [
            (n, f"{n:08x}{secrets.token_hex(12)}", secrets.token_bytes(32)) for n in range(at, min(number, at + PART))
        ]
        with ring._lock, ring._link:  # noqa: SLF001  # one by one each would be a transaction of its own
            ring._link.executemany("INSERT INTO key VALUES (?, ?)", [(name, key) for _, name, key in names])  # noqa: SLF001
        homes, points, contacts = [], [], []
        for n, name, key in names:
            brief = replace(BRIEF, minutes=float(n % 40), place=f"第{n % 97}小学校")
            homes.append(
                {
                    "id": name,
                    "created_at": STARTS,
                    "changed_at": STARTS,
                    "version": 1,
                    "brief": sealed_brief(key, name, brief),
                }
            )
            points.append({"household": name, "geom": shapely.Point(LON + 1e-7 * (n % 997), LAT + 1e-7 * (n % 991))})
            phone = known[n % PHONES]
            where = (
                replace(phone, endpoint=f"{phone.endpoint}-{n}").text() if channel == "webpush" else ADDRESS[channel](n)
            )
            mine = Contact(secrets.token_hex(16), channel, where, STARTS, STARTS)
            contacts.append(
                {
                    "id": mine.id, "household": name, "added_at": STARTS, "lookup": secrets.token_bytes(32),
                    "sealed": seal(key, f"contact {name} {mine.id}", mine),
                }
            )  # fmt: skip
        with store.write() as tx:
            tx.execute(insert(household), homes)
            tx.execute(insert(home), points)
            tx.execute(insert(household_contact), contacts)


BRIEF = Brief(
    1, "ja", Word.LEAVE_BY, STARTS + timedelta(hours=3), 4, "第三小学校", upper_floors=False, turns=TURNS, metres=420.0,
    minutes=9.0, hazards=(Hazard.FLOOD,), people=3, cause="of this evening",
)  # fmt: skip


def order(number: int) -> Alert:
    """Give an order to everybody in the middle of the town."""
    return Alert(
        f"bench{number}", WorldKind.REPLAY, AlertKind.ORDER, (CITY,), "北部・東部",
        Audience(shapely.box(LON - 0.05, LAT - 0.05, LON + 0.05, LAT + 0.05)), "みなも市", "川の水が堤防を越えそうです",
        STARTS, STARTS + timedelta(hours=6), 7, 4, Hazard.FLOOD, author="a", approver="b",
    )  # fmt: skip


def subscriptions(number: int, port: int) -> Iterator[Subscription]:
    """Give as many phones as there are households, for whoever sends without a store."""
    known = phones(port)
    for n in range(number):
        phone = known[n % PHONES]
        yield replace(phone, endpoint=f"{phone.endpoint}-{n}")
