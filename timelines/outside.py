"""The way out for channels: one session with the office's proxy and CA, a time limit, and nothing in the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from disaster_hub.config import Outgoing

AGENT = "disaster-hub (municipal disaster information)"
MOST = 65_536
"""No answer that we need is longer."""

# A push endpoint is a secret, and so is a token: urllib3 would write the address of every request at DEBUG.
logging.getLogger("urllib3").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, headers, and the beginning of the body."""

    status: int
    headers: dict[str, str]
    """By name in lower case."""
    body: bytes


@dataclass(slots=True)
class Outside:
    """Posts to other people's servers; raises `OSError` (requests' own are) where one does not answer."""

    outgoing: Outgoing
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        """Set the proxy; what the environment says counts only where we name none."""
        self._session.headers["User-Agent"] = AGENT
        if self.outgoing.proxy:
            self._session.trust_env = False
            self._session.proxies = {"http": self.outgoing.proxy, "https": self.outgoing.proxy}

    def post(self, url: str, body: bytes | dict[str, str], headers: dict[str, str]) -> Reply:
        """Post *body*; a redirect is an answer like any other, for nobody may send our secrets on."""
        options: dict[str, Any] = {"timeout": self.outgoing.timeout_s, "allow_redirects": False, "stream": True}
        options["verify"] = str(self.outgoing.ca) if self.outgoing.ca else None
        with self._session.post(url, data=body, headers=headers, **options) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status_code, headers, self._body(answer))

    def get(self, url: str, headers: dict[str, str]) -> Reply:
        """Ask for what stands at an address."""
        options: dict[str, Any] = {"timeout": self.outgoing.timeout_s, "allow_redirects": False, "stream": True}
        options["verify"] = str(self.outgoing.ca) if self.outgoing.ca else None
        with self._session.get(url, headers=headers, **options) as answer:
            named = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status_code, named, self._body(answer))

    def _body(self, answer: requests.Response) -> bytes:
        """Read what arrives, not for ever and not without end; the status counts even where the body is cut off."""
        until = monotonic() + self.outgoing.timeout_s
        body = b""
        try:
            while len(body) < MOST and monotonic() < until and (part := answer.raw.read1(MOST, decode_content=True)):
                body += part
        except (HTTPError, OSError):
            return b""
        return body
