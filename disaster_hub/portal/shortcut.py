"""The short way for public facts: bytes from memory, before Flask has looked at the request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from disaster_hub.portal.packed import Packed

Environ = dict[str, Any]
Start = Callable[..., Any]
Wsgi = Callable[[Environ, Start], Iterable[bytes]]


class Shortcut:
    """Answers GET and HEAD for the paths it knows, and hands everything else on."""

    def __init__(self, inner: Wsgi, ways: dict[str, Callable[[], Packed]]) -> None:
        self.inner = inner
        self.ways = ways

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer as WSGI asks."""
        way = self.ways.get(environ["PATH_INFO"])
        method = environ["REQUEST_METHOD"]
        if way is None or method not in {"GET", "HEAD"}:
            return self.inner(environ, start)
        encodings = environ.get("HTTP_ACCEPT_ENCODING", "")
        status, headers, body = way().answer(encodings, environ.get("HTTP_IF_NONE_MATCH", ""))
        start(status, list(headers))
        return [body] if method == "GET" else []


class Mounted:
    """Lets the portal live under a path of its host (`base_path`), whether or not the proxy strips it."""

    def __init__(self, inner: Wsgi, base: str) -> None:
        self.inner = inner
        self.base = base

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Move the base path from PATH_INFO to SCRIPT_NAME."""
        path = environ["PATH_INFO"]
        if path == self.base or path.startswith(self.base + "/"):
            environ["PATH_INFO"] = path[len(self.base) :] or "/"
        environ["SCRIPT_NAME"] = self.base
        return self.inner(environ, start)
