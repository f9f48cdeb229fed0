"""LINE's Messaging API: push where a text is a household's own, multicast where it is equal; each tried once a key."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from disaster_hub.config import Config
from disaster_hub.config_outside import LineBot
from disaster_hub.terms.errors import BadConfig, Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from timelines import phrases
from timelines.aio import LONGEST_S, ask, waited_s
from timelines.channel import Clock
from timelines.line_message import messages
from timelines.mark import same_world
from timelines.outside import Outside, Reply

if TYPE_CHECKING:
    import aiohttp

    from timelines.channel import Letter

PUSH, MULTICAST, REPLY = "/v2/bot/message/push", "/v2/bot/message/multicast", "/v2/bot/message/reply"
QUOTA, USED = "/v2/bot/message/quota", "/v2/bot/message/quota/consumption"
USER = re.compile(r"U[0-9a-f]{32}")
SPACE = uuid.UUID("7f0d3c52-6d0e-5a77-9d5c-1b3f0a6b9e21")
"""Ours: a retry key is made of the delivery's own key in it, so that the same delivery always has the same one."""
ACCEPTED_BEFORE = "x-line-accepted-request-id"
MONTHLY = "monthly limit"
"""Words of LINE's 429 when the month's messages are used up; its other 429 is about how fast we send."""
SLOW_DOWN_S = 2.0
NEVER = frozenset({400, 404, 410, 413, 415})
OURS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
TRIES = 3
"""Of one multicast, with the same key, before its letters are given back: another time it may be grouped otherwise."""
PAUSE_S = 0.5
EACH_S = 5.5
"""Of one try: all of them, and their pauses, end before the lease of the letters does."""
TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Quota:
    """How many messages this month allows, and how many went."""

    limit: int | None
    """None: there is no limit."""
    used: int

    @property
    def left(self) -> int | None:
        """Give how many may still go; None where there is no limit."""
        return None if self.limit is None else max(0, self.limit - self.used)


class Line:
    """Sends as one channel (公式アカウント) of the city."""

    kind = "line"
    together = TOGETHER
    parallel = 50

    def __init__(self, bot: LineBot, world: WorldKind, outside: Outside, portal: str = "") -> None:
        self.bot, self.world, self.outside, self.portal = bot, world, outside, portal
        self.per_second = bot.per_second
        self._next_s = 0.0

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Push one; 200 means that LINE has it, not that a phone shows it: whoever blocked us is not told to us."""
        same_world(notice, self.world)
        body = self._body(notice, _user(address))
        try:
            reply = self.outside.post(f"{self.bot.api}{PUSH}", body, self._headers(retry_key(key)))
        except OSError as fault:  # the name of the fault only
            raise Undeliverable(f"line: no answer ({type(fault).__name__})") from None
        judge(reply)

    async def hand_over(self, letters: Sequence[Letter], wire: aiohttp.ClientSession) -> list[Undeliverable | None]:
        """Hand over up to 500 letters: those of equal words in one request, each other one in its own."""
        groups: dict[tuple[Any, ...], list[int]] = {}
        for number, letter in enumerate(letters):
            groups.setdefault(_words(letter), []).append(number)
        ends: list[Undeliverable | None] = [None] * len(letters)

        async def group(numbers: list[int]) -> None:
            mine = [letters[n] for n in numbers]
            for n, end in zip(numbers, await self._group(mine, wire), strict=True):
                ends[n] = end

        await asyncio.gather(*(group(numbers) for numbers in groups.values()))
        return ends

    async def _group(self, letters: Sequence[Letter], wire: aiohttp.ClientSession) -> list[Undeliverable | None]:
        """Send equal words: one multicast; where LINE refuses one of its people, each is asked alone."""
        if len(letters) == 1:
            return [await self._one(letters[0], wire)]
        good = [letter for letter in letters if USER.fullmatch(letter.address)]
        end = await self._many(good, wire) if good else None
        if end is not None and end.forever and MONTHLY not in str(end):
            return list(await asyncio.gather(*(self._one(letter, wire) for letter in letters)))
        return [end if USER.fullmatch(letter.address) else _nobody() for letter in letters]

    async def _one(self, letter: Letter, wire: aiohttp.ClientSession) -> Undeliverable | None:
        try:
            same_world(letter.notice, self.world)
            body = self._body(letter.notice, _user(letter.address), _language(letter))
            await self._ask(PUSH, body, retry_key(letter.key), wire)
        except Undeliverable as fault:
            return fault
        return None

    async def _many(self, letters: Sequence[Letter], wire: aiohttp.ClientSession) -> Undeliverable | None:
        """Send one multicast; what is not known to have failed is asked again under the same key, here and now."""
        first = letters[0]
        key = retry_key(*sorted(letter.key for letter in letters))
        try:
            same_world(first.notice, self.world)
            body = self._body(first.notice, [letter.address for letter in letters], _language(first))
        except Undeliverable as fault:
            return fault
        for turn in range(TRIES):
            try:
                await self._turn()
                await self._ask(MULTICAST, body, key, wire, EACH_S)
            except Undeliverable as fault:
                if fault.forever or fault.after_s is not None or turn + 1 == TRIES:
                    return fault
                await asyncio.sleep(PAUSE_S * (turn + 1))
            else:
                return None
        return None

    async def _ask(
        self, path: str, body: bytes, key: str, wire: aiohttp.ClientSession, longest_s: float = LONGEST_S
    ) -> None:
        url, outgoing = f"{self.bot.api}{path}", self.outside.outgoing
        judge(await ask(wire, "line", url, body, self._headers(key), outgoing, longest_s))

    async def _turn(self) -> None:
        """Wait for the turn of one multicast: LINE allows fewer of them a second than of pushes."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next_s)
        self._next_s = at + 1.0 / self.bot.multicast_per_second
        await asyncio.sleep(at - now)

    def _body(self, notice: Notice, to: str | list[str], language: str = phrases.FIRST) -> bytes:
        said = {"to": to, "messages": messages(notice, self.portal, language)}
        return json.dumps(said, ensure_ascii=False).encode()

    def _headers(self, key: str) -> dict[str, str]:
        return {**_signed_in(self.bot), "Content-Type": "application/json", "X-Line-Retry-Key": key}


def retry_key(*keys: str) -> str:
    """Give the retry key of one delivery, or of the deliveries of one multicast."""
    return str(uuid.uuid5(SPACE, "\n".join(keys)))


def judge(reply: Reply) -> None:
    """Say what an answer means; 409 with the id of the earlier request means that LINE has it already."""
    if reply.status == HTTPStatus.OK or (reply.status == HTTPStatus.CONFLICT and ACCEPTED_BEFORE in reply.headers):
        return
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        if MONTHLY in _message(reply.body):
            raise Undeliverable("line: the messages of this month are used up (monthly limit, HTTP 429)", forever=True)
        raise Undeliverable("line: too many a second (HTTP 429)", after_s=waited_s(reply.headers) or SLOW_DOWN_S)
    if reply.status in OURS:
        raise Undeliverable(f"line: our fault: LINE refuses line_bot.token (HTTP {reply.status})")
    if reply.status in NEVER:
        raise Undeliverable(f"line: LINE refuses this message or this person (HTTP {reply.status})", forever=True)
    raise Undeliverable(f"line: busy or out of order (HTTP {reply.status})", after_s=waited_s(reply.headers))


def signed(secret: str, body: bytes, said: str) -> bool:
    """Tell whether LINE itself sent *body*: its signature is over the very bytes, and is looked at before anything."""
    mark = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))
    return bool(secret) and hmac.compare_digest(mark, said.strip().encode("utf-8", "replace"))


def reply(bot: LineBot, outside: Outside, token: str, said: Sequence[dict[str, Any]]) -> None:
    """Answer somebody who wrote to us: free of charge, within a minute, once."""
    body = json.dumps({"replyToken": token, "messages": list(said)}, ensure_ascii=False).encode()
    headers = {**_signed_in(bot), "Content-Type": "application/json"}
    try:
        judge(outside.post(f"{bot.api}{REPLY}", body, headers))
    except OSError as fault:
        raise Undeliverable(f"line: no answer ({type(fault).__name__})") from None


def quota(config: Config, outside: Outside) -> Quota | None:
    """Ask LINE how many messages this month has left; None where there is no LINE, or it does not say."""
    bot = config.line_bot
    if bot is None:
        return None
    try:
        said = [outside.get(f"{bot.api}{path}", _signed_in(bot)) for path in (QUOTA, USED)]
        if any(one.status != HTTPStatus.OK for one in said):
            return None
        allowed, gone = (json.loads(one.body) for one in said)
        limit = int(allowed["value"]) if allowed["type"] == "limited" else None
        return Quota(limit, int(gone["totalUsage"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _words(letter: Letter) -> tuple[Any, ...]:
    """Give what must be equal for one request to carry both."""
    one = letter.notice
    return one.world, one.kind, one.headline, one.text, one.url, one.alert, _language(letter)


def _language(letter: Letter) -> str:
    return letter.language or phrases.FIRST


def _user(address: str) -> str:
    if not USER.fullmatch(address):
        raise _nobody()
    return address


def _nobody() -> Undeliverable:
    return Undeliverable("line: no LINE user id", forever=True)


def _signed_in(bot: LineBot) -> dict[str, str]:
    return {"Authorization": f"Bearer {bot.token}"}


def _message(body: bytes) -> str:
    try:
        said = json.loads(body)
        return str(said.get("message", ""))
    except (ValueError, AttributeError):
        return ""


def make(config: Config, _wall: Clock) -> Line:
    """Make the channel of the configuration; without [line_bot] there is none."""
    if config.line_bot is None:
        raise BadConfig("line_bot: missing; the channel line needs line_bot.token and line_bot.secret")
    return Line(config.line_bot, config.world.kind, Outside(config.outgoing), config.portal.address)
