"""What others would write: loops over the same phones with the same words, each in a process of its own.

`python -m bench.alert_peers NAME NUMBER PORT FOLDER` sends and prints the CPU seconds that it took.
"""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import requests
from pywebpush import WebPusher, webpush

from bench import alert_town as town
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.notice import Notice
from timelines.channels.webpush import payload, topic
from timelines.messages import Form, write
from timelines.push_cipher import encrypt
from timelines.subscription import Subscription
from timelines.vapid import ensure

CONNECTIONS = 50
TTL_S = 21_600
ACCEPTED = 201


def notice_of(folder: Path) -> Notice:
    """Give what everybody is told: the words of an order for one of the plans."""
    alert = town.order(1)
    said = write(alert, town.BRIEF, Form.PUSH, alert.decided_at, town.config_of(folder).city, language="ja")
    return Notice(
        "alert:bench1:bench1", alert.world, alert.kind.value, said.headline, said.text, alert.decided_at,
        alert.expires_at, alert.urgency, "https://bousai.city.example.jp/a/AAAAAAAAAAAAAAAAAAAAAA", alert=alert.id,
    )  # fmt: skip


def words(folder: Path) -> bytes:
    """Give what every phone is told: the very payload of an order."""
    return payload(notice_of(folder), "key", "ja")


def headers_of(folder: Path, port: int) -> dict[str, str]:
    """Give what every push needs beside its body; the signature is made once."""
    signed = ensure(folder / "keys").sign(f"http://127.0.0.1:{port}", "mailto:hub@city.example.jp", utc_now())
    mark = topic(Notice("a:b:c", town.order(1).world, "order", "", "", utc_now(), utc_now(), 7))
    return {
        "TTL": str(TTL_S), "Urgency": "high", "Topic": mark, "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream", "Authorization": signed,
    }  # fmt: skip


def plain(phones: list[Subscription], said: bytes, folder: Path, _port: int) -> None:
    """Loop over pywebpush with a session of requests, as its own page shows."""
    session = requests.Session()
    key = str(folder / "keys" / "vapid.pem")
    for one in phones:
        info = {"endpoint": one.endpoint, "keys": {"p256dh": one.p256dh, "auth": one.auth}}
        claims = {"sub": "mailto:hub@city.example.jp"}
        webpush(info, said, key, claims, ttl=TTL_S, requests_session=session, headers={"Urgency": "high"})


def _seal_http_ece(one: Subscription, said: bytes) -> bytes:
    info = {"endpoint": one.endpoint, "keys": {"p256dh": one.p256dh, "auth": one.auth}}
    body: bytes = WebPusher(info).encode(said)["body"]
    return body


def _seal_ours(one: Subscription, said: bytes) -> bytes:
    return encrypt(said, *one.keys)


async def _bare(
    phones: list[Subscription], said: bytes, headers: dict[str, str], seal: Callable[[Subscription, bytes], bytes]
) -> None:
    """Send with so many workers over one aiohttp session; nothing is looked up, checked or written down."""
    waiting = iter(phones)
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)

    async def work(session: aiohttp.ClientSession) -> None:
        for one in waiting:
            async with session.post(one.endpoint, data=seal(one, said), headers=headers) as answer:
                if answer.status != ACCEPTED:
                    raise RuntimeError(answer.status)

    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(work(session) for _ in range(CONNECTIONS)))


def bare(phones: list[Subscription], said: bytes, folder: Path, port: int) -> None:
    """Encrypt with pywebpush, send with aiohttp."""
    asyncio.run(_bare(phones, said, headers_of(folder, port), _seal_http_ece))


def bare_ours(phones: list[Subscription], said: bytes, folder: Path, port: int) -> None:
    """Encrypt with our own cipher, send with aiohttp: what only the engine costs is the difference."""
    asyncio.run(_bare(phones, said, headers_of(folder, port), _seal_ours))


def apprise(phones: list[Subscription], said: bytes, _folder: Path, _port: int) -> None:
    """Notify through apprise's JSON plugin, as many at once as it likes; its Web Push takes one phone a file."""
    from apprise import Apprise  # only this peer needs it

    logging.getLogger("apprise").setLevel(logging.ERROR)
    told = json.loads(said)
    part = 200
    for at in range(0, len(phones), part):
        group = Apprise()
        for one in phones[at : at + part]:
            group.add(one.endpoint.replace("http://", "json://"))
        if not group.notify(title=told["title"], body=told["body"]):
            raise RuntimeError("apprise")


PEERS = {"plain": plain, "bare": bare, "bare_ours": bare_ours, "apprise": apprise}

if __name__ == "__main__":
    name, number, port_said, folder_said = sys.argv[1:5]
    where = Path(folder_said)
    everyone = list(town.subscriptions(int(number), int(port_said)))
    text = words(where)
    print("ready", flush=True)
    sys.stdin.readline()
    PEERS[name](everyone, text, where, int(port_said))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, flush=True)
