"""A stand-in for gateways and LINE that counts what it takes by key, and fails in every way that was ever seen."""

from __future__ import annotations

import asyncio
import hashlib
import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

PHRASES = {200: "OK", 201: "Created", 409: "Conflict", 429: "Too Many Requests", 503: "Service Unavailable"}


@dataclass(slots=True)
class Stand:
    """Takes posts on loopback, from a thread of its own; the test turns its faults on and off while it runs."""

    delay_s: float = 0.0
    most: float = math.inf
    """How many messages are taken; whoever comes with one more waits until the test takes more of them."""
    storm: bool = False
    """429 with a Retry-After to everything."""
    hangs: float = 0.0
    """Share of keys whose first request is taken in and never answered: a socket that is half open."""
    cuts: float = 0.0
    """Share of keys whose first request is taken, and the connection cut in mid-answer."""
    lies: float = 0.0
    """Share of keys that are answered 200 with the body of an error."""
    line: bool = False
    """Answer 409 to a key that it has, as LINE does."""
    taken: dict[str, float] = field(default_factory=dict)
    """When each key was taken first, on the wall."""
    asked: Counter[str] = field(default_factory=Counter)
    said: Counter[int] = field(default_factory=Counter)
    came: list[float] = field(default_factory=list)
    """When each request came, on the wall."""
    _waiting: list[Callable[[], None]] = field(default_factory=list)
    port: int = 0
    _loop: Any = None
    _ready: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        assert self._thread is not None
        self._thread.join(10)

    _over: Any = None

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(lambda: _Link(self), "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()

    def take(self, most: float) -> None:
        """Take so many messages in all; those that wait come first."""

        def opened() -> None:
            self.most = most
            held, self._waiting = self._waiting, []
            for one in held:
                one()

        self._loop.call_soon_threadsafe(opened)

    def share(self, key: str, part: float, salt: str) -> bool:
        """Tell whether a key belongs to a share of all keys; always the same ones."""
        return int.from_bytes(hashlib.sha256(f"{salt}{key}".encode()).digest()[:4], "big") < part * 2**32


class _Link(asyncio.Protocol):
    def __init__(self, stand: Stand) -> None:
        self.stand, self.held = stand, b""
        self.link: Any = None

    def connection_made(self, transport: Any) -> None:
        self.link = transport

    def data_received(self, data: bytes) -> None:
        self.held += data
        while (end := self.held.find(b"\r\n\r\n")) >= 0:
            lines = self.held[:end].decode("latin-1").split("\r\n")[1:]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            whole = end + 4 + int(headers.get("content-length", "0"))
            if len(self.held) < whole:
                return
            self.held = self.held[whole:]
            key = headers.get("idempotency-key") or headers.get("x-line-retry-key") or ""
            self.stand.came.append(time.time())
            asyncio.get_running_loop().call_later(self.stand.delay_s, self._answer, key)

    def _answer(self, key: str) -> None:
        stand = self.stand
        if self.link.is_closing():
            return  # whoever asked has gone: nothing was taken
        if key not in stand.taken and len(stand.taken) >= stand.most:
            stand._waiting.append(partial(self._answer, key))
            return
        if stand.storm:
            self._say(429, b"", "Retry-After: 1\r\n")
            return
        again = key in stand.taken
        stand.asked[key] += 1
        stand.taken.setdefault(key, time.time())
        if stand.asked[key] == 1 and stand.share(key, stand.hangs, "hangs"):
            del stand.taken[key]  # it came as far as the wire, and no further
            return
        if stand.asked[key] == 1 and stand.share(key, stand.cuts, "cuts"):
            self.link.write(b"HTTP/1.1 20")
            self.link.close()
        elif again and stand.line:
            self._say(409, b"{}", "x-line-accepted-request-id: 1\r\n")
        elif stand.share(key, stand.lies, "lies"):
            self._say(200, b'{"error": "no"}')
        else:
            self._say(200, b"{}")

    def _say(self, status: int, body: bytes, more: str = "") -> None:
        self.stand.said[status] += 1
        head = f"HTTP/1.1 {status} {PHRASES[status]}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        self.link.write(head.encode() + body)
