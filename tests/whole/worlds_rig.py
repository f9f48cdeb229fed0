"""Two worlds side by side, the real one and a drill, and an oracle that knows what each record truly is.

The oracle shares nothing with the hub: every record carries a word of its own that says whether it is meant in earnest,
and whatever is found in a queue, or leaves by a channel, is judged by that word and by its first characters alone.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, Self

import shapely
from sqlalchemy import text

from disaster_hub.config import Area, Config, Folder, Keys, Mail, Portal, Sensor, Staff
from disaster_hub.config_outside import Canary, Gateway, LineBot, Push, Sending, Sibling, Webhook
from disaster_hub.desk import rules_desk
from disaster_hub.jobs.deliver import deliver_due
from disaster_hub.jobs.letters import Household
from disaster_hub.store import places, staff
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import HubError
from disaster_hub.terms.place import Feature
from disaster_hub.terms.world import World, WorldKind
from tests.desk.alert_town import SQUARE, Folk, settle
from tests.jobs import hub
from tests.rules.said import at
from timelines import phrases
from timelines.channel import Channel, Letter, channel
from timelines.channels import email as mail_channel
from timelines.channels import webpush
from timelines.phrases import Reviews

CITY = "0620300"
"""A code that JMA uses: the real store refuses those of made-up towns."""
TYPED = (
    "【訓練】", "［訓練］", "【 訓練 】", "[訓練]", "〔訓練〕", "【訓\u200b練】", "【\n訓練】", "【テスト】", "【試験】", "﹇訓練﹈",
)  # fmt: skip
"""How the mark of what is not meant in earnest was ever typed."""
HARMLESS = ("", "", "明日の訓練は中止です。", "（訓練ではありません）", "試験放送は終わりました。", "【北部】")
RULE = f"""
[[rule]]
id = "town"
title = "市の警戒レベル"
hazard = "flood"
areas = ["N"]
when = {{ kind = "level", area = "{CITY}", level = 3, hazard = "rain" }}
"""
NOW = at(5)
USER = "U" + "a" * 32
PHONE = "+819012345678"
BROWSER = json.dumps({
    "endpoint": "https://fcm.googleapis.com/fcm/send/x",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
})  # fmt: skip
STAFF_MAIL = "bousai-staff@example.jp"


def plain(said: str) -> str:
    """Write a text as an eye sees it: no spaces, no signs without a shape, brackets of one kind."""
    kept = (c for c in unicodedata.normalize("NFKC", said) if unicodedata.category(c)[0] in "LNPS")
    return "".join(kept).translate(str.maketrans("[〔［", "【【【")).translate(str.maketrans("]〕］", "】】】"))


def exercises(said: str) -> bool:
    return "【訓練】" in plain(said)


def tried(said: str) -> bool:
    return "【テスト】" in plain(said) or "【試験】" in plain(said)


@dataclass(frozen=True, slots=True)
class Out:
    """One message as it came to somebody outside."""

    world: WorldKind
    """Whose channel carried it."""
    channel: str
    parts: tuple[str, ...]
    """Everything that a person reads first: headline, text, question above the buttons."""
    kind: str = ""


@dataclass(slots=True)
class Outside:
    """Everybody outside, who take whatever they are given and write it down."""

    got: list[Out] = field(default_factory=list)
    port: int = 0
    _loop: Any = None
    _over: Any = None
    _links: set[Any] = field(default_factory=set)
    _thread: threading.Thread | None = None
    _ready: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        assert self._thread is not None
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(lambda: _Link(self), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()
        for link in list(self._links):
            link.close()
        await asyncio.sleep(0)  # they close in the next turn of the loop

    def take(self, path: str, body: bytes) -> None:
        """Write down what was posted to `/<world>/<channel>...`."""
        _, world, kind, *_ = path.split("/")
        said = json.loads(body)
        if kind == "line":
            parts: list[str] = []
            for one in said["messages"]:
                parts += [one["text"]] if one["type"] == "text" else [one["altText"], one["template"]["text"]]
        elif kind == "webhook":
            parts = [said["headline"], said["text"]]
            assert said["actual"] is (world == "real" and not tried(said["headline"]))
        elif kind == "webpush":
            parts = [said["title"], said["body"]]
        else:
            parts = [said["text"]]
        self.got.append(Out(WorldKind(world), kind, tuple(parts)))

    def mail(self, world: WorldKind, raw: bytes) -> None:
        """Write a mail down."""
        one = message_from_bytes(raw, policy=policy.default)
        self.got.append(Out(world, "email", (str(one["Subject"]), str(one.get_content()))))  # type: ignore[attr-defined]


class _Link(asyncio.Protocol):
    def __init__(self, outside: Outside) -> None:
        self.outside, self.held = outside, b""
        self.link: Any = None

    def connection_made(self, transport: Any) -> None:
        self.link = transport
        self.outside._links.add(transport)

    def connection_lost(self, _fault: Exception | None) -> None:
        self.outside._links.discard(self.link)

    def data_received(self, data: bytes) -> None:
        self.held += data
        while (end := self.held.find(b"\r\n\r\n")) >= 0:
            lines = self.held[:end].decode("latin-1").split("\r\n")
            length = next((int(x.split(":")[1]) for x in lines if x.lower().startswith("content-length:")), 0)
            whole = end + 4 + length
            if len(self.held) < whole:
                return
            body, self.held = self.held[end + 4 : whole], self.held[whole:]
            self.outside.take(lines[0].split(" ")[1], body)
            self.link.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


class _Server:
    """As much of a mail server as the channel speaks to; the message is what `data` brings."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.take = take

    def rset(self) -> tuple[int, bytes]:
        return 250, b""

    def mail(self, *_: object) -> tuple[int, bytes]:
        return 250, b""

    def has_extn(self, _name: str) -> bool:
        return False

    def putcmd(self, *_: object) -> None:
        return None

    def getreply(self) -> tuple[int, bytes]:
        return 250, b""

    def data(self, message: bytes) -> tuple[int, bytes]:
        self.take(message)
        return 250, b""

    def quit(self) -> None:
        return None

    def close(self) -> None:
        return None


@dataclass(slots=True)
class Side:
    """One world: its hub's configuration, store, keys, and its own channels."""

    config: Config
    store: Store
    keys: Keyring
    outside: Outside
    homes: list[str]
    console: io.StringIO = field(default_factory=io.StringIO)
    _known: dict[str, Channel] = field(default_factory=dict)

    @property
    def kind(self) -> WorldKind:
        return self.config.world.kind

    def give(self, kind: str) -> Channel:
        """Give this world's channel of a kind, as `post` makes it."""
        if kind not in self._known:
            self._known[kind] = made = channel(kind, self.config, lambda: NOW)
            if kind == "console":
                made.out = self.console  # type: ignore[attr-defined]
        return self._known[kind]

    def post(self, now: datetime = NOW) -> int:
        """Send whatever is due, until nothing is; give how much that was."""
        letters = Household(self.store, self.config)
        sent = 0
        while tried := deliver_due(self.store, now, now, "here:1", self.give, letters=letters):
            sent += tried
        letters.close()
        return sent

    def rows(self, table: str) -> list[dict[str, Any]]:
        with self.store.read() as tx:
            return [dict(row._mapping) for row in tx.execute(text(f"SELECT * FROM {table}"))]

    def run(self, sql: str, **said: Any) -> None:
        """Do to the store what none of our own code would."""
        with self.store.write() as tx:
            tx.execute(text(sql), said)


def settings(folder: Path, kind: WorldKind, port: int, store: str) -> Config:
    """Write a hub's configuration with every channel there is, each with an address of this world's own."""
    door = f"http://127.0.0.1:{port}/{kind.value}"
    source = folder / "config.toml"
    Reviews(folder / "reviews.toml").sign("試し", phrases.FIRST, list(phrases.table(phrases.FIRST)))
    made = hub.config(
        store, World(kind, f"{kind.value} の市"), source=source,
        keys=Keys(Folder(folder / "keys")), mail=Mail("127.0.0.1", f"{kind.value}@example.jp"),
        push=Push("mailto:x@example.jp"), line_bot=LineBot("t", "s", f"{door}/line"),
        gateways=tuple(Gateway(f"{door}/{one}", one, secret="s", per_second=1e6) for one in ("sms", "voice")),
        webhooks=(Webhook("signage", f"{door}/webhook", "s"),), sending=Sending(world=kind.value, per_second=0),
        staff=(Staff("console", "当直"), Staff("email", STAFF_MAIL)),
        canaries=tuple(Canary(c, a, within_s=60) for c, a in (("sms", "+819099999999"), ("email", "test@example.jp"))),
        areas=(Area("0620400", "となり市", "Tonari"),), rivers=(),
        sensors=(
            Sensor("24e124000000aa01", "plain", "橋", "Bridge", 139.8, 38.7),
            Sensor("fe99plain00001", "plain", "架空の橋", "Made-up", 139.8, 38.7),
        ),
    )  # fmt: skip
    city = replace(made.city, area=CITY, office="060000", name="鶴岡市")
    return replace(made, city=city, portal=Portal("127.0.0.1", 8000, None, None, 0, 60, None, "https://x.example.jp"))


@contextmanager
def side(folder: Path, kind: WorldKind, outside: Outside, address: str) -> Iterator[Side]:
    """Found one world: an area with homes on every channel, two officers, and a rule of automatic notices."""
    folder.mkdir()
    config = settings(folder, kind, outside.port, address)
    store = prepare(config.store, config.world)
    keys = Keyring.open(config.keys.folder)
    homes = []
    ways = [("email", "a@example.jp"), ("line", USER), ("sms", PHONE), ("voice", PHONE), ("webpush", BROWSER)]
    with store.write() as tx:
        north = {"code": "N", "name": "北部", "hazards": "flood"}
        places.replace(tx, "blocks", "town", [Feature("blocks", "N", shapely.multipolygons([SQUARE]), north)])
        homes += [settle(tx, keys, Folk(channels=(way,), cause=""), at(-60)) for way in ways]
        for name in ("sato", "ito"):
            staff.add(tx, name, "x", "approver", at(-60))
        rules_desk.save(tx, RULE, "はじめ", "当直", at(-60))
    made = Side(config, store, keys, outside, homes)
    yield made
    for door in (getattr(one, "outside", None) for one in made._known.values()):
        if door is not None:
            door._session.close()
    keys.close()
    store.close()


def siblings(one: Side, other: Side) -> None:
    """Let each know the other, as a city's real hub and its drill do."""
    statuses = ("actual",) if other.kind is WorldKind.REAL else ("exercise", "test")
    one.config = replace(one.config, siblings=tuple(Sibling(s, other.kind.value, other.config.store) for s in statuses))


def listening(monkeypatch: Any, outside: Outside) -> None:
    """Let mail end at our own server, and pushes unsealed at our own door."""

    def opened(self: mail_channel.Email) -> Any:
        return _Server(lambda raw: outside.mail(self.world, raw))

    monkeypatch.setattr(mail_channel.Email, "_open", opened)
    monkeypatch.setattr(mail_channel.Email, "__del__", lambda self: None)

    def sealed(self: webpush.WebPush, letter: Letter) -> Letter:
        envelope = real(self, letter).sealed
        assert isinstance(envelope, webpush.Envelope)
        clear = webpush.payload(letter.notice, letter.key, letter.language)
        door = f"http://127.0.0.1:{outside.port}/{self.world.kind.value}/webpush"
        return replace(letter, sealed=replace(envelope, endpoint=door, body=clear))

    real = webpush.WebPush.sealed
    monkeypatch.setattr(webpush.WebPush, "sealed", sealed)


class Dice(random.Random):
    """Chance with a seed, and the words of a record that say what it truly is."""

    made: Counter[str]

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.made = Counter()

    def word(self, path: str, *, earnest: bool) -> str:
        """Give a record its own word; it is one more of the fuzz."""
        self.made[path] += 1
        return f"{'earnest' if earnest else 'pretend'}{self.made.total()}x"

    def typed(self, word: str, *, mark: bool) -> str:
        """Write a sentence around a record's word, with a mark somewhere in it or without any."""
        parts = [self.choice(HARMLESS), word, self.choice(HARMLESS), "水位が上がっています"]
        if mark:
            parts.insert(self.randrange(len(parts) + 1), self.choice(TYPED))
        return "".join(parts)

    def refused(self, act: Callable[[], object]) -> bool:
        """Try one thing; tell whether the hub refused it. What is no refusal of its own is a bug and goes on up."""
        try:
            act()
        except HubError:
            return True
        return False


PRETEND, EARNEST = re.compile("pretend[0-9]+x"), re.compile("earnest[0-9]+x")
HOUR = timedelta(hours=1)
