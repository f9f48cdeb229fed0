"""The phones of the made-up households: who is reached how, every one proved, and a handful by nothing at all."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from disaster_hub.config import Config
from disaster_hub.rehearsal.homes import SEED
from disaster_hub.store import households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import WrongWorld
from disaster_hub.terms.world import WorldKind
from timelines import vapid

FILE = "phones.json"
HOST = "127.0.0.1"
SHARES = {"webpush": 0.4, "line": 0.3, "email": 0.15, "sms": 0.1, "": 0.05}
"""How many of a hundred are reached how; nobody can be reached at the last five."""
CANARIES = {"webpush": "プッシュ", "line": "LINE", "email": "メール", "sms": "SMS"}
PROVED = timedelta(minutes=3)
LINK = re.compile(r"https?://\S+?/a/[A-Za-z0-9_-]{16,}")


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone, or one mailbox: what is shown of it, and where its channel finds it."""

    name: str
    """Which part of the city, and a number: nobody's name."""
    channel: str
    address: str
    private: str = ""
    """Of a push subscription: the browser's own key, hexadecimal."""
    secret: str = ""
    test: bool = False
    """A test handset, whose program says by itself that a canary came."""


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to tap in a message."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Got:
    """One message as its phone shows it."""

    phone: int
    channel: str
    at: str
    title: str
    text: str
    url: str
    buttons: tuple[Button, ...] = ()

    @property
    def link(self) -> str:
        """Give the address of the answer page; empty where the message asks for no answer."""
        found = LINK.search(f"{self.url} {self.text}")
        return "" if found is None else found[0]

    @property
    def asks(self) -> bool:
        """Tell whether the message asks for an answer."""
        return bool(self.link or self.buttons)


def handsets(push_port: int) -> list[Phone]:
    """Make the test handsets, one a channel: whom the canaries go to, and nobody who lives here."""
    made = [_phone(kind, f"試験用の電話（{word}）", 0, push_port) for kind, word in CANARIES.items()]
    return [replace(one, test=True) for one in made]


def furnish(
    store: Store,
    keys: Keyring,
    config: Config,
    homes: Sequence[str],
    push_port: int,
    now: datetime,
    tests: Sequence[Phone] = (),
) -> None:
    """Give each household its phone, confirmed in peace, and write all down, with the *tests*, for the stand-ins.

    Only a made-up world gets made-up phones.
    """
    if config.world.kind is WorldKind.REAL:
        raise WrongWorld("made-up phones are for made-up worlds")
    chance = np.random.default_rng([SEED, 2])
    kinds = [str(kind) for kind in chance.choice(list(SHARES), size=len(homes), p=list(SHARES.values()))]
    server_key = vapid.ensure(config.keys.folder).public
    phones = []
    with store.write() as tx:
        for number, (home, kind) in enumerate(zip(homes, kinds, strict=True), start=1):
            if not kind:
                continue
            saved = households.latest(tx, keys, home)
            where = "" if saved is None else saved.plan.home.address.rstrip("0123456789-")
            phone = _phone(kind, f"{where} {number:03d}", number, push_port)
            made = households.add_contact(tx, keys, home, kind, phone.address, now)
            households.confirm_contact(tx, keys, home, made, now + PROVED)
            phones.append(phone)
    write(config.keys.folder.parent, [*phones, *tests], server_key)


def _phone(kind: str, name: str, number: int, push_port: int) -> Phone:
    if kind == "webpush":
        private, secret, point = _browser()
        keys = {"p256dh": _text(point), "auth": _text(secret)}
        endpoint = f"http://{HOST}:{push_port}/push/{secrets.token_urlsafe(24)}"
        said = json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})
        return Phone(name, kind, said, f"{private.private_numbers().private_value:064x}", secret.hex())
    if kind == "line":
        return Phone(name, kind, f"U{secrets.token_hex(16)}")
    if kind == "email":
        return Phone(name, kind, f"home{number:03d}@minamo.example")
    return Phone(name, kind, f"+8190{number:08d}")


def _browser() -> tuple[ec.EllipticCurvePrivateKey, bytes, bytes]:
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return private, secrets.token_bytes(16), point


def write(folder: Path, phones: Sequence[Phone], server_key: str) -> None:
    """Write the phones down, for nobody but this machine's own stand-ins."""
    said = {"server_key": server_key, "phones": [asdict(one) for one in phones]}
    path = folder / FILE
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    path.chmod(0o600)


def read(folder: Path) -> tuple[str, list[Phone]]:
    """Give the push key that the phones signed up with, and the phones."""
    said = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return str(said["server_key"]), [Phone(**one) for one in said["phones"]]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
