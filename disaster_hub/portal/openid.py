"""OpenID Connect: a code with PKCE, exchanged by us; of the id token everything is checked before it counts."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote_plus, urlencode

import jwt

from disaster_hub.config import Config, Oidc
from disaster_hub.terms.errors import BadInput, HubError, Unreachable
from sensors.fetch import Door
from timelines.outside import Outside

WELL_KNOWN = "/.well-known/openid-configuration"
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "ES384", "ES512", "PS384", "PS512")
"""Signatures with a public key alone: `none`, and a secret that we share, prove nothing."""
REQUIRED = ["iss", "sub", "aud", "exp", "iat"]
SKEW_S = 60
KEPT_FOR = timedelta(hours=1)
ASK_AGAIN_AFTER = timedelta(minutes=1)
LONGEST = 20_000
LARGEST = 500_000


class NotProven(HubError):
    """What came back proves nobody's identity; the message names no token, code or person."""


@dataclass(frozen=True, slots=True)
class Start:
    """What one sign-in keeps in the visitor's session until they come back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for."""

    issuer: str
    subject: str
    name: str
    shown: str
    department: str
    role: str | None
    """None where none of their roles is one of ours."""


@dataclass(slots=True)
class Provider:
    """One OpenID provider as its discovery document describes it."""

    oidc: Oidc
    door: Door
    outside: Outside
    _about: Mapping[str, Any] = field(default_factory=dict)
    _keys: jwt.PyJWKSet | None = None
    _read_at: datetime | None = None
    _keys_at: datetime | None = None

    def address(self, start: Start, back: str, now: datetime) -> str:
        """Give the address at which the visitor signs in; afterwards the provider sends them to *back*."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(start.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": self.oidc.client, "redirect_uri": back,
            "scope": " ".join(self.oidc.scopes), "state": start.state, "nonce": start.nonce,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        where = self._endpoint("authorization_endpoint", now)
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    def person(self, code: str, start: Start, back: str, now: datetime) -> Person:
        """Exchange *code*, check the id token, and say who it is; anything wrong raises NotProven."""
        claims = self._checked(self._exchanged(code, start, back, now), start.nonce, now)
        return Person(
            self.oidc.issuer, str(claims["sub"]), _text(claims, self.oidc.name_claim),
            _text(claims, self.oidc.shown_claim), _text(claims, self.oidc.department_claim), self._role(claims),
        )  # fmt: skip

    def _exchanged(self, code: str, start: Start, back: str, now: datetime) -> str:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": start.verifier}
        headers = {"Accept": "application/json"}
        where = self._endpoint("token_endpoint", now)
        ways = self._about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in ways:
            pair = f"{quote_plus(self.oidc.client)}:{quote_plus(self.oidc.secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self.oidc.client, "client_secret": self.oidc.secret}
        try:
            reply = self.outside.post(where, form, headers)
        except OSError as fault:
            raise Unreachable(f"oidc: no answer ({type(fault).__name__})") from None
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Unreachable(f"oidc: HTTP {reply.status}")
        token = _json(reply.body).get("id_token") if reply.status == HTTPStatus.OK else None
        if not isinstance(token, str) or len(token) > LONGEST:
            raise NotProven(f"oidc: the code was not taken (HTTP {reply.status})")
        return token

    def _checked(self, token: str, nonce: str, now: datetime) -> Mapping[str, Any]:
        """Check signature, issuer, audience, times and nonce."""
        try:
            head = jwt.get_unverified_header(token)
            key = self._key(head.get("kid"), now)
            claims = jwt.decode(
                token, key, algorithms=list(ALGORITHMS), audience=self.oidc.client, issuer=self.oidc.issuer,
                # The times are checked below, by the clock that we were given.
                options={"require": REQUIRED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )  # fmt: skip
        except jwt.PyJWTError as fault:
            raise NotProven(f"oidc: id token refused ({type(fault).__name__})") from None
        wall = now.timestamp()
        times = [claims[name] for name in ("exp", "iat")] + [claims.get("nbf", 0)]
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in times):
            raise NotProven("oidc: id token refused (a time that is no number)")
        if times[0] <= wall - SKEW_S or times[1] > wall + SKEW_S or times[2] > wall + SKEW_S:
            raise NotProven("oidc: id token refused (its time is over, or has not come; are the clocks right?)")
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise NotProven("oidc: id token refused (made for another sign-in)")
        if "azp" in claims and claims["azp"] != self.oidc.client:
            raise NotProven("oidc: id token refused (made for another client)")
        return claims

    def _key(self, name: object, now: datetime) -> jwt.PyJWK:
        """Give the key that signed; an unknown one is looked for at the provider, once a minute at most."""
        found = self._known(name)
        if found is None and (self._keys_at is None or now - self._keys_at >= ASK_AGAIN_AFTER):
            self._keys_at = now
            said = self._fetched(self._endpoint("jwks_uri", now))
            try:
                self._keys = jwt.PyJWKSet.from_dict(dict(said))
            except jwt.PyJWTError:
                raise NotProven("oidc: the provider shows no keys that we can use") from None
            found = self._known(name)
        if found is None:
            raise NotProven("oidc: signed with a key that the provider does not show")
        return found

    def _known(self, name: object) -> jwt.PyJWK | None:
        keys = [] if self._keys is None else [one for one in self._keys.keys if one.public_key_use in {None, "sig"}]
        if name is None:
            return keys[0] if len(keys) == 1 else None
        return next((one for one in keys if one.key_id == name), None)

    def _endpoint(self, name: str, now: datetime) -> str:
        if self._read_at is None or now - self._read_at >= KEPT_FOR:
            said = self._fetched(self.oidc.issuer.rstrip("/") + WELL_KNOWN)
            if said.get("issuer") != self.oidc.issuer:
                raise NotProven("oidc: the discovery document is another issuer's than oidc.issuer")
            self._about, self._read_at = said, now
        where = self._about.get(name)
        scheme = self.oidc.issuer.partition("://")[0]
        if not isinstance(where, str) or not where.startswith((f"{scheme}://", "https://")):
            raise NotProven(f"oidc: the discovery document names no {name} that we may use")
        return where

    def _fetched(self, url: str) -> Mapping[str, Any]:
        answer = self.door.get(url, again=True)
        return _json(answer.body if answer is not None else b"")

    def _role(self, claims: Mapping[str, Any]) -> str | None:
        """Give the first of our roles, in the order of the configuration, that the provider gives them."""
        said: Any = claims
        for step in self.oidc.roles_claim.split("."):
            said = said.get(step) if isinstance(said, Mapping) else None
        several = said if isinstance(said, list) else [said]
        values = {one for one in several if isinstance(one, str)}
        return next((role for value, role in self.oidc.roles.items() if value in values), None)


def provider(config: Config) -> Provider | None:
    """Give the provider of *config*; None where none is configured."""
    if config.oidc is None:
        return None
    out = config.outgoing
    return Provider(config.oidc, Door(out.timeout_s, LARGEST, out.proxy, out.ca), Outside(out))


def start() -> Start:
    """Begin a sign-in: three secrets of this visitor and this try alone."""
    return Start(*(secrets.token_urlsafe(32) for _ in range(3)))


def _text(claims: Mapping[str, Any], name: str) -> str:
    said = claims.get(name) if name else None
    return " ".join(said.split())[:60] if isinstance(said, str) else ""


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreachable("oidc: an answer that is no JSON") from None
    if not isinstance(said, dict):
        raise BadInput("oidc: an answer that is no object")
    return said
