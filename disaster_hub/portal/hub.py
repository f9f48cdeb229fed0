"""What the rooms share: the configuration, the store, the board of facts, the live wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask

from disaster_hub.config import Config
from disaster_hub.portal.board import Board
from disaster_hub.portal.live import Wire
from disaster_hub.portal.throttle import Throttle
from disaster_hub.store.session import Store


@dataclass(slots=True)
class Hub:
    """The things that live as long as the process."""

    config: Config
    store: Store
    board: Board
    wire: Wire
    throttle: Throttle
    wall: Callable[[], datetime]
    aside: Callable[..., Any]
    """Runs slow work where it does not hold up the others: `aside(function, *arguments)`."""

    @property
    def now(self) -> datetime:
        """Give this world's time."""
        return self.board.now


def hub(app: Flask) -> Hub:
    """Give what the rooms of *app* share."""
    shared: Hub = app.extensions["disaster_hub"]
    return shared
