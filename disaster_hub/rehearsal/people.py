"""The made-up people behind the phones: some answer at once, some late, some never; seeded, so that a night repeats."""

from __future__ import annotations

import heapq
import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from http import HTTPStatus

import numpy as np
import requests

from disaster_hub.rehearsal.phones import Got

LOG = logging.getLogger(__name__)
SEED = 990607
NEVER = 0.35
"""So many of a hundred never answer by themselves: somebody must ask after them."""
SOONEST_S, LATEST_S = 4.0, 150.0
ARRIVES_S = (60.0, 240.0)
WORDS = ("left", "staying", "help")
ODDS = (0.8, 0.16, 0.04)
FIELD = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
TIMEOUT_S = 10.0


@dataclass(order=True, slots=True)
class _Due:
    at: float
    message: Got = field(compare=False)
    word: str = field(compare=False)


class People:
    """Answers as people would, each in the way of their phone; a thread of its own, ended by *stop*."""

    def __init__(self, stop: threading.Event, answer: Callable[[Got, str], bool]) -> None:
        self.stop = stop
        self.answer = answer
        self._due: list[_Due] = []
        self._known: set[tuple[int, str]] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._live, name="people", daemon=True)

    def start(self) -> None:
        """Let them live."""
        self._thread.start()

    def read(self, one: Got) -> None:
        """Let the people of a phone read a message that asks for an answer; the same phone always does the same."""
        about = (one.phone, one.link or one.text)
        if not one.asks or about in self._known:
            return
        self._known.add(about)
        chance = np.random.default_rng([SEED, one.phone])
        if chance.random() < NEVER:
            return
        word = str(chance.choice(WORDS, p=ODDS))
        at = time.monotonic() + float(chance.uniform(SOONEST_S, LATEST_S))
        with self._lock:
            heapq.heappush(self._due, _Due(at, one, word))
            if word == "left":
                heapq.heappush(self._due, _Due(at + float(chance.uniform(*ARRIVES_S)), one, "arrived"))

    def _live(self) -> None:
        while not self.stop.wait(0.5):
            for one in self._ripe(time.monotonic()):
                if not self.answer(one.message, one.word):
                    LOG.warning("people: an answer page did not take %s", one.word)

    def _ripe(self, now: float) -> list[_Due]:
        with self._lock:
            found = []
            while self._due and self._due[0].at <= now:
                found.append(heapq.heappop(self._due))
            return found


def press(link: str, word: str) -> bool:
    """Open an answer page and press one button, as a phone's browser does; tell whether it was taken."""
    try:
        with requests.Session() as browser:
            page = browser.get(link, timeout=TIMEOUT_S)
            form = {name: unescape(value) for name, value in FIELD.findall(page.text)}
            said = browser.post(
                link, data=form | {"word": word}, headers={"Referer": link}, timeout=TIMEOUT_S, allow_redirects=False
            )
    except requests.RequestException:
        return False
    return said.status_code in {HTTPStatus.OK, HTTPStatus.SEE_OTHER}
