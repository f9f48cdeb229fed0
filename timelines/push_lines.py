"""Posting to push services over a few connections each that stay open: HTTP/1.1 and nothing around it.

A hundred thousand small posts are most of what an alert costs, and most of a post is what a general client does around
it. Whoever must go through a proxy uses the general one (`aio.ask`).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from urllib.parse import urlsplit

from disaster_hub.terms.errors import Undeliverable
from timelines.aio import trust
from timelines.outside import AGENT, MOST, Reply
from timelines.subscription import PLAIN

Door = tuple[str, str, int]
HEAD = 16_384
"""Bytes of status line and headers; nobody needs more."""
NO_BODY = frozenset({204, 304})
LOOKS = 20
"""Looks for late answers within one time limit: how exactly it is kept."""
INTERIM = 200
"""What is below says that the answer is still to come."""
PORTS = {"http": 80, "https": 443}


class Broken(Exception):
    """A connection ended before anything of the answer came."""


class Lines:
    """Connections by scheme, host and port, used one request at a time and kept for the next."""

    def __init__(self, kind: str, timeout_s: float, ca: str) -> None:
        self.kind, self.timeout_s, self.ca = kind, timeout_s, ca
        self._free: dict[Door, list[_Line]] = {}
        self._trust: ssl.SSLContext | None = None
        self._asking: dict[_Line, float] = {}
        """Who was asked, and until when an answer is waited for."""
        self._looking: asyncio.TimerHandle | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Post *body*; where nobody answers, Undeliverable names the fault and never the address."""
        door, host, path = _parts(url)
        more = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {AGENT}\r\n{more}"
        said = f"{head}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
        try:
            return await self._post(door, said, asyncio.get_running_loop().time() + self.timeout_s)
        except (OSError, ValueError, Broken, TimeoutError) as fault:
            raise Undeliverable(f"{self.kind}: no answer ({type(fault).__name__})") from None

    def close(self) -> None:
        """Let go of every connection."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        for kept in self._free.values():
            for line in kept:
                line.drop()
        self._free.clear()

    async def _post(self, door: Door, said: bytes, until: float) -> Reply:
        line = self._kept(door)
        if line is not None:
            # One that the other side gave up in this very moment: what it never read may be said again.
            with suppress(Broken):
                return await self._asked(door, line, said, until)
        return await self._asked(door, await self._open(door, until), said, until)

    async def _asked(self, door: Door, line: _Line, said: bytes, until: float) -> Reply:
        self._asking[line] = until
        self._look_again()
        try:
            reply = await line.ask(said)
        except BaseException:
            line.drop()
            raise
        finally:
            del self._asking[line]
        if line.whole:
            self._free.setdefault(door, []).append(line)
        else:
            line.drop()
        return reply

    def _kept(self, door: Door) -> _Line | None:
        kept = self._free.get(door, [])
        while kept:
            line = kept.pop()
            if line.alive:
                return line
        return None

    async def _open(self, door: Door, until: float) -> _Line:
        scheme, host, port = door
        loop, secure = asyncio.get_running_loop(), None
        if scheme == "https":
            known = trust(self.ca)
            self._trust = self._trust or (known if isinstance(known, ssl.SSLContext) else ssl.create_default_context())
            secure = self._trust
        async with asyncio.timeout_at(until):
            _, line = await loop.create_connection(_Line, host, port, ssl=secure)
        return line

    def _look_again(self) -> None:
        """Let somebody look for late answers, as long as any is waited for."""
        if self._looking is None and self._asking:
            self._looking = asyncio.get_running_loop().call_later(self.timeout_s / LOOKS, self._look)

    def _look(self) -> None:
        """Wait no longer for late answers: one clock for all, for one each would be a tenth of the work."""
        now, self._looking = asyncio.get_running_loop().time(), None
        for line in [one for one, until in self._asking.items() if until <= now]:
            line.late()
        self._look_again()


def _parts(url: str) -> tuple[Door, str, str]:
    """Give the door, the host as it is written, and the path; a door is looked at once for all who live behind it."""
    at = url.find("/", url.find("://") + 3)
    if at < 0 or PLAIN.fullmatch(url) is None:
        parts = urlsplit(url)
        door = parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]
        return door, parts.netloc, f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return *_door(url[:at]), url[at:]


@lru_cache(maxsize=256)
def _door(front: str) -> tuple[Door, str]:
    parts = urlsplit(front)
    return (parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme]), parts.netloc


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self.alive = self.whole = False
        self._link: asyncio.Transport | None = None
        self._answer: asyncio.Future[Reply] | None = None
        self._held = b""
        self._head: tuple[int, dict[str, str], int] | None = None
        """Status, headers and where the body begins, once they are here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._link, self.alive = transport, True

    def ask(self, said: bytes) -> asyncio.Future[Reply]:
        """Write a request; what is given is its answer."""
        assert self._link is not None
        self._held, self._head, self.whole = b"", None, False
        self._answer = asyncio.get_running_loop().create_future()
        self._link.write(said)
        return self._answer

    def late(self) -> None:
        """Wait no longer for the answer."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(TimeoutError())

    def drop(self) -> None:
        """Give the connection up."""
        self.alive = False
        if self._link is not None:
            self._link.abort()

    def data_received(self, data: bytes) -> None:
        """Take what comes; an answer nobody asked for ends the connection."""
        if self._answer is None or self._answer.done():
            self.drop()
            return
        self._held += data
        try:
            reply = self._read()
        except (ValueError, IndexError):
            self._answer.set_exception(OSError("not HTTP"))
            return
        if reply is not None:
            self._answer.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """End; the status counts even where the rest was cut off."""
        del exc
        self.alive = False
        if self._answer is not None and not self._answer.done():
            if self._head is not None:
                self._answer.set_result(Reply(self._head[0], self._head[1], b""))
            else:
                self._answer.set_exception(OSError("cut off") if self._held else Broken())

    def _read(self) -> Reply | None:
        """Give the answer once it is whole; one of unknown length is not waited for."""
        if self._head is None and not self._headed():
            return None
        assert self._head is not None
        status, headers, begins = self._head
        length = 0 if status in NO_BODY else int(headers.get("content-length", "-1"))
        body = self._held[begins : begins + MOST]
        if length < 0 or length > MOST or "transfer-encoding" in headers:
            return Reply(status, headers, body)
        if len(body) < length:
            return None
        self.whole = len(body) == length and headers.get("connection", "").lower() != "close"
        return Reply(status, headers, body[:length])

    def _headed(self) -> bool:
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            if len(self._held) > HEAD:
                raise ValueError
            return False
        first, *lines = self._held[:end].decode("latin-1").split("\r\n")
        version, status = first.split(" ", 2)[:2]
        if not version.startswith("HTTP/1.") or len(status) != 3:  # three digits
            raise ValueError
        if int(status) < INTERIM:
            self._held = self._held[end + 4 :]
            return self._headed()
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if version == "HTTP/1.0":
            headers.setdefault("connection", "close")
        self._head = int(status), headers, end + 4
        return True
