"""What the phones behind a twin got, newest first: kept for tests, drills and the demo's page."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from disaster_hub.terms.clock import zulu

LINK = re.compile(r"https?://\S+")
KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Tap:
    """One thing to tap."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Item:
    """One message as its phone shows it."""

    at: datetime
    channel: str
    to: str
    title: str
    text: str
    buttons: tuple[Tap, ...] = ()
    key: str = ""

    @property
    def url(self) -> str:
        """Give the last link of the text."""
        found = LINK.findall(self.text)
        return str(found[-1]) if found else ""


class Inbox:
    """Keeps messages and lets others wait for them."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.taken = 0
        self.came = threading.Condition()

    def keep(self, one: Item) -> None:
        """Put one more in."""
        with self.came:
            self.items.append(one)
            self.taken += 1
            if len(self.items) > KEPT:
                del self.items[: KEPT // 10]
            self.came.notify_all()

    def wait(self, count: int, timeout_s: float) -> bool:
        """Wait until *count* have come; tell whether they have."""
        with self.came:
            return self.came.wait_for(lambda: self.taken >= count, timeout_s)

    def since(self, taken: int) -> list[Item]:
        """Give what came after the first *taken*; what fell out is gone."""
        with self.came:
            return self.items[-(self.taken - taken) :] if self.taken > taken else []

    def to(self, address: str) -> list[Item]:
        """Give what one phone got, the newest first."""
        with self.came:
            return [one for one in reversed(self.items) if one.to == address]

    def shown(self) -> list[dict[str, Any]]:
        """Give everything as plain values, the newest first."""
        with self.came:
            return [
                {
                    "at": zulu(one.at), "channel": one.channel, "to": one.to, "title": one.title, "text": one.text,
                    "url": one.url, "buttons": [{"label": tap.label, "data": tap.data} for tap in one.buttons],
                }
                for one in reversed(self.items)
            ]  # fmt: skip
