"""The twin of LINE Login: makes id tokens signed like LINE's, and answers its verify endpoint with its refusals."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from disaster_hub.rehearsal.twins.loopback import Answer, Asked, Loopback, as_json
from disaster_hub.terms.clock import utc_now

ISSUER = "https://access.line.me"
VERIFY = "/oauth2/v2.1/verify"
HOUR_S = 3600
CHANNEL = "9900000000"
"""The channel of the rehearsal: no real one has this number."""


class LineLogin(Loopback):
    """Answers `POST /oauth2/v2.1/verify`; `POST /token` makes a token, which the real one does inside LINE."""

    def __init__(self, port: int = 0, *, channel: str = CHANNEL, wall: Callable[[], datetime] = utc_now) -> None:
        super().__init__("line", self._answer, port)
        self.channel, self.wall = channel, wall
        self.asked = 0
        self._secret = secrets.token_bytes(32)

    def token(self, user: str, *, audience: str | None = None, issuer: str = ISSUER, life_s: float = HOUR_S) -> str:
        """Make an id token as `liff.getIDToken()` gives it."""
        now = int(self.wall().timestamp())
        claims = {
            "iss": issuer, "sub": user, "aud": audience or self.channel, "exp": int(now + life_s), "iat": now,
            "amr": ["linesso"], "name": "架空 花子",
        }  # fmt: skip
        body = f"{_part({'typ': 'JWT', 'alg': 'HS256'})}.{_part(claims)}"
        return f"{body}.{self._sign(body)}"

    def fail(self, status: int | None) -> None:
        """Answer everything with *status* from now on (`DROPPED`: not at all); None mends it."""
        self.failing = None if status is None else Answer(status)

    def _answer(self, asked: Asked) -> Answer:
        if asked.path not in {VERIFY, "/token"}:
            return as_json(HTTPStatus.NOT_FOUND, {"message": "Not found"})
        if asked.method != "POST":
            return as_json(HTTPStatus.METHOD_NOT_ALLOWED, {"message": "Method Not Allowed"}, Allow="POST")
        if asked.headers.get_content_type() != "application/x-www-form-urlencoded":
            return _no("content type must be application/x-www-form-urlencoded")
        form = {name: values[0] for name, values in parse_qs(asked.body.decode("ascii", "replace")).items()}
        if asked.path == "/token":
            return as_json(HTTPStatus.OK, {"id_token": self.token(form.get("user", "U" + "0" * 32))})
        self.asked += 1
        return self._verify(form)

    def _verify(self, form: dict[str, str]) -> Answer:
        """Check signature, issuer, end and audience, as the real one does and in its words."""
        if "id_token" not in form or "client_id" not in form:
            return _no("id_token and client_id are required")
        body, _, signature = form["id_token"].rpartition(".")
        claims = _claims(body)
        ours = hmac.compare_digest(signature.encode(), self._sign(body).encode())
        checks = (
            (not claims or not ours, "Invalid IdToken."),
            (claims.get("iss") != ISSUER, "Invalid IdToken Issuer."),
            (claims.get("exp", 0) <= self.wall().timestamp(), "IdToken expired."),
            (claims.get("aud") != form["client_id"], "Invalid IdToken Audience."),
        )
        why = next((words for wrong, words in checks if wrong), "")
        return _no(why) if why else as_json(HTTPStatus.OK, claims)

    def _sign(self, body: str) -> str:
        raw = hmac.new(self._secret, body.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _no(why: str) -> Answer:
    return as_json(HTTPStatus.BAD_REQUEST, {"error": "invalid_request", "error_description": why})


def _part(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def _claims(body: str) -> dict[str, Any]:
    """Read the middle part of a token; nothing where it is no JSON object."""
    text = body.partition(".")[2]
    try:
        said = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
