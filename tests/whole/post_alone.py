"""Runs one `post` for a test, perhaps with a wall clock that jumps: python -m tests.whole.post_alone STORE PORT [OFF]."""

from __future__ import annotations

import logging
import sys
from datetime import datetime, timedelta
from pathlib import Path

from disaster_hub.config import Config, Folder, Keys
from disaster_hub.config_outside import Gateway, LineBot
from disaster_hub.jobs import deliver, process
from disaster_hub.terms.clock import utc_now
from tests.jobs import hub


def config(store: str, port: int, keys: Path) -> Config:
    """Give a hub whose gateway and whose LINE are the stand-in."""
    base = f"http://127.0.0.1:{port}"
    return hub.config(
        store,
        gateways=(Gateway(f"{base}/sms", per_second=0),),
        line_bot=LineBot("token", "secret", base),
        keys=Keys(Folder(keys)),
    )


def skewed(path: Path) -> None:
    """Let the wall clock be off by so many seconds as stand in a file."""

    def off() -> datetime:
        return utc_now() + timedelta(seconds=float(path.read_text() or 0))

    for module in (deliver, process):
        module.utc_now = off  # type: ignore[attr-defined]


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
    if len(sys.argv) > 4:
        skewed(Path(sys.argv[4]))
    deliver.run_post(config(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
