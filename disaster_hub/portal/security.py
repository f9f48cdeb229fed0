"""What every answer says to the browser: no other host, no frames, no guessing; and how sessions are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from disaster_hub.config import Config
from disaster_hub.store import worlds
from disaster_hub.store.session import Store

LARGEST_REQUEST = 256 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FEATURES = ("camera", "microphone", "geolocation", "payment")
View = TypeVar("View", bound=Callable[..., Any])


def asks(*features: str) -> Callable[[View], View]:
    """Let the page of one view ask the browser for *features* (camera, geolocation); all others stay shut off."""

    def mark(view: View) -> View:
        view.features = features  # type: ignore[attr-defined]
        return view

    return mark


def permissions(allowed: Collection[str] = ()) -> str:
    """Write the Permissions-Policy of a page that may use *allowed*."""
    return ", ".join(f"{name}=({'self' if name in allowed else ''})" for name in FEATURES)


class Sessions(SecureCookieSessionInterface):
    """Signed cookies that are Secure wherever the visitor came by HTTPS, directly or through a proxy."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the cookie may travel by HTTPS alone."""
        del app
        return request.is_secure

    def get_cookie_path(self, app: Flask) -> str:
        """Keep the cookie under the path where the portal lives."""
        del app
        return request.script_root or "/"


def content_policy(config: Config) -> str:
    """Write the Content-Security-Policy: nothing but ourselves, and pictures from the tile host if there is one."""
    pictures = "img-src 'self' data:"
    if config.portal.tiles:
        tiles = urlsplit(config.portal.tiles)
        host = tiles.netloc.replace("{s}", "*")
        pictures += f" {tiles.scheme}://{host}" if host else ""
    return f"{POLICY}; {pictures}"


def secure(app: Flask, config: Config, store: Store) -> None:
    """Give *app* its sessions, CSRF protection and headers."""
    with store.read() as tx:
        secret = worlds.secret(tx)
    minutes = config.portal.session_minutes
    mark = hashlib.sha256(secret).hexdigest()[:8]
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME=f"hub_{config.world.kind.value}_{mark}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=minutes),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        MAX_FORM_PARTS=100,
        WTF_CSRF_TIME_LIMIT=int(config.portal.session_hours * 3600),
    )
    app.session_interface = Sessions()
    CSRFProtect(app)
    policy = content_policy(config)

    @app.after_request
    def _headers(answer: Response) -> Response:
        for name, value in FIXED.items():
            answer.headers.setdefault(name, value)
        allowed = getattr(app.view_functions.get(request.endpoint or ""), "features", ())
        answer.headers.setdefault("Permissions-Policy", permissions(allowed))
        answer.headers.setdefault("Content-Security-Policy", policy)
        if answer.mimetype == "text/html":
            answer.headers.setdefault("Cache-Control", "no-store")
            answer.headers.setdefault("Vary", "Cookie")
        if request.is_secure:
            answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return answer
