"""The console: one line on standard output; for staff at the machine, and the harmless twin in every drill."""

from __future__ import annotations

import sys
from typing import TextIO

from disaster_hub.config import Config
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from timelines.channel import Clock
from timelines.mark import marked, marks, same_world


class Console:
    """Prints what others send."""

    kind = "console"

    def __init__(self, out: TextIO | None = None, world: WorldKind | None = None) -> None:
        """Take the *world* whose notices alone are printed; None prints those of any, each with its mark."""
        self.out, self.world = out, world

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Print the notice with its key; its marks come first."""
        if self.world is not None:
            same_world(notice, self.world)
        out = self.out or sys.stdout
        first, text = marks(notice), marked(notice, notice.text)
        line = _one_line(f"{first}[{address}] {text.removeprefix(first)} ({key})", out)
        try:
            print(line, file=out, flush=True)
        except (OSError, ValueError) as fault:  # ValueError: the stream is closed
            raise Undeliverable(f"console: {fault}") from fault


def _one_line(text: str, out: TextIO) -> str:
    """Make one line of printable characters that the terminal can show; what a telegram says is not ours to trust."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    code = getattr(out, "encoding", None) or "utf-8"
    return plain.encode(code, "backslashreplace").decode(code)


def make(config: Config, _wall: Clock) -> Console:
    """Make the console; it needs no settings."""
    return Console(world=config.world.kind)
