"""The one HTTP door: a time limit, a size limit, ETag, the office's proxy and CA, and typed failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import requests

from disaster_hub.terms.errors import Unreachable

CHUNK = 65_536
AGENT = "disaster-hub (municipal disaster information; polls once a minute)"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: *body* is whole, or nothing is given at all."""

    url: str
    body: bytes


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
        if self.proxy:
            self._session.trust_env = False
            self._session.proxies = {"http": self.proxy, "https": self.proxy}
        if self.ca:
            self._session.verify = str(self.ca)

    def get(self, url: str, *, again: bool = False) -> Answer | None:
        """Fetch *url*; None where it has not changed since last time. Anything else raises Unreachable.

        With *again* the answer is fetched whole, whatever was fetched before.
        """
        marks = {} if again else self._marks.get(url, {})
        try:
            with self._session.get(url, headers=marks, timeout=self.timeout_s, stream=True) as answer:
                if answer.status_code == requests.codes.not_modified and marks:
                    return None
                if answer.status_code != requests.codes.ok:
                    raise Unreachable(f"{url}: HTTP {answer.status_code}")
                body = self._whole(url, answer)
                self._remember(url, answer)
                return Answer(url, body)
        except (requests.RequestException, OSError) as fault:
            raise Unreachable(f"{url}: {_words(fault)}") from fault

    def forget(self, url: str) -> None:
        """Fetch *url* whole next time: its last answer could not be kept."""
        self._marks.pop(url, None)

    def _whole(self, url: str, answer: requests.Response) -> bytes:
        parts, size = [], 0
        for part in answer.iter_content(CHUNK):
            size += len(part)
            if size > self.max_bytes:
                raise Unreachable(f"{url}: more than {self.max_bytes // 1_000_000} MB")
            parts.append(part)
        return b"".join(parts)

    def _remember(self, url: str, answer: requests.Response) -> None:
        names = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
        self._marks[url] = {ask: answer.headers[said] for said, ask in names.items() if said in answer.headers}


def _words(fault: Exception) -> str:
    """Say in a few words what went wrong, without addresses inside the library."""
    if isinstance(fault, requests.exceptions.SSLError):
        return "the certificate is not trusted (outgoing.ca names the office's own CA)"
    if isinstance(fault, requests.exceptions.ProxyError):
        return "the proxy did not let it through"
    if isinstance(fault, requests.Timeout):
        return "no answer in time"
    if isinstance(fault, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        return "the answer was cut off"
    if isinstance(fault, requests.ConnectionError):
        return "no connection"
    return type(fault).__name__
