"""The made-up households' phones on one page: what came by push, LINE, mail and SMS, as their people see it."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader

from disaster_hub.config import Config
from disaster_hub.rehearsal.phones import Phone, read
from disaster_hub.rehearsal.twins.loopback import Answer, Asked, Loopback, as_json
from disaster_hub.rehearsal.twins.mailbox import Mail, Mailbox
from disaster_hub.rehearsal.twins.pushservice import PushService
from disaster_hub.terms.clock import JAPAN, utc_now

WORDS = {"webpush": "プッシュ通知", "line": "LINE", "email": "メール", "sms": "SMS", "voice": "電話"}
LINK = re.compile(r"https?://\S+?/a/[A-Za-z0-9_-]{16,}")
LOOK_S = 0.3
FIRST = 40
"""Phones on the first page: those with the newest messages."""


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to tap in a message."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Got:
    """One message as its phone shows it."""

    phone: int
    channel: str
    at: str
    title: str
    text: str
    url: str
    buttons: tuple[Button, ...] = ()

    @property
    def link(self) -> str:
        """Give the address of the answer page; empty where the message asks for no answer."""
        found = LINK.search(f"{self.url} {self.text}")
        return "" if found is None else found[0]


class Handsets:
    """Keeps what every phone got; the twins of the services run beside it, in this very process."""

    def __init__(self, phones: Sequence[Phone]) -> None:
        self.phones = list(phones)
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


def pushed(sets: Handsets, service: PushService, seen: dict[int, int], base: str) -> Iterator[Got]:
    """Give the pushes that came since the last look, opened with each browser's own key."""
    for number, phone in enumerate(sets.phones):
        if phone.channel != "webpush":
            continue
        endpoint = json.loads(phone.address)["endpoint"]
        accepted = service.taken(endpoint)
        if accepted <= seen.get(number, 0):
            continue
        new = accepted - seen.get(number, 0)
        seen[number] = accepted
        for said in service.read(endpoint)[-new:]:
            yield Got(number, "webpush", _clock(), said["title"], said["body"], _whole(said.get("url", ""), base))


def mailed(sets: Handsets, mail: Mail) -> Got | None:
    """Give a mail as its reader shows it; None where it is for nobody of these phones."""
    for to in mail.to:
        number = sets.number("email", to)
        if number is not None:
            return Got(number, "email", _clock(), str(mail.message["Subject"]), mail.text, "")
    return None


def _whole(url: str, base: str) -> str:
    """Give the address that a tap opens: a path is the portal's own."""
    parts = urlsplit(url)
    return url if parts.scheme else f"{base}{url}"


def _clock() -> str:
    return f"{_now().astimezone(JAPAN):%H:%M:%S}"


def _now() -> datetime:
    return utc_now()


def run_handsets(config: Config, folder: Path, port: int, stop: threading.Event) -> None:
    """Run every stand-in service with the phones behind it, and their page at *port*, until *stop*."""
    server_key, phones = read(folder)
    sets = Handsets(phones)
    with ExitStack() as stack:
        service = stack.enter_context(PushService(_push_port(phones)))
        for one in phones:
            if one.channel == "webpush":
                service.adopt(json.loads(one.address)["endpoint"], one.private, one.secret, server_key)
        assert config.mail is not None  # the demo's own configuration
        box = stack.enter_context(Mailbox(config.mail.port, config.mail.port + 1))
        page = Page(sets, lambda _phone, _data: None)
        stack.enter_context(Loopback("handsets", page.answer, port))
        _watch(sets, service, box, f"http://127.0.0.1:{config.portal.port}", stop)


def _push_port(phones: Sequence[Phone]) -> int:
    endpoint = next(json.loads(one.address)["endpoint"] for one in phones if one.channel == "webpush")
    return int(urlsplit(endpoint).port or 0)


def _watch(sets: Handsets, service: PushService, box: Mailbox, base: str, stop: threading.Event) -> None:
    seen: dict[int, int] = {}
    mails = 0
    while not stop.wait(LOOK_S):
        for one in pushed(sets, service, seen, base):
            sets.keep(one)
        fresh: Sequence[Mail] = box.since(mails)
        mails += len(fresh)
        for mail in fresh:
            found = mailed(sets, mail)
            if found is not None:
                sets.keep(found)


_UNUSED: Mapping[str, str] = {}
