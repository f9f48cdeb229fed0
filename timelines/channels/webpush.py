"""Web Push: encrypted for one phone (RFC 8291), signed as ours (RFC 8292), handed to its push service (RFC 8030)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from disaster_hub.config import Config
from disaster_hub.config_outside import Push
from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.errors import BadConfig, BadInput, Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import World
from timelines import phrases
from timelines.aio import ask, proxied
from timelines.channel import Clock, Letter
from timelines.mark import marked, marks, one_line, same_world
from timelines.outside import Outside, Reply
from timelines.push_cipher import encrypt
from timelines.push_lines import Lines
from timelines.subscription import subscription
from timelines.vapid import LIFE, Vapid, ensure

if TYPE_CHECKING:
    import aiohttp

LONGEST_TTL_S = 28 * 86_400
LARGEST = 3_900
"""Bytes of clear text: with what the encryption adds, no more than the 4,096 that every service takes."""
SOON = timedelta(minutes=10)
ACCEPTED = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
OURS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
URGENT, NORMAL = 4, 2
ASKING = frozenset({AlertKind.ORDER.value, AlertKind.AUTOMATIC.value, AlertKind.UPDATE.value})
JSON = msgspec.json.Encoder()
ON_THE_SCREEN = ("left", "help")
"""Answers that a notification shows as buttons where the browser allows two; all four are on the page behind it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message encrypted for one phone."""

    endpoint: str
    audience: str
    """Scheme and host of the push service, whom our signature is for."""
    body: bytes


class WebPush:
    """Sends to one push service after the other; a signature is made once an origin and kept while it is good."""

    kind = "webpush"
    together = 1
    parallel = 50
    per_second = 0.0

    def __init__(self, push: Push, vapid: Vapid, world: World, outside: Outside, wall: Clock) -> None:
        self.push, self.vapid, self.world = push, vapid, world
        self.outside, self.wall = outside, wall
        self.lines = Lines(self.kind, outside.outgoing.timeout_s, str(outside.outgoing.ca or ""))
        self._signed: dict[str, tuple[str, datetime]] = {}

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Encrypt and hand over; 201 means accepted by the push service, not seen on the phone."""
        wall = self.wall()
        letter = Letter(notice, address, key)
        headers, envelope = self._ready(letter, wall)
        try:
            reply = self.outside.post(envelope.endpoint, envelope.body, headers)
        except OSError as fault:  # the name of the fault only: its text holds the endpoint
            raise Undeliverable(f"webpush: no answer ({type(fault).__name__})") from None
        self._judge(reply, envelope.audience, wall)

    async def hand_over(self, letters: Sequence[Letter], wire: aiohttp.ClientSession) -> Sequence[Undeliverable | None]:
        """Do the same over connections that stay open."""
        return [await self._over(letter, wire) for letter in letters]

    def sealed(self, letter: Letter) -> Letter:
        """Encrypt for the one phone: nine tenths of what a push takes, and nothing of it waits for anybody."""
        try:
            to = subscription(letter.address, self.push, self.world.kind)
        except BadInput as fault:
            raise Undeliverable(f"webpush: {fault}", forever=True) from None
        body = encrypt(payload(letter.notice, letter.key, letter.language), *to.keys, to.public)
        return Letter(
            letter.notice, letter.address, letter.key, letter.language, Envelope(to.endpoint, to.audience, body)
        )

    def close(self) -> None:
        """Let go of the connections."""
        self.lines.close()

    async def _over(self, letter: Letter, wire: aiohttp.ClientSession) -> Undeliverable | None:
        wall = self.wall()
        try:
            headers, to = self._ready(letter, wall)
            outgoing = self.outside.outgoing
            if outgoing.proxy or proxied(to.endpoint):
                reply = await ask(wire, self.kind, to.endpoint, to.body, headers, outgoing)
            else:
                reply = await self.lines.post(to.endpoint, to.body, headers)
            self._judge(reply, to.audience, wall)
        except Undeliverable as fault:
            return fault
        return None

    def _ready(self, letter: Letter, wall: datetime) -> tuple[dict[str, str], Envelope]:
        """Give the headers of this moment, and what was encrypted now or before."""
        notice = letter.notice
        same_world(notice, self.world.kind)
        left_s = (notice.expires_at - self.world.now(wall)).total_seconds()
        if left_s <= 0:
            raise Undeliverable("webpush: its time had passed", forever=True)
        to = letter.sealed
        if not isinstance(to, Envelope):
            to = self.sealed(letter).sealed
            assert isinstance(to, Envelope)
        headers = {
            "TTL": str(min(LONGEST_TTL_S, max(1, int(self.world.wall_seconds(left_s))))),
            "Urgency": urgency(notice.urgency),
            "Topic": topic(notice),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "Authorization": self._authorization(to.audience, wall),
        }
        return headers, to

    def _authorization(self, audience: str, wall: datetime) -> str:
        """Give the signature for *audience*: 79 us of work, so it is made again only when it nears its end."""
        known = self._signed.get(audience)
        if known is None or known[1] - wall < SOON or known[1] - wall > LIFE:
            known = self.vapid.sign(audience, self.push.contact, wall), wall + LIFE
            self._signed[audience] = known
        return known[0]

    def _judge(self, reply: Reply, audience: str, wall: datetime) -> None:
        """Say what an answer means; only 404 and 410 mean that the subscription is no more."""
        if reply.status in ACCEPTED:
            return
        if reply.status in GONE:
            raise Undeliverable(f"webpush: the subscription is gone (HTTP {reply.status})", gone=True)
        if reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise Undeliverable("webpush: too large for the push service (HTTP 413)", forever=True)
        if reply.status in OURS:
            self._signed.pop(audience, None)
            raise Undeliverable(
                f"webpush: our fault: {audience} refuses our request or our VAPID key (HTTP {reply.status})"
            )
        raise Undeliverable(
            f"webpush: the push service is busy or out of order (HTTP {reply.status})",
            after_s=_after(reply, wall),
            busy=reply.status == HTTPStatus.TOO_MANY_REQUESTS,
        )


def payload(notice: Notice, key: str, language: str = "") -> bytes:
    """Write what the service worker shows, as JSON; a text too long is cut, for 4,096 bytes is all there is."""
    said: dict[str, Any] = {
        "kind": notice.kind,
        "world": notice.world.value,
        "mark": marks(notice),
        "title": one_line(marked(notice, notice.headline)),
        "body": marked(notice, notice.text),
        "url": notice.url,
        "tag": topic(notice),
        "id": hashlib.sha256(key.encode()).hexdigest()[:32],
        "decided": _zulu(notice.decided_at),
        "expires": _zulu(notice.expires_at),
    }
    if notice.alert and notice.kind in ASKING:
        said["actions"] = _actions(language or phrases.FIRST)
    if notice.alert:
        said["alert"] = notice.url
    whole = said["body"]
    while len(written := JSON.encode(said)) > LARGEST:
        excess = len(written) - LARGEST
        whole = whole[: max(0, len(whole) - excess // 4 - 1)]
        if not whole:
            raise Undeliverable("webpush: too long without its text", forever=True)
        said["body"] = f"{whole}…"
    return written


def topic(notice: Notice) -> str:
    """Name what *notice* is about, in 32 characters: a phone that was off gets only the newest of one topic.

    A key reads `kind:subject:which`; where it does not, the notice is a topic of its own.
    """
    parts = notice.key.split(":")
    about = f"{parts[0]}:{parts[1]}:" if len(parts) > 2 else notice.key  # kind, subject, which
    # An alert's correction and its withdrawal take its own place on the screen, whatever kind they are.
    kind = "alert" if notice.alert else notice.kind
    return _named(f"{notice.world.value}/{kind}/{about}")


_zulu = lru_cache(maxsize=64)(zulu)
"""The two moments of an alert are the same in all of its messages."""


@lru_cache(maxsize=16)
def _actions(language: str) -> list[dict[str, str]]:
    """Give the answers that are buttons; nobody changes what is given."""
    return [{"action": word, "title": phrases.say(f"answer.{word}", language)} for word in ON_THE_SCREEN]


@lru_cache(maxsize=256)
def _named(about: str) -> str:
    return hashlib.sha256(about.encode()).hexdigest()[:32]


def urgency(number: int) -> str:
    """Say 5 to 1 in the words of RFC 8030: a sleeping phone is woken for `high` only."""
    return "high" if number >= URGENT else "normal" if number >= NORMAL else "low"


def _after(reply: Reply, wall: datetime) -> float | None:
    """Read Retry-After: seconds, or a date."""
    said = reply.headers.get("retry-after", "")
    if said.isdecimal() and len(said) < 7:  # eleven days are enough
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - wall).total_seconds())
    except (ValueError, TypeError):
        return None


def make(config: Config, wall: Clock) -> WebPush:
    """Make the channel of the configuration; without [push] there is none."""
    if config.push is None:
        raise BadConfig("push: missing; the channel webpush needs push.contact")
    return WebPush(config.push, ensure(config.keys.folder), config.world, Outside(config.outgoing), wall)
