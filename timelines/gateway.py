"""An SMS or telephone gateway with an HTTP interface: how a message is put into its words, what its answers mean."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from disaster_hub.config import Config
from disaster_hub.config_outside import Gateway
from disaster_hub.terms.errors import BadConfig, BadInput, Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from timelines import phone_number
from timelines.aio import ask, waited_s
from timelines.mark import same_world
from timelines.outside import Outside

if TYPE_CHECKING:
    import aiohttp

    from timelines.channel import Letter

BLANK = re.compile(r"\{(to|national|text|key)\}")
OURS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
PARALLEL = 20


@dataclass(frozen=True, slots=True)
class Said:
    """One request to a gateway."""

    body: bytes
    headers: Mapping[str, str]


class ByGateway:
    """What the channels sms and voice have in common; each says how its text is written."""

    kind = "sms"
    together = 1
    parallel = PARALLEL

    def __init__(self, gateway: Gateway, world: WorldKind, outside: Outside, portal: str = "") -> None:
        self.gateway, self.world, self.outside, self.portal = gateway, world, outside, portal
        self.per_second = gateway.per_second

    def text(self, notice: Notice) -> str:
        """Write what is sent or read aloud."""
        raise NotImplementedError

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Hand one message over; the gateway answers for it from then on, which is not yet the phone."""
        said = self._said(notice, address, key)
        try:
            reply = self.outside.post(self.gateway.url, said.body, dict(said.headers))
        except OSError as fault:
            raise Undeliverable(f"{self.kind}: no answer ({type(fault).__name__})") from None
        self._judge(reply.status, reply.headers)

    async def hand_over(self, letters: Sequence[Letter], wire: aiohttp.ClientSession) -> list[Undeliverable | None]:
        """Hand several over, each by a request of its own, as a gateway has it; give what became of each."""
        return await asyncio.gather(*(self._one(letter, wire) for letter in letters))

    async def _one(self, letter: Letter, wire: aiohttp.ClientSession) -> Undeliverable | None:
        try:
            said = self._said(letter.notice, letter.address, letter.key)
            reply = await ask(wire, self.kind, self.gateway.url, said.body, said.headers, self.outside.outgoing)
            self._judge(reply.status, reply.headers)
        except Undeliverable as fault:
            return fault
        return None

    def _said(self, notice: Notice, address: str, key: str) -> Said:
        same_world(notice, self.world)
        try:
            to = phone_number.number(address, self.kind)
        except BadInput as fault:
            raise Undeliverable(f"{self.kind}: {fault}", forever=True) from None
        values = {"to": to, "national": phone_number.national(to), "text": self.text(notice), "key": key}
        kind = "application/x-www-form-urlencoded" if self.gateway.form else "application/json"
        # The name under which many gateways know a message that they have had already.
        mark = hashlib.sha256(key.encode()).hexdigest()[:32]
        body = filled(self.gateway.body, values, form=self.gateway.form)
        return Said(body, {"Content-Type": kind, "Idempotency-Key": mark, **self.gateway.headers})

    def _judge(self, status: int, headers: Mapping[str, str]) -> None:
        """Say what an answer means; a number that is refused is refused for this message, and stays on the list."""
        if status in self.gateway.accepted:
            return
        if status in self.gateway.refused:
            raise Undeliverable(f"{self.kind}: the gateway refuses this number or text (HTTP {status})", forever=True)
        if status in OURS:
            raise Undeliverable(f"{self.kind}: our fault: the gateway refuses our key (HTTP {status})")
        raise Undeliverable(
            f"{self.kind}: the gateway is busy or out of order (HTTP {status})", after_s=waited_s(headers)
        )


def filled(template: str, values: Mapping[str, str], *, form: bool) -> bytes:
    """Fill the operator's template in one pass: what a text holds is never read as a blank, a quote or a field."""
    quoted = quote_plus if form else _json
    return BLANK.sub(lambda blank: quoted(values[blank[1]]), template).encode()


def gateway_of(config: Config, kind: str) -> Gateway:
    """Give the gateway of a kind; without one there is no such channel."""
    for one in config.gateways:
        if one.kind == kind:
            return one
    raise BadConfig(f'gateways: none of kind "{kind}"; the channel {kind} needs one')


def signature(secret: str, body: bytes) -> str:
    """Sign what comes from a gateway, or goes to somebody else's program."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(secret: str, body: bytes, said: str) -> bool:
    """Tell whether a body bears the signature of *secret*; without a secret nothing does."""
    given = said.strip().removeprefix("sha256=").lower()
    return bool(secret) and hmac.compare_digest(signature(secret, body).encode(), given.encode())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
