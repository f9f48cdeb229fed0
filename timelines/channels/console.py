"""The console: one line on standard output; for staff at the machine, and the harmless twin in every drill."""

from __future__ import annotations

import sys
from typing import TextIO

from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind

MARK = "【訓練】"


class Console:
    """Prints what others send."""

    kind = "console"

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Print the notice with its key; in any world that is not the real one 訓練 comes first."""
        text = notice.text.removeprefix(MARK)
        mark = "" if notice.world is WorldKind.REAL else MARK
        try:
            print(f"{mark}[{address}] {text} ({key})", file=self.out or sys.stdout, flush=True)
        except OSError as fault:
            raise Undeliverable(f"console: {fault.strerror}") from fault
