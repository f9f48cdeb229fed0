"""Camera stills into the store: from an address or a folder, each with a pulse, so that silence is seen."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from disaster_hub.config import Camera
from disaster_hub.desk.camera import Shot, shot
from disaster_hub.store import pulse, stills
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput, Unreachable
from disaster_hub.terms.world import World
from sensors.fetch import Door

log = logging.getLogger(__name__)
MOST_BYTES = 8_000_000
"""Of one picture."""
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
MOST_FILES = 20_000
"""So many names of a folder are looked at; a folder that nobody empties is said, not read for minutes."""


@dataclass(slots=True)
class Watcher:
    """Looks through one camera; what it does not see is counted and said once."""

    store: Store
    camera: Camera
    door: Door
    world: World
    zone: ZoneInfo
    down: bool = False
    _last: tuple[Path, int] | None = None

    def look(self, now: datetime) -> bool:
        """Take the newest picture; tell whether it was a new one. What fails is counted, and tried again."""
        try:
            found = self._fetched(now) if self.camera.url else self._filed(now)
        except (Unreachable, BadInput, OSError) as fault:
            self._failed(now, str(fault))
            return False
        with self.store.write() as tx:
            new = found is not None and stills.put(
                tx, self.camera.id, found.jpeg, found.size, found.taken_at, found.basis, now
            )
            stills.forget(tx, now - stills.KEPT)
            pulse.success(tx, source_name(self.camera), now)
        if self.down:
            log.info("%s: answers again", source_name(self.camera))
            self.down = False
        return new

    def _fetched(self, now: datetime) -> Shot | None:
        answer = self.door.get(self.camera.url)
        if answer is None:
            return None
        try:
            return shot(answer.body, now, self.zone, modified=answer.modified)
        except BadInput:
            self.door.forget(self.camera.url)
            raise

    def _filed(self, now: datetime) -> Shot | None:
        """Read the folder's newest picture; the same file again is no new one."""
        assert self.camera.folder is not None  # configfile saw to it
        path, when = _newest(self.camera.folder)
        if self._last == (path, when):
            return None
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(f"{path.name}: more than {MOST_BYTES // 1_000_000} MB")
        written = self.world.now(datetime.fromtimestamp(when / 1e9, UTC))
        found = shot(path.read_bytes(), now, self.zone, written=written)
        self._last = (path, when)
        return found

    def _failed(self, now: datetime, reason: str) -> None:
        if not self.down:
            log.error("%s: %s", source_name(self.camera), reason)
            self.down = True
        with self.store.write() as tx:
            pulse.failure(tx, source_name(self.camera), now, reason)


def source_name(camera: Camera) -> str:
    """Name a camera among the sources that have a pulse."""
    return f"camera:{camera.id}"


def _newest(folder: Path) -> tuple[Path, int]:
    """Give the picture that was written last, and when (ns)."""
    found: tuple[Path, int] | None = None
    for number, path in enumerate(folder.iterdir()):
        if number >= MOST_FILES:
            raise Unreachable(f"{folder.name}: more than {MOST_FILES} files; let the camera clear its folder")
        if path.suffix.lower() in PICTURES and path.is_file():
            when = path.stat().st_mtime_ns
            if found is None or when > found[1]:
                found = (path, when)
    if found is None:
        raise Unreachable(f"{folder.name}: no picture in it")
    return found
