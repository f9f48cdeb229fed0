"""One request on a shared asyncio session: a time limit, no redirect, and an answer that is read not without end."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

from disaster_hub.terms.errors import Undeliverable
from timelines.outside import AGENT, MOST, Reply

if TYPE_CHECKING:
    import aiohttp

    from disaster_hub.config import Outgoing

LONGEST_S = 18.0
"""However long a time-out is set: a lease that runs out meanwhile would have another send the same again."""
LONGEST_WAIT_DIGITS = 6
"""Eleven days are enough."""


async def ask(  # whose wire, what to whom, and for how long
    wire: aiohttp.ClientSession,
    kind: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    outgoing: Outgoing,
    longest_s: float = LONGEST_S,
) -> Reply:
    """Post *body*; where nobody answers, Undeliverable names the fault and never the address or the text."""
    from aiohttp import ClientError, ClientTimeout  # noqa: PLC0415  # a quarter of a second to load: only post needs it

    try:
        async with wire.post(
            url, data=body, headers={"User-Agent": AGENT, **headers}, allow_redirects=False,
            proxy=outgoing.proxy or proxied(url),
            timeout=ClientTimeout(total=min(outgoing.timeout_s, longest_s)), ssl=trust(str(outgoing.ca or "")),
        ) as answer:  # fmt: skip
            named = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status, named, await _body(answer))
    except (ClientError, OSError, ValueError) as fault:
        raise Undeliverable(f"{kind}: no answer ({type(fault).__name__})") from None


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """Read the beginning; the status counts even where the rest is cut off."""
    try:
        return await answer.content.read(MOST)
    except Exception:  # noqa: BLE001  # whatever broke, what matters was in the first line
        return b""


@lru_cache(maxsize=256)
def surroundings(scheme: str, host: str) -> str | None:
    """Give the proxy that the environment names for a host, where the configuration names none.

    aiohttp would look into ~/.netrc too, in a thread of its own for each request.
    """
    found = getproxies()
    return None if proxy_bypass(host) else found.get(scheme) or found.get("all")


def proxied(url: str) -> str | None:
    """Give the proxy that stands before an address; None where the way is free."""
    scheme, _, rest = url.partition("://")
    return surroundings(scheme, rest.partition("/")[0])


@lru_cache(maxsize=4)
def trust(ca: str) -> ssl.SSLContext | bool:
    """Give whom we trust: made once, for reading the list of authorities takes longer than a message."""
    return ssl.create_default_context(cafile=ca) if ca else True


def waited_s(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After where it is a number of seconds; None where the other side asked for nothing."""
    said = headers.get("retry-after", "")
    return float(said) if said.isdecimal() and len(said) <= LONGEST_WAIT_DIGITS else None
