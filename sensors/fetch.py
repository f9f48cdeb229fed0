"""The one HTTP door: a time limit, a size limit, ETag, the office's proxy and CA, and typed failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from disaster_hub.terms.errors import Unreachable

CHUNK = 65_536
AGENT = "disaster-hub (municipal disaster information; polls once a minute)"
PATIENCE = 6
"""A whole answer may take this many times the time limit, which is for each wait: a dripping server ends too."""
REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: *body* is whole, or nothing is given at all."""

    url: str
    body: bytes
    modified: str | None = None
    """The server's Last-Modified, as it was written."""


@dataclass(slots=True)
class Door:
    """One process's way out; remembers ETags so that nothing is fetched twice."""

    timeout_s: float = 20
    max_bytes: int = 50_000_000
    proxy: str | None = None
    ca: Path | None = None
    _session: requests.Session = field(default_factory=requests.Session)
    _marks: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Set up proxy and CA; what the environment says about proxies counts only where we name none."""
        self._session.headers["User-Agent"] = AGENT
        self._session.max_redirects = REDIRECTS
        if self.proxy:
            self._session.trust_env = False
            self._session.proxies = {"http": self.proxy, "https": self.proxy}

    def get(self, url: str, *, again: bool = False) -> Answer | None:
        """Fetch *url*; None where it has not changed since last time. Anything else raises Unreachable.

        With *again* the answer is fetched whole, whatever was fetched before.
        """
        marks = {} if again else self._marks.get(url, {})
        # `verify` goes with each request: of a session's own, REQUESTS_CA_BUNDLE in the environment would win.
        options: dict[str, Any] = {"headers": marks, "timeout": self.timeout_s, "stream": True}
        options["verify"] = str(self.ca) if self.ca else None
        deadline = monotonic() + PATIENCE * self.timeout_s
        try:
            with self._session.get(url, **options) as answer:
                if answer.status_code == requests.codes.not_modified and marks:
                    return None
                if answer.status_code != requests.codes.ok:
                    raise Unreachable(f"{url}: HTTP {answer.status_code}")
                if url.startswith("https:") and not answer.url.startswith("https:"):
                    raise Unreachable(f"{url}: led away from HTTPS")
                body = self._whole(url, answer, deadline)
                self._remember(url, answer)
                return Answer(url, body, answer.headers.get("Last-Modified"))
        except (requests.RequestException, HTTPError, OSError) as fault:
            raise Unreachable(f"{url}: {_words(fault)}") from fault

    def forget(self, url: str) -> None:
        """Fetch *url* whole next time: its last answer could not be kept."""
        self._marks.pop(url, None)

    def _whole(self, url: str, answer: requests.Response, deadline: float) -> bytes:
        """Read what has arrived, again and again, so that neither size nor time can run away."""
        parts: list[bytes] = []
        size = 0
        while part := answer.raw.read1(CHUNK, decode_content=True):
            size += len(part)
            if size > self.max_bytes:
                raise Unreachable(f"{url}: more than {self.max_bytes / 1_000_000:g} MB")
            if monotonic() > deadline:
                raise Unreachable(f"{url}: not finished in {PATIENCE * self.timeout_s:g} s")
            parts.append(part)
        return b"".join(parts)

    def _remember(self, url: str, answer: requests.Response) -> None:
        names = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
        self._marks[url] = {ask: answer.headers[said] for said, ask in names.items() if said in answer.headers}


WORDS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "the certificate is not trusted (outgoing.ca names the office's own CA)"),
    (requests.exceptions.ProxyError, "the proxy did not let it through"),
    (requests.exceptions.TooManyRedirects, f"led on more than {REDIRECTS} times"),
    (requests.Timeout, "no answer in time"),
    (ReadTimeoutError, "no answer in time"),
    (HTTPError, "the answer was cut off"),
    (requests.ConnectionError, "no connection"),
)
"""The first that fits says in a few words what went wrong, without addresses inside the library."""


def _words(fault: Exception) -> str:
    return next((words for kind, words in WORDS if isinstance(fault, kind)), type(fault).__name__)
