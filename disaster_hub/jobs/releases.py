"""Hand-over files: every text of an alert is put into the folder once it is decided, whole or not at all."""

from __future__ import annotations

import logging
import os
from datetime import datetime
from pathlib import Path

from disaster_hub.config import Config
from disaster_hub.store import cap_again, releases
from disaster_hub.store.session import Store
from disaster_hub.terms.release import Release

log = logging.getLogger(__name__)


def folder(config: Config) -> Path:
    """Name the folder; one that is not absolute lies beside the configuration."""
    base = config.source.absolute().parent if config.source is not None else Path()
    return base / config.sending.folder


def put_files(store: Store, config: Config, now: datetime) -> int:
    """Write the files that are not there yet, and give how many; a folder that takes none is tried again."""
    with store.read() as tx:
        waiting = [*releases.unfiled(tx), *cap_again.unfiled(tx)]
    if not waiting:
        return 0
    done: list[Release] = []
    try:
        for one in waiting:
            _write(folder(config) / one.file, one.content.encode())
            done.append(one)
    except OSError as fault:
        log.error("releases: sending.folder %s: %s", config.sending.folder, fault.strerror)
    with store.write() as tx:
        for one in done:
            (cap_again if cap_again.by_file(tx, one.file) else releases).filed(tx, one, now)
    return len(done)


def _write(path: Path, content: bytes) -> None:
    """Put a file there whole: whoever watches the folder never reads half of one, a power cut included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
