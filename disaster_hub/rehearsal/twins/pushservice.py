"""The twin of a browser and its push service: subscribes, checks every header as the real ones do, keeps, decrypts."""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import http_ece
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from disaster_hub.rehearsal.twins.loopback import Answer, Asked, Loopback, as_json
from disaster_hub.terms.clock import utc_now

LARGEST = 4096
LONGEST_EXP = timedelta(hours=24)
URGENCIES = frozenset({"very-low", "low", "normal", "high"})
TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
VAPID = re.compile(r"vapid\s+(.+)", re.IGNORECASE)
KEPT = 1000
CURVE = ec.SECP256R1()
HALF = 32


@dataclass(slots=True)
class Browser:
    """One subscription as its browser knows it: the private key never leaves it."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)
    secret: bytes = field(repr=False)
    server_key: str
    """The VAPID key that it was made with; every other sender is turned away."""
    gone: bool = False
    taken: int = 0
    messages: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the service holds it: it cannot read it."""

    body: bytes
    ttl_s: int
    urgency: str
    topic: str | None
    taken_at: datetime


class PushService(Loopback):
    """Takes pushes at `/push/ID`; the rest of its paths are the browser's side."""

    def __init__(self, port: int = 0, *, wall: Callable[[], datetime] = utc_now) -> None:
        super().__init__("push", self._answer, port)
        self.wall = wall
        self.accepted = 0
        self._browsers: dict[str, Browser] = {}
        self._lock = threading.Lock()

    def subscribe(self, server_key: str) -> str:
        """Do what `PushManager.subscribe` does: give the subscription as JSON."""
        private = ec.generate_private_key(CURVE)
        browser = Browser(private, secrets.token_bytes(16), server_key.rstrip("="))
        name = secrets.token_urlsafe(24)
        with self._lock:
            self._browsers[name] = browser
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": _text(point), "auth": _text(browser.secret)}
        return json.dumps({"endpoint": f"{self.base}/push/{name}", "expirationTime": None, "keys": keys})

    def adopt(self, endpoint: str, private: str, secret: str, server_key: str) -> None:
        """Take over a subscription that was made elsewhere, its keys in hexadecimal."""
        key = ec.derive_private_key(int(private, 16), CURVE)
        browser = Browser(key, bytes.fromhex(secret), server_key.rstrip("="))
        with self._lock:
            self._browsers[endpoint.rpartition("/")[2]] = browser

    def remove(self, endpoint: str) -> None:
        """Take a subscription away, as a person does who says no: from now on 410."""
        self._browsers[endpoint.rpartition("/")[2]].gone = True

    def fail(self, status: int | None, **headers: str) -> None:
        """Answer every push with *status* from now on (`DROPPED`: not at all); None mends it."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        self.failing = None if status is None else Answer(status, b"", named)

    def taken(self, endpoint: str) -> int:
        """Count what was ever taken for this subscription."""
        return self._browsers[endpoint.rpartition("/")[2]].taken

    def held(self, endpoint: str) -> list[Message]:
        """Give what the service still holds for this subscription: what has outlived its TTL is dropped."""
        browser = self._browsers[endpoint.rpartition("/")[2]]
        now = self.wall()
        return [one for one in browser.messages if now < one.taken_at + timedelta(seconds=one.ttl_s)]

    def read(self, endpoint: str) -> list[dict[str, Any]]:
        """Give the messages as the browser's service worker would get them, decrypted with its own key."""
        browser = self._browsers[endpoint.rpartition("/")[2]]
        clear = [
            http_ece.decrypt(one.body, private_key=browser.private, auth_secret=browser.secret, version="aes128gcm")
            for one in self.held(endpoint)
        ]
        return [json.loads(one) for one in clear]

    def _answer(self, asked: Asked) -> Answer:
        room, _, name = asked.path.strip("/").partition("/")
        browser = self._browsers.get(name)
        if (asked.method, room) == ("POST", "subscribe"):
            return self._subscribed(asked)
        if browser is None or room not in {"push", "inbox"}:
            return as_json(HTTPStatus.NOT_FOUND, {"errno": 102, "message": "no such subscription"})
        if asked.method == "GET" and room == "inbox":
            return as_json(HTTPStatus.OK, self.read(name))
        if asked.method == "DELETE":
            browser.gone = True
            return Answer(HTTPStatus.NO_CONTENT)
        if asked.method != "POST" or room != "push":
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED, b"", {"Allow": "POST"})
        return self._push(asked, browser)

    def _subscribed(self, asked: Asked) -> Answer:
        """Subscribe on behalf of a browser under test that reaches no push service."""
        try:
            key = json.loads(asked.body)["applicationServerKey"]
            _public(key)
        except (ValueError, TypeError, KeyError):
            return as_json(HTTPStatus.BAD_REQUEST, {"message": "applicationServerKey: no point on P-256"})
        return Answer(HTTPStatus.CREATED, self.subscribe(key).encode(), {"Content-Type": "application/json"})

    def _push(self, asked: Asked, browser: Browser) -> Answer:
        """Check one push in the order of the real ones: the subscription, the headers, the sender, the size."""
        if browser.gone:
            return as_json(HTTPStatus.GONE, {"errno": 106, "message": "the subscription has been removed"})
        if fault := _headers(asked):
            return as_json(HTTPStatus.BAD_REQUEST, {"errno": 111, "message": fault})
        said = VAPID.fullmatch(asked.headers.get("Authorization", ""))
        if said is None:
            return as_json(
                HTTPStatus.UNAUTHORIZED, {"errno": 109, "message": "no VAPID"}, **{"WWW-Authenticate": "vapid"}
            )
        if fault := vapid_fault(said[1], self.base, browser.server_key, self.wall()):
            return as_json(HTTPStatus.FORBIDDEN, {"errno": 109, "message": fault})
        if len(asked.body) > LARGEST:
            return as_json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"errno": 104, "message": "larger than 4096 bytes"})
        ttl = asked.headers["TTL"]
        topic = asked.headers.get("Topic")
        message = Message(asked.body, int(ttl), asked.headers.get("Urgency", "normal"), topic, self.wall())
        with self._lock:
            kept = [one for one in browser.messages if topic is None or one.topic != topic]
            browser.messages = [*kept, message][-KEPT:]
            browser.taken += 1
            self.accepted += 1
        where = f"{self.base}/message/{secrets.token_urlsafe(12)}"
        return Answer(HTTPStatus.CREATED, b"", {"Location": where, "TTL": ttl})


def _headers(asked: Asked) -> str:
    """Say what is wrong with TTL, Urgency, Topic or Content-Encoding."""
    ttl, topic = asked.headers.get("TTL"), asked.headers.get("Topic")
    if ttl is None:
        return "Missing TTL header"
    if not ttl.isdecimal():
        return "Invalid TTL header"
    if asked.headers.get("Urgency", "normal") not in URGENCIES:
        return "Invalid Urgency header"
    if topic is not None and not TOPIC.fullmatch(topic):
        return "Invalid Topic header"
    if asked.body and asked.headers.get("Content-Encoding") != "aes128gcm":
        return "Invalid Content-Encoding"
    return ""


def vapid_fault(said: str, audience: str, server_key: str, now: datetime) -> str:
    """Say what is wrong with a VAPID authorization (RFC 8292), checked without the library that made it."""
    parts = dict(part.strip().partition("=")[::2] for part in said.split(","))
    try:
        head, claims, signature = parts["t"].split(".")
        mark = _bytes(signature)
        point = encode_dss_signature(int.from_bytes(mark[:HALF]), int.from_bytes(mark[HALF:]))
        _public(parts["k"]).verify(point, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        told, kind = json.loads(_bytes(claims)), json.loads(_bytes(head))
        ends = float(told["exp"])
        contact = str(told.get("sub", ""))
    except InvalidSignature:
        return "bad signature"
    except (KeyError, ValueError, TypeError, AttributeError):
        return "no token t with a key k"
    checks = (
        (kind.get("alg") != "ES256" or len(mark) != 2 * HALF, "not ES256"),
        (parts["k"].rstrip("=") != server_key, "another key than the subscription was made with"),
        (told.get("aud") != audience, f"aud is not {audience}"),
        (not now.timestamp() < ends <= (now + LONGEST_EXP).timestamp(), "exp is past, or more than 24 hours ahead"),
        (not contact.startswith(("mailto:", "https:")), "sub is no mailto: or https:"),
    )
    return next((words for wrong, words in checks if wrong), "")


def _public(text: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, _bytes(text))


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
