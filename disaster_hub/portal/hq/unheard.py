"""The board of those who have not answered, one for all pages: whoever asks gets what is a moment old."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app

from disaster_hub.alerts.unanswered import Board, Unanswered
from disaster_hub.portal.hub import Hub, hub
from disaster_hub.portal.resident.desk import desk

NAME = "disaster_hub.unheard"
AT_MOST_S = 2.0


@dataclass(slots=True)
class _Held:
    unanswered: Unanswered
    made: tuple[str, float, Board] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


def unheard() -> Board:
    """Give the board as it stands: what anything has changed since is read, and the rest kept."""
    shared = hub(current_app)
    held: _Held | None = current_app.extensions.get(NAME)
    if held is None:
        held = current_app.extensions.setdefault(NAME, _Held(Unanswered(desk().keys)))
    made, token = held.made, shared.board.token
    if made is not None and made[0] == token and time.monotonic() - made[1] < AT_MOST_S and made[2].now <= shared.now:
        return made[2]
    board = desk().aside(_board, shared, held, shared.now)
    held.made = token, time.monotonic(), board
    return board


def _board(shared: Hub, held: _Held, now: datetime) -> Board:
    with shared.store.read() as tx:
        return held.unanswered.board(tx, now)
