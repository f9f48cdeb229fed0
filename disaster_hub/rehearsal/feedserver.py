"""The twin of the weather and river feeds: real HTTP on loopback with ETag, Last-Modified, 304 and gzip."""

from __future__ import annotations

import gzip
import hashlib
import logging
import signal
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path

from disaster_hub.rehearsal import cameras
from disaster_hub.rehearsal.editions import Archive, Edition
from disaster_hub.rehearsal.recording import read
from disaster_hub.rehearsal.twins.loopback import Answer, Asked, Loopback
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.world import World

LOG = logging.getLogger(__name__)


class FeedServer(Loopback):
    """Serves one night in one world; *port* 0 takes a free one. To be used with `with`."""

    def __init__(self, night: Path, world: World, port: int = 0, *, wall: Callable[[], datetime] = utc_now) -> None:
        super().__init__("feeds", self._answer, port)
        self.asked: Counter[str] = Counter()
        """How often each path was asked for."""
        self._wall = wall
        self._world = world
        self._archive = Archive(read(night), world, self.base)

    def fail(self, status: int | None) -> None:
        """Answer everything with *status* from now on (`DROPPED`: not at all); None mends it."""
        self.failing = None if status is None else Answer(status)

    def _answer(self, asked: Asked) -> Answer:
        if asked.method not in {"GET", "HEAD"}:
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED, b"", {"Allow": "GET, HEAD"})
        edition = self._at(asked.path)
        if edition is None:
            return Answer(HTTPStatus.NOT_FOUND)
        tag = f'W/"{hashlib.sha256(edition.body).hexdigest()[:32]}"'
        headers = {
            "ETag": tag,
            "Last-Modified": format_datetime(edition.changed.astimezone(UTC), usegmt=True),
            "Cache-Control": "max-age=60",
            "Vary": "Accept-Encoding",
        }
        if _known(asked.headers, tag, edition.changed):
            return Answer(HTTPStatus.NOT_MODIFIED, b"", headers)
        body = edition.body
        if "gzip" in asked.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return Answer(HTTPStatus.OK, body, headers | {"Content-Type": edition.kind})

    def _at(self, path: str) -> Edition | None:
        """Give what stands at *path* now."""
        self.asked[path] += 1
        now = self._world.now(self._wall())
        return cameras.edition(path, now) if path.startswith(cameras.PATH) else self._archive.at(path, now)


def _known(headers: Message, tag: str, changed: datetime) -> bool:
    """Tell whether the client has these bytes; its ETag decides, its date only where it has none."""
    if (tags := headers.get("If-None-Match")) is not None:
        return tags.strip() == "*" or tag in {one.strip() for one in tags.split(",")}
    since = headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since) + timedelta(seconds=1) > changed
    except (ValueError, TypeError):
        return False


def run_feeds(night: Path, world: World, port: int) -> None:
    """Serve the folder *night* until SIGTERM or SIGINT; SIGUSR1 breaks everything (503) and mends it again."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with FeedServer(night, world, port) as feeds:

        def toggle(*_: object) -> None:
            feeds.fail(None if feeds.failing else HTTPStatus.SERVICE_UNAVAILABLE)

        signal.signal(signal.SIGUSR1, toggle)
        LOG.info("feeds at %s", feeds.base)
        ended.wait()
