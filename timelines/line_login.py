"""LINE Login inside LINE (LIFF): the page's id token is put to LINE itself; what the browser says is not believed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from disaster_hub.config_outside import Line
from disaster_hub.terms.errors import HubError, Unreachable
from timelines.outside import Outside

PATH = "/oauth2/v2.1/verify"
LONGEST = 4_000
TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
USER = re.compile(r"U[0-9a-f]{32}")
SKEW_S = 60
"""How far LINE's clock may be ahead of ours when it says that it signed a token just now."""


class Why(StrEnum):
    """Why a token is refused."""

    MALFORMED = "malformed"
    EXPIRED = "expired"
    AUDIENCE = "audience"
    ISSUER = "issuer"
    INVALID = "invalid"
    UNKNOWN = "unknown"


class TokenRefused(HubError):
    """The id token proves nobody's identity; the page works on without LINE."""

    def __init__(self, why: Why) -> None:
        super().__init__(f"LINE id token refused: {why.value}")
        self.why = why


SAID = {
    "expired": Why.EXPIRED,
    "audience": Why.AUDIENCE,
    "issuer": Why.ISSUER,
    "invalid idtoken": Why.INVALID,
}
"""Words of LINE's `error_description`, the first that fits; for people, so only our wording hangs on them."""


@dataclass(slots=True)
class LineLogin:
    """Asks LINE who holds an id token."""

    line: Line
    outside: Outside

    def verify(self, token: str, now: datetime) -> str:
        """Give the LINE user id (`sub`) that *token* was made out to at this channel; *now* is the wall clock's time.

        What is no good raises TokenRefused; where LINE does not answer, Unreachable. Neither names the token.
        """
        if len(token) > LONGEST or not TOKEN.fullmatch(token):
            raise TokenRefused(Why.MALFORMED)
        form = {"id_token": token, "client_id": self.line.channel}
        try:
            reply = self.outside.post(f"{self.line.api}{PATH}", form, {"Accept": "application/json"})
        except OSError as fault:
            raise Unreachable(f"LINE Login: no answer ({type(fault).__name__})") from None
        if reply.status == HTTPStatus.BAD_REQUEST:
            raise TokenRefused(_why(_json(reply.body)))
        if reply.status != HTTPStatus.OK:
            raise Unreachable(f"LINE Login: HTTP {reply.status}")
        return self._subject(_json(reply.body), now)

    def _subject(self, said: dict[str, Any], now: datetime) -> str:
        """Check once more what LINE says it has checked: an answer may be another's, or a twin's."""
        subject, expires, issued = said.get("sub"), said.get("exp"), said.get("iat")
        if said.get("iss") != self.line.issuer:
            raise TokenRefused(Why.ISSUER)
        if said.get("aud") != self.line.channel:
            raise TokenRefused(Why.AUDIENCE)
        if not isinstance(expires, int) or expires <= now.timestamp():
            raise TokenRefused(Why.EXPIRED)
        if isinstance(issued, int) and issued > now.timestamp() + SKEW_S:
            raise TokenRefused(Why.INVALID)
        if not isinstance(subject, str) or not USER.fullmatch(subject):
            raise TokenRefused(Why.INVALID)
        return subject


def _why(said: dict[str, Any]) -> Why:
    """Read LINE's reason; one that we do not know refuses just the same."""
    words = f"{said.get('error_description', '')}".lower()
    return next((why for part, why in SAID.items() if part in words), Why.UNKNOWN)


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreachable("LINE Login: an answer that is no JSON") from None
    if not isinstance(said, dict):
        raise Unreachable("LINE Login: an answer that is no object")
    return said
