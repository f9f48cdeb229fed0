"""The sections of config.toml that the headquarters' desk brought, and what is wrong with them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from disaster_hub.config import Camera, Oidc, Portal
from disaster_hub.config_outside import Canary, Gateway, LineBot, Replies, Sibling, Webhook
from disaster_hub.terms.errors import BadConfig
from disaster_hub.terms.role import Role

MANY: Mapping[str, Any] = {
    "cameras": Camera, "gateways": Gateway, "webhooks": Webhook, "siblings": Sibling, "canaries": Canary,
}  # fmt: skip
"""Sections that are written as [[name]]; each is a field of Config of the same name."""
MAYBE: Mapping[str, Any] = {"oidc": Oidc, "line_bot": LineBot, "replies": Replies}
"""Sections that are written as [name] and may be left out; each is a field of Config of the same name."""
FASTEST_CAMERA_S = 5.0
LONGEST_SESSION_H = 24


def check_cameras(cameras: Sequence[Camera]) -> None:
    """Refuse a camera that has no source, or two, or that would be asked without a pause."""
    for number, one in enumerate(cameras):
        where = f"cameras[{number}]"
        if bool(one.url) == (one.folder is not None):
            raise BadConfig(f"{where}: name either url or folder")
        if one.url and not one.url.startswith(("http://", "https://")):
            raise BadConfig(f"{where}.url: {one.url[:60]!r} begins with neither http:// nor https://")
        if one.every_s < FASTEST_CAMERA_S or one.stale_after_s < one.every_s:
            raise BadConfig(f"{where}: every_s is {FASTEST_CAMERA_S:g} or more, and stale_after_s no less than that")
        if (one.lon is None) != (one.lat is None):
            raise BadConfig(f"{where}.lon and lat: one without the other")


def check_entrance(portal: Portal, oidc: Oidc | None, *, real: bool) -> None:
    """Refuse sessions without an end, and a provider that anybody on the way could play."""
    if portal.session_minutes <= 0 or not 0 < portal.session_hours <= LONGEST_SESSION_H:
        raise BadConfig(f"portal.session_minutes, session_hours: above 0, and at most {LONGEST_SESSION_H} hours")
    if oidc is None:
        return
    if real and not oidc.issuer.startswith("https://"):
        raise BadConfig("oidc.issuer: the real world asks over https")
    if not oidc.client or not oidc.secret:
        raise BadConfig("oidc.client and oidc.secret (DISASTER_HUB_OIDC_SECRET): one is empty")
    if "openid" not in oidc.scopes:
        raise BadConfig("oidc.scopes: openid is missing")
    for value, role in oidc.roles.items():
        if role not in set(Role):
            raise BadConfig(f"oidc.roles.{value}: {role!r} is none of {', '.join(Role)}")
