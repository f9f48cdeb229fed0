"""Somebody else's program that is told of every alert of the city: signed JSON, and nothing about anybody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

from disaster_hub.config import Config
from disaster_hub.config_outside import Webhook
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from timelines.aio import ask, waited_s
from timelines.channel import Clock
from timelines.gateway import signature
from timelines.mark import marked, marks, same_world
from timelines.outside import Outside, Reply
from timelines.short import link

if TYPE_CHECKING:
    import aiohttp

    from timelines.channel import Letter

FIRST = "webhook:"
PERSONAL = ("/a/", "/my", "/s/")
"""Pages that are somebody's own: their addresses go to nobody else."""
REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY})
OURS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})


class ToPrograms:
    """Posts to the programs of the configuration, each by its name."""

    kind = "webhook"
    together = 1
    parallel = 8
    per_second = 50.0

    def __init__(self, known: Sequence[Webhook], world: WorldKind, outside: Outside, portal: str = "") -> None:
        self.known = {one.name: one for one in known}
        self.world, self.outside, self.portal = world, outside, portal

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Post one; the same key is in the body, so that the other side can tell a second time from a second alert."""
        to, body = self._said(notice, address, key)
        try:
            reply = self.outside.post(to.url, body, _headers(to, body))
        except OSError as fault:
            raise Undeliverable(f"webhook {to.name}: no answer ({type(fault).__name__})") from None
        _judge(to, reply)

    async def hand_over(self, letters: Sequence[Letter], wire: aiohttp.ClientSession) -> list[Undeliverable | None]:
        """Post several, each by itself; give what became of each."""
        return await asyncio.gather(*(self._one(letter, wire) for letter in letters))

    async def _one(self, letter: Letter, wire: aiohttp.ClientSession) -> Undeliverable | None:
        try:
            to, body = self._said(letter.notice, letter.address, letter.key)
            _judge(to, await ask(wire, f"webhook {to.name}", to.url, body, _headers(to, body), self.outside.outgoing))
        except Undeliverable as fault:
            return fault
        return None

    def _said(self, notice: Notice, address: str, key: str) -> tuple[Webhook, bytes]:
        same_world(notice, self.world)
        to = self.known.get(address.removeprefix(FIRST))
        if to is None:
            raise Undeliverable("webhook: no such name in the configuration", forever=True)
        return to, written(notice, key, self.portal)


def written(notice: Notice, key: str, portal: str) -> bytes:
    """Write what is posted: the alert of the city, in its general words."""
    page = "" if any(part in notice.url for part in PERSONAL) else link(notice, portal)
    said = {
        "id": key, "alert": notice.alert or notice.key, "kind": notice.kind, "world": notice.world.value,
        "actual": notice.world is WorldKind.REAL and not marks(notice), "headline": marked(notice, notice.headline),
        "text": marked(notice, notice.text), "decided_at": zulu(notice.decided_at),
        "expires_at": zulu(notice.expires_at), "urgency": notice.urgency, "url": page,
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False).encode()


def _headers(to: Webhook, body: bytes) -> dict[str, str]:
    return {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature(to.secret, body)}"}


def _judge(to: Webhook, reply: Reply) -> None:
    """Say what an answer means."""
    if HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
        return
    if reply.status in REFUSED:
        raise Undeliverable(f"webhook {to.name}: refused (HTTP {reply.status})", forever=True)
    if reply.status in OURS:
        raise Undeliverable(f"webhook {to.name}: our fault: address or secret (HTTP {reply.status})")
    raise Undeliverable(f"webhook {to.name}: out of order (HTTP {reply.status})", after_s=waited_s(reply.headers))


def make(config: Config, _wall: Clock) -> ToPrograms:
    """Make the channel of the configuration; a name that is not there is refused at each sending."""
    return ToPrograms(config.webhooks, config.world.kind, Outside(config.outgoing), config.portal.address)
