"""The twin of an OpenID provider: discovery, authorization with PKCE, token, keys; and every way to lie about them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from disaster_hub.rehearsal.twins.loopback import Answer, Asked, Loopback, as_json
from disaster_hub.terms.clock import utc_now

CLIENT, SECRET = "disaster-hub-rehearsal", "rehearsal-secret"
KEY_BITS = 2048
LIFE_S = 300


class OpenIdProvider(Loopback):
    """Serves one realm; `sign_in` does what a person does at its own page."""

    def __init__(self, port: int = 0, *, wall: Callable[[], datetime] = utc_now) -> None:
        super().__init__("oidc", self._answer, port)
        self.wall = wall
        self.issuer = self.base
        self.more: dict[str, Any] = {}
        """Claims that every id token gets besides; they win over its own."""
        self.head: dict[str, Any] = {}
        self.discovery: dict[str, Any] = {}
        """What the discovery document says otherwise than it should."""
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        self.shown_key = self.key
        """The key that is shown; another one than signs makes every token a forgery."""
        self.key_id = "one"
        self.asked_for_keys = 0
        self._codes: dict[str, dict[str, str]] = {}

    def sign_in(self, query: str, claims: dict[str, Any]) -> str:
        """Sign somebody in who came with *query* to the authorization endpoint; give where they are sent back to."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked | {"claims": json.dumps(claims)}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def turn_away(self, query: str, error: str = "access_denied") -> str:
        """Send somebody back with an error and no code, as the provider does where they say no or it cannot."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        said = {"error": error, "error_description": "rehearsed", "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(said)}"

    def new_key(self, name: str) -> None:
        """Turn to another key, as providers do now and then."""
        self.key = self.shown_key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        self.key_id = name

    def _answer(self, asked: Asked) -> Answer:
        if asked.path == "/.well-known/openid-configuration":
            return as_json(HTTPStatus.OK, self._discovery())
        if asked.path == "/keys":
            self.asked_for_keys += 1
            said = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.shown_key.public_key()))
            return as_json(HTTPStatus.OK, {"keys": [said | {"kid": self.key_id, "use": "sig", "alg": "RS256"}]})
        if asked.path == "/token" and asked.method == "POST":
            return self._token(asked)
        return as_json(HTTPStatus.NOT_FOUND, {"error": "not_found"})

    def _discovery(self) -> dict[str, Any]:
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
        return said | self.discovery

    def _token(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode("ascii", "replace")).items()}
        begun = self._codes.pop(form.get("code", ""), None)
        if _client(asked, form) != (CLIENT, SECRET):
            return as_json(
                HTTPStatus.UNAUTHORIZED, {"error": "invalid_client"}, **{"WWW-Authenticate": 'Basic realm="twin"'}
            )
        if form.get("grant_type") != "authorization_code":
            return as_json(HTTPStatus.BAD_REQUEST, {"error": "unsupported_grant_type"})
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            begun is None
            or begun.get("code_challenge") != challenge
            or begun["redirect_uri"] != form.get("redirect_uri")
        ):
            return as_json(HTTPStatus.BAD_REQUEST, {"error": "invalid_grant"})
        now = int(self.wall().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + LIFE_S, "nonce": begun.get("nonce", "")}
        claims |= json.loads(begun["claims"]) | self.more
        head = {"kid": self.key_id} | self.head
        token = jwt.encode(claims, self.key, "RS256", {name: value for name, value in head.items() if value})
        return as_json(HTTPStatus.OK, {"access_token": "none", "token_type": "Bearer", "id_token": token})


def _client(asked: Asked, form: dict[str, str]) -> tuple[str, str]:
    """Give who asks, by Basic or in the form."""
    said = asked.headers.get("Authorization", "")
    if said.startswith("Basic "):
        name, _, secret = base64.b64decode(said.removeprefix("Basic ")).decode().partition(":")
        return unquote_plus(name), unquote_plus(secret)
    return form.get("client_id", ""), form.get("client_secret", "")
