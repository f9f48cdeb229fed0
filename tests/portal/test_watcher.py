"""The watcher of the store: what it stumbles over is said, and its text, which may hold an address, goes to no log."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from disaster_hub.portal import live
from disaster_hub.portal.live import Wire
from disaster_hub.terms.errors import BadInput

ADDRESS = "みなも市一番町1-2-3"


class Board:
    """A board whose store fails once, and then ends the watch."""

    def __init__(self, wire: Wire, fault: Exception) -> None:
        self.wire, self.fault = wire, fault
        self.trouble = ""

    def refresh(self) -> None:
        raise self.fault

    def say_trouble(self, text: str) -> None:
        self.trouble = text
        self.wire.close()

    def word(self) -> bytes:
        return self.trouble.encode()


def aside(do: Callable[[], None]) -> None:
    do()


@pytest.mark.parametrize("fault", [ValueError(ADDRESS), KeyError(ADDRESS)])
def test_a_fault_of_our_own_is_named_by_its_place_alone(fault: Exception, caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    board = Board(wire, fault)
    with caplog.at_level(logging.DEBUG):
        live.watch(board, wire, aside)  # type: ignore[arg-type]
    assert type(fault).__name__ in caplog.text
    assert "test_watcher.py" in caplog.text
    assert ADDRESS not in caplog.text
    assert ADDRESS not in board.trouble
    assert "see the log" in board.trouble
    assert wire.word == board.word(), "every open page is told"


def test_what_the_hub_refuses_is_said_as_it_is() -> None:
    wire = Wire()
    board = Board(wire, BadInput("the store is of another world"))
    live.watch(board, wire, aside)  # type: ignore[arg-type]
    assert board.trouble == "the store is of another world"
