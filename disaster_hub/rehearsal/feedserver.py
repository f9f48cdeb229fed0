"""The twin of the weather and river feeds: real HTTP on loopback with ETag, Last-Modified, 304 and gzip."""

from __future__ import annotations

import gzip
import hashlib
import logging
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from disaster_hub.rehearsal import cameras
from disaster_hub.rehearsal.editions import Archive, Edition
from disaster_hub.rehearsal.recording import read
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.world import World

LOG = logging.getLogger(__name__)
LOOPBACK = "127.0.0.1"
IDLE_S = 30.0
"""A connection that says nothing for so long is closed."""
DROPPED = 0
"""A failure that is no answer at all: the connection is closed."""


class FeedServer:
    """Serves one night in one world; *port* 0 takes a free one. To be used with `with`."""

    def __init__(self, night: Path, world: World, port: int = 0, *, wall: Callable[[], datetime] = utc_now) -> None:
        self.asked: Counter[str] = Counter()
        """How often each path was asked for."""
        self.failing: int | None = None
        """A status that every request gets instead of its answer; `DROPPED` closes the connection."""
        self._wall = wall
        self._world = world
        self._http = _Http((LOOPBACK, port), _Handler)
        self._http.feeds = self
        self.port = int(self._http.server_address[1])
        self.base = f"http://{LOOPBACK}:{self.port}"
        self._archive = Archive(read(night), world, self.base)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.1,), name="feeds", daemon=True)

    def answer(self, path: str) -> Edition | None:
        """Give what stands at *path* now."""
        self.asked[path] += 1
        now = self._world.now(self._wall())
        return cameras.edition(path, now) if path.startswith(cameras.PATH) else self._archive.at(path, now)

    def fail(self, status: int | None) -> None:
        """Answer everything with *status* from now on (`DROPPED`: not at all); None mends it."""
        self.failing = status

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Http(ThreadingHTTPServer):
    """The socket; its handlers find the feeds through it."""

    daemon_threads = True
    request_queue_size = 64
    feeds: FeedServer

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - its signature there
        """Note a client that went away in mid-answer; that is its right."""
        LOG.debug("feed client %s went away: %s", client_address, sys.exception())


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "RehearsalFeeds"
    sys_version = ""
    timeout = IDLE_S
    server: _Http

    def do_GET(self) -> None:
        """Answer one request."""
        feeds = self.server.feeds
        if feeds.failing == DROPPED:
            self.close_connection = True
            return
        if feeds.failing is not None:
            self._send(feeds.failing, b"", {})
            return
        edition = feeds.answer(self.path.partition("?")[0])
        if edition is None:
            self._send(HTTPStatus.NOT_FOUND, b"", {})
            return
        tag = f'W/"{hashlib.sha256(edition.body).hexdigest()[:32]}"'
        headers = {
            "ETag": tag,
            "Last-Modified": format_datetime(edition.changed.astimezone(UTC), usegmt=True),
            "Cache-Control": "max-age=60",
            "Vary": "Accept-Encoding",
        }
        if self._known(tag, edition.changed):
            self._send(HTTPStatus.NOT_MODIFIED, b"", headers)
            return
        body = edition.body
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 6, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self._send(HTTPStatus.OK, body, headers | {"Content-Type": edition.kind})

    do_HEAD = do_GET  # noqa: N815 - its name there

    def _known(self, tag: str, changed: datetime) -> bool:
        """Tell whether the client has these bytes; its ETag decides, its date only where it has none."""
        if (tags := self.headers.get("If-None-Match")) is not None:
            return tags.strip() == "*" or tag in {one.strip() for one in tags.split(",")}
        since = self.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            return parsedate_to_datetime(since) + timedelta(seconds=1) > changed
        except (ValueError, TypeError):
            return False

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        """Send status, headers and body; a 304 has no body and says no length."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Log a request where someone asked for it."""
        LOG.debug(format, *args)


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
