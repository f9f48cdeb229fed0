"""A browser's push subscription: what `PushManager.subscribe` gave the page, read and kept as a delivery's address."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from disaster_hub.config_outside import Push
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.world import WorldKind

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
POINT, SECRET = 65, 16
LONGEST, DEEPEST = 8_000, 8
"""Characters and braces of a subscription, with room for what a browser may add."""
VISIBLE = re.compile(r"[\x21-\x7e]{1,2000}")
PLAIN = re.compile(r"(https?://[a-z0-9.-]+(?::[0-9]{1,5})?)/[A-Za-z0-9._~/:=%+-]*")
"""An endpoint without anything to be careful of but its door: scheme, host and port are the first group."""
CURVE = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where one browser is reached, and the keys with which only it can read."""

    endpoint: str
    p256dh: str
    auth: str

    raw: tuple[bytes, bytes] | None = field(default=None, compare=False, repr=False)
    public: ec.EllipticCurvePublicKey | None = field(default=None, compare=False, repr=False)
    """The browser's key where it was read already; who encrypts need not read it again."""

    @property
    def keys(self) -> tuple[bytes, bytes]:
        """Give the browser's public key and the secret that it shares with us."""
        return self.raw or (_bytes(self.p256dh), _bytes(self.auth))

    @property
    def audience(self) -> str:
        """Give scheme and host of its push service: whom the signature is for."""
        plain = PLAIN.fullmatch(self.endpoint)
        if plain:
            return plain[1]
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"

    def text(self) -> str:
        """Write it as the address of a delivery: always the same text for the same subscription."""
        keys = {"auth": self.auth, "p256dh": self.p256dh}
        return json.dumps({"endpoint": self.endpoint, "keys": keys}, sort_keys=True, separators=(",", ":"))


def subscription(text: str, push: Push, world: WorldKind) -> Subscription:
    """Read what a browser's `PushManager.subscribe` gave, as JSON; what we would not send to raises BadInput."""
    try:
        said = json.loads(_flat(text))
        endpoint, keys = said["endpoint"], said["keys"]
        words = [_text(one) for one in (endpoint, keys["p256dh"], keys["auth"])]
        point, secret = _bytes(words[1]), _bytes(words[2])
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
        found = Subscription(words[0], words[1], words[2], (point, secret), public)
    except (ValueError, TypeError, KeyError):
        raise BadInput("push subscription: no endpoint with the keys p256dh and auth") from None
    if len(point) != POINT or len(secret) != SECRET:
        raise BadInput("push subscription: keys of the wrong length")
    plain = PLAIN.fullmatch(found.endpoint)
    _door(f"{plain[1]}/" if plain else found.endpoint, tuple(push.hosts), world)
    return found


def _flat(text: str) -> str:
    """Refuse what is too long or nested: a subscription is short and flat, and the stack is not for strangers."""
    if len(text) > LONGEST or text.count("[") > 1 or text.count("{") > DEEPEST:
        raise ValueError
    return text


def _text(said: Any) -> str:
    if not isinstance(said, str) or not VISIBLE.fullmatch(said):
        raise TypeError
    return said


def _bytes(text: str) -> bytes:
    bare = text.rstrip("=")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)


@lru_cache(maxsize=256)
def _door(endpoint: str, hosts: tuple[str, ...], world: WorldKind) -> None:
    """Refuse an endpoint that is no known push service: a stranger's would make us knock at any door it names."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadInput("push subscription: an endpoint that is no address") from None
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadInput("push subscription: an endpoint with more than an address in it")
    if world is not WorldKind.REAL and parts.scheme in {"http", "https"} and host in LOOPBACK:
        return
    if parts.scheme != "https" or port not in {None, 443}:
        raise BadInput("push subscription: an endpoint that is not on https")
    if not any(host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in hosts):
        raise BadInput("push subscription: its push service is none of push.hosts")
