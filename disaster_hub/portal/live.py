"""The live wire: one watcher asks the store whether anything was committed, and wakes every open page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import gevent
from gevent.event import Event

from disaster_hub.portal.board import Board
from disaster_hub.terms.errors import HubError, whereabouts

log = logging.getLogger("disaster_hub.web")
LOOK_EVERY_S = 0.25
HEARTBEAT_S = 15.0
RETRY_MS = 2000
MOST_LISTENERS = 1000


@dataclass(slots=True)
class Wire:
    """The open pages, and the word that goes to all of them at once."""

    word: bytes = b"{}"
    listeners: int = 0
    closed: bool = False
    _news: Event = field(default_factory=Event)

    def tell(self, word: bytes) -> None:
        """Say *word* (one line of JSON) to every open page."""
        self.word = word
        self._turn()

    def close(self) -> None:
        """End every open answer: the process is about to stop."""
        self.closed = True
        self._turn()

    def full(self) -> bool:
        """Tell whether another open page would be one too many; pages then ask by themselves."""
        return self.closed or self.listeners >= MOST_LISTENERS

    def listen(self) -> Iterator[bytes]:
        """Give the stream of one page: the word at once, then whenever it changes, and signs of life."""
        self.listeners += 1
        try:
            yield b"retry: %d\n\n" % RETRY_MS
            told = None
            while not self.closed:
                news = self._news
                if told is not self.word:
                    told = self.word
                    yield b"event: facts\ndata: " + told + b"\n\n"
                elif not news.wait(HEARTBEAT_S):
                    yield b"event: alive\ndata: {}\n\n"
        finally:
            self.listeners -= 1

    def _turn(self) -> None:
        news, self._news = self._news, Event()
        news.set()


def watch(board: Board, wire: Wire, aside: Callable[..., Any]) -> None:
    """Look at the store for as long as the process lives; a store that does not answer is said, not fatal."""
    told = None
    while not wire.closed:
        try:
            aside(board.refresh)
            word = board.word()
        except HubError as fault:
            board.say_trouble(str(fault))
            word = board.word()
        except Exception as fault:  # noqa: BLE001  # its text may hold an address
            log.error("the watcher stumbled and goes on: %s", whereabouts(fault))
            board.say_trouble("portal: an error of its own; see the log")
            word = board.word()
        if word != told:
            told = word
            wire.tell(word)
        gevent.sleep(LOOK_EVERY_S)
