"""A small HTTP server on loopback; a twin says what it answers, and can be told to fail."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

LOG = logging.getLogger(__name__)
HOST = "127.0.0.1"
IDLE_S = 30.0
LARGEST = 1_000_000
BARE = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
"""Answers that have no body, and say no length."""
DROPPED = 0
"""A failure that is no answer at all: the connection is closed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: Message
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def as_json(status: int, said: Any, **headers: str) -> Answer:
    """Answer with JSON."""
    kind = {"Content-Type": "application/json; charset=UTF-8"}
    return Answer(status, json.dumps(said, ensure_ascii=False).encode(), kind | headers)


class Loopback:
    """Serves one twin on its own thread; *port* 0 takes a free one. To be used with `with`."""

    def __init__(self, name: str, answer: Callable[[Asked], Answer], port: int = 0) -> None:
        self.failing: Answer | None = None
        """What every request gets instead of its answer; a status of `DROPPED` closes the connection."""
        self.answer = answer
        self._http = _Http((HOST, port), _Handler)
        self._http.twin = self
        self.port = int(self._http.server_address[1])
        self.base = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.1,), name=name, daemon=True)

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
    """The socket; its handlers find the twin through it."""

    daemon_threads = True
    request_queue_size = 64
    twin: Loopback

    def handle_error(self, request: object, client_address: object) -> None:
        """Let a client go away in mid-answer; that is its right."""


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "RehearsalTwin"
    sys_version = ""
    timeout = IDLE_S
    disable_nagle_algorithm = True
    server: _Http

    def do_POST(self) -> None:
        """Answer one request."""
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(min(int(length), LARGEST)) if length.isdecimal() else b""
        twin = self.server.twin
        said = twin.failing or twin.answer(Asked(self.command, self.path.partition("?")[0], self.headers, body))
        if said.status == DROPPED:
            self.close_connection = True
            return
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        if said.status not in BARE:
            self.send_header("Content-Length", str(len(said.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said.body)

    do_GET = do_HEAD = do_DELETE = do_PUT = do_POST  # noqa: N815 - their names there

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Write nothing: the path of a push is as secret here as outside."""
