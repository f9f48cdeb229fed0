"""The made-up households' phones on one page: what came by push, LINE, mail and SMS, as their people see it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from jinja2 import Environment, FileSystemLoader

from disaster_hub.config import Config
from disaster_hub.rehearsal.people import People, press
from disaster_hub.rehearsal.phones import Button, Got, Phone, read
from disaster_hub.rehearsal.twins.inbox import Inbox
from disaster_hub.rehearsal.twins.linebot import LineBot
from disaster_hub.rehearsal.twins.loopback import Answer, Asked, Loopback, as_json
from disaster_hub.rehearsal.twins.mailbox import Mailbox
from disaster_hub.rehearsal.twins.pushservice import PushService
from disaster_hub.rehearsal.twins.smsgateway import SmsGateway
from disaster_hub.store import worlds
from disaster_hub.store.session import open_store
from disaster_hub.terms.clock import JAPAN, utc_now
from disaster_hub.terms.errors import BadConfig

WORDS = {"webpush": "プッシュ通知", "line": "LINE", "email": "メール", "sms": "SMS", "voice": "電話"}
LOOK_S = 0.3
RECEIPT_S = 5.0
CANARY = re.compile(r"https?://\S+?/api/canary/[A-Za-z0-9_-]{16,}")
WORDS_IN_ORDER = ("left", "arrived", "help", "staying")
FIRST = 40
"""Phones on the first page: those with the newest messages."""


class Handsets:
    """Keeps what every phone got; the twins of the services run beside it, in this very process."""

    def __init__(self, phones: Sequence[Phone], clock: Callable[[], datetime]) -> None:
        self.phones = list(phones)
        self.clock = clock
        self.came = threading.Condition()
        self.got: list[Got] = []
        self._numbers = {(one.channel, one.address): n for n, one in enumerate(phones)}

    def number(self, channel: str, address: str) -> int | None:
        """Give the number of the phone at an address; None where it is nobody's here."""
        return self._numbers.get((channel, address))

    def keep(self, one: Got) -> None:
        """Show one more message."""
        with self.came:
            self.got.append(one)
            self.came.notify_all()

    def got_by(
        self, phone: int, channel: str, title: str, text: str, url: str, buttons: tuple[Button, ...] = ()
    ) -> Got:
        """Give a message as a phone shows it at this minute of its world."""
        return Got(phone, channel, f"{self.clock().astimezone(JAPAN):%H:%M:%S}", title, text, url, buttons)

    def of(self, phone: int) -> list[Got]:
        """Give what a phone got, the newest first."""
        with self.came:
            return [one for one in reversed(self.got) if one.phone == phone]


class Page:
    """The handsets as web pages: `/` all, `/phone/N` one, `/messages` everything as JSON."""

    def __init__(self, sets: Handsets, tap: Any) -> None:
        self.sets, self.tap = sets, tap
        pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
        self.template = pages.get_template("handset_page.html")

    def answer(self, asked: Asked) -> Answer:
        """Answer one request."""
        parts = asked.path.strip("/").split("/")
        if asked.path == "/":
            return self._all()
        if asked.path == "/messages":
            rows = [asdict(one) | {"link": one.link, "name": self.sets.phones[one.phone].name} for one in self.sets.got]
            return as_json(HTTPStatus.OK, rows[::-1])
        if parts[0] != "phone" or len(parts) < 2 or not parts[1].isdecimal() or int(parts[1]) >= len(self.sets.phones):
            return Answer(HTTPStatus.NOT_FOUND)
        number = int(parts[1])
        if asked.method == "POST" and parts[2:] == ["tap"]:
            data = parse_qs(asked.body.decode()).get("data", [""])[0]
            self.tap(self.sets.phones[number], data)
            return Answer(HTTPStatus.SEE_OTHER, b"", {"Location": f"/phone/{number}"})
        return self._one(number)

    def _all(self) -> Answer:
        last: dict[int, Got] = {one.phone: one for one in self.sets.got}
        counts: dict[int, int] = {}
        for one in self.sets.got:
            counts[one.phone] = counts.get(one.phone, 0) + 1
        newest = [one.phone for one in reversed(self.sets.got)]
        order = list(dict.fromkeys([*newest, *range(len(self.sets.phones))]))[:FIRST]
        rows = [
            {
                "number": n, "name": self.sets.phones[n].name, "channel": self.sets.phones[n].channel,
                "count": counts.get(n, 0), "last": last[n].title or last[n].text[:30] if n in last else "",
            }
            for n in order
        ]  # fmt: skip
        return self._html(title="住民の電話", phones=rows, total=len(self.sets.got), phone=None, said=())

    def _one(self, number: int) -> Answer:
        one = self.sets.phones[number]
        row = {"number": number, "name": one.name, "channel": one.channel}
        return self._html(title=one.name, phone=row, said=self.sets.of(number), phones=(), total=0)

    def _html(self, **values: Any) -> Answer:
        body = self.template.render(words=WORDS, **values).encode()
        return Answer(HTTPStatus.OK, body, {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"})


class Services:
    """The stand-ins of everything outside, in one process, and the phones behind them."""

    def __init__(self, config: Config, folder: Path, clock: Callable[[], datetime], stop: threading.Event) -> None:
        server_key, phones = read(folder)
        self.sets = Handsets(phones, clock)
        self.people = People(stop, self.answer)
        self.base = f"http://127.0.0.1:{config.portal.port}"
        self.push = PushService(_push_port(phones))
        for one in phones:
            if one.channel == "webpush":
                self.push.adopt(json.loads(one.address)["endpoint"], one.private, one.secret, server_key)
        mail, line = config.mail, config.line_bot
        gateway = next(iter(config.gateways), None)
        if mail is None or line is None or gateway is None:
            raise BadConfig("handsets: the demo's own configuration names mail, line_bot and gateways")
        self.box = Mailbox(mail.port, mail.port + 1)
        hub = f"{self.base}/api"
        self.bot = LineBot(_port(line.api), token=line.token, secret=line.secret, hub=f"{hub}/line")
        self.sms = SmsGateway(_port(gateway.url), secret=gateway.secret, hub=f"{hub}/gateway")
        self._seen: dict[str, int] = {}

    def tap(self, phone: Phone, data: str) -> None:
        """Tap a button of a LINE message."""
        if phone.channel == "line":
            self.bot.tap(phone.address, data)

    def answer(self, one: Got, word: str) -> bool:
        """Answer a message as its phone does: by a button of LINE, by a digit, or on the page behind the link."""
        to = self.sets.phones[one.phone].address
        if one.buttons:
            data = next((button.data for button in one.buttons if button.data.endswith(f" {word}")), "")
            return bool(data) and self.bot.tap(to, data) == HTTPStatus.OK
        if one.channel == "sms":
            return self.sms.reply(to, str(WORDS_IN_ORDER.index(word) + 1)) == HTTPStatus.OK
        return press(one.link, word)

    def look(self) -> None:
        """Show what came since the last look, and let its people read it."""
        for one in (
            *self._pushes(),
            *self._mails(),
            *self._items("bot", self.bot.inbox),
            *self._items("sms", self.sms.inbox),
        ):
            self.sets.keep(one)
            if self.sets.phones[one.phone].test:
                receive(one)
            else:
                self.people.read(one)

    def _pushes(self) -> Iterator[Got]:
        """Open the new pushes with each browser's own key."""
        for number, phone in enumerate(self.sets.phones):
            if phone.channel != "webpush":
                continue
            endpoint = json.loads(phone.address)["endpoint"]
            new = self._new(endpoint, self.push.taken(endpoint))
            for said in self.push.read(endpoint)[-new:] if new else ():
                url = str(said.get("alert") or said.get("url") or "")
                yield self.sets.got_by(number, "webpush", str(said["title"]), str(said["body"]), self._whole(url))

    def _mails(self) -> Iterator[Got]:
        taken = self.box.taken
        for mail in self.box.since(self._seen.get("mail", 0)):
            number = next((n for to in mail.to if (n := self.sets.number("email", to)) is not None), None)
            if number is not None:
                yield self.sets.got_by(number, "email", str(mail.message["Subject"]), mail.text, "")
        self._seen["mail"] = taken

    def _items(self, name: str, inbox: Inbox) -> Iterator[Got]:
        for one in inbox.since(inbox.taken - self._new(name, inbox.taken)):
            number = self.sets.number("sms" if one.channel == "voice" else one.channel, one.to)
            if number is not None:
                taps = tuple(Button(tap.label, tap.data) for tap in one.buttons)
                yield self.sets.got_by(number, one.channel, one.title, one.text, "", taps)

    def _new(self, name: str, taken: int) -> int:
        new = taken - self._seen.get(name, 0)
        self._seen[name] = taken
        return new

    def _whole(self, url: str) -> str:
        """Give the address that a tap opens: a path is the portal's own."""
        return url if not url or urlsplit(url).scheme else f"{self.base}{url}"


def receive(one: Got) -> bool:
    """Say that a canary came, as the test handset's own program does; tell whether that was heard."""
    found = CANARY.search(f"{one.url} {one.text}")
    if found is None:
        return False
    try:
        return requests.post(found[0], timeout=RECEIPT_S).status_code == HTTPStatus.OK
    except requests.RequestException:
        return False


def run_handsets(config: Config, folder: Path, port: int, stop: threading.Event) -> None:
    """Run every stand-in service with the phones behind it, and their page at *port*, until *stop*."""
    store = open_store(config.store)

    def clock() -> datetime:
        with store.read() as tx:
            return worlds.current(tx).now(utc_now())

    with ExitStack() as stack:
        services = Services(config, folder, clock, stop)
        for one in (services.push, services.box, services.bot, services.sms):
            stack.enter_context(one)
        stack.enter_context(Loopback("handsets", Page(services.sets, services.tap).answer, port))
        services.people.start()
        while not stop.wait(LOOK_S):
            services.look()
    store.close()


def _push_port(phones: Sequence[Phone]) -> int:
    return _port(next(json.loads(one.address)["endpoint"] for one in phones if one.channel == "webpush"))


def _port(url: str) -> int:
    return urlsplit(url).port or 0
