"""The VAPID pair: made at the first start, kept outside the store; every subscription is bound to it."""

from __future__ import annotations

import base64
import logging
import os
import secrets
import stat
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from py_vapid import Vapid02

from disaster_hub.terms.errors import BadConfig

LOG = logging.getLogger(__name__)
FILE = "vapid.pem"
OTHERS = stat.S_IRWXG | stat.S_IRWXO
LIFE = timedelta(hours=12)
"""How long a signature holds; RFC 8292 allows 24 hours, and a push service's clock may differ from ours."""


@dataclass(frozen=True, slots=True)
class Vapid:
    """Who we are to the push services."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)
    public: str
    """What the page gives to `PushManager.subscribe` as `applicationServerKey`: base64url, no padding."""

    def sign(self, audience: str, contact: str, now: datetime) -> str:
        """Give the Authorization header for the push service *audience* (scheme and host), good for `LIFE`."""
        claims = {"aud": audience, "sub": contact, "exp": int((now + LIFE).timestamp())}
        # The library checks `sub` more strictly than RFC 8292; ours is checked when the configuration is read.
        signed = Vapid02(self.private, conf={"no-strict": True}).sign(claims)
        return str(signed["Authorization"])


def ensure(folder: Path) -> Vapid:
    """Read the pair, or make it where there is none; two processes at once end with the same one."""
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists() and _make(path):
            LOG.warning(
                "keys: a new VAPID pair was made in %s; phones subscribed to an older one must sign up again", path
            )
    except OSError as fault:
        raise BadConfig(f"keys.folder: {folder}: {fault.strerror}") from fault
    return read(folder)


def read(folder: Path) -> Vapid:
    """Read the pair; a file that others may read, or that holds something else, is refused by name."""
    path = folder / FILE
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(4096)
    except OSError as fault:
        raise BadConfig(f"keys.folder: {path}: {fault.strerror}") from fault
    if mode & OTHERS:
        raise BadConfig(
            f"keys.folder: {path}: others may read it ({stat.filemode(mode)}); chmod 600, or make a new pair"
        )
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadConfig(f"keys.folder: {path}: no private key in it") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadConfig(f"keys.folder: {path}: not a key on the curve P-256")
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Vapid(key, base64.urlsafe_b64encode(point).rstrip(b"=").decode())


def _make(path: Path) -> bool:
    """Write a new pair under its final name in one step; False where another process was first."""
    key = ec.generate_private_key(ec.SECP256R1())
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, fails where the name is taken: the first pair stays.
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    door = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(door)
    finally:
        os.close(door)
    return True
