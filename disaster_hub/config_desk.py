"""The sections of config.toml that the headquarters' desk brought, and what is wrong with them together."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from disaster_hub.config import Camera, City, Config, Oidc, Portal
from disaster_hub.config_outside import Canary, Gateway, LineBot, Replies, Sibling, Webhook
from disaster_hub.terms.alert import Status
from disaster_hub.terms.errors import BadConfig
from disaster_hub.terms.notice import CONTACT
from disaster_hub.terms.role import Role
from disaster_hub.terms.world import WorldKind

MANY: Mapping[str, Any] = {
    "cameras": Camera, "gateways": Gateway, "webhooks": Webhook, "siblings": Sibling, "canaries": Canary,
}  # fmt: skip
"""Sections that are written as [[name]]; each is a field of Config of the same name."""
MAYBE: Mapping[str, Any] = {"oidc": Oidc, "line_bot": LineBot, "replies": Replies}
"""Sections that are written as [name] and may be left out; each is a field of Config of the same name."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
CHANNELS = ("mail", "push", "line_bot", "gateways", "webhooks", "replies")
"""Sections that hold the way to real people; a hub of another world than theirs does not start with them."""
GATEWAY_KINDS = ("sms", "voice")
SHORTEST = 70
"""Characters that every SMS carries; fewer would cut the action itself."""
LANGUAGES = ("ja", "ja-easy", "en", "zh-Hans", "zh-Hant", "ko", "vi", "pt")
"""As `timelines.phrases` has them; this floor knows nothing of that room."""
FASTEST_CAMERA_S = 5.0
FASTEST_CANARY_S = 5.0
LONGEST_SESSION_H = 24


def texts(where: str, said: Any, *, nested: bool = False) -> dict[str, Any]:
    """Take a table of texts; *nested*: a table of such tables."""
    if not isinstance(said, dict) or not (nested or all(isinstance(value, str) for value in said.values())):
        raise BadConfig(f"{where}: not a table of texts")
    return {name: texts(f"{where}.{name}", row) for name, row in said.items()} if nested else dict(said)


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


def parted(name: str, sections: Collection[str]) -> tuple[str, str]:
    """Give section and key of a variable's name: the longest section that it begins with, for some hold a `_`."""
    fitting = [one for one in sections if name.startswith(f"{one}_")]
    section = max(fitting, key=len, default=name.partition("_")[0])
    return section, name.removeprefix(section).removeprefix("_")


def _issuers(city: City) -> None:
    """Refuse a name in a language that no message is written in: it would never be seen."""
    for issuer, names in city.issuers.items():
        for language, name in names.items():
            if language not in LANGUAGES or not name.strip():
                raise BadConfig(f"city.issuers.{issuer}.{language}: a name in one of {', '.join(LANGUAGES)}")


def check_outside(config: Config) -> None:
    """Refuse what would send a drill to real people, or give a secret away on the way."""
    said = config.sending.world
    if said not in set(WorldKind):
        raise BadConfig(f"sending.world: {said!r} is none of {', '.join(WorldKind)}")
    ours = config.world.kind.value
    if said != ours:
        for section in CHANNELS:
            if getattr(config, section):
                raise BadConfig(
                    f"{section}: these are the keys of the {said} world, and this hub is of the {ours} world; "
                    f'write keys of its own there, and [sending] world = "{ours}"'
                )
    bot = config.line_bot
    if bot:
        _address("line_bot.api", bot.api, real=config.real)
        if not bot.token or not bot.secret:
            raise BadConfig("line_bot.token and line_bot.secret (DISASTER_HUB_LINE_BOT_TOKEN): one is empty")
        if bot.per_second <= 0 or bot.multicast_per_second <= 0:
            raise BadConfig("line_bot.per_second, multicast_per_second: above 0")
    _gateways(config.gateways, real=config.real)
    for number, hook in enumerate(config.webhooks):
        where = f"webhooks[{number}]"
        _address(f"{where}.url", hook.url, real=config.real)
        if not hook.name or "/" in hook.name or ":" in hook.name or not hook.secret:
            raise BadConfig(f"{where}: needs a name (without / and :) and a secret")
    _siblings(config.siblings)
    _canaries(config.canaries)
    _issuers(config.city)
    _replies(config.replies)


def _siblings(siblings: Sequence[Sibling]) -> None:
    """Refuse a row for what nobody can choose, and a second one for the same choice."""
    for number, row in enumerate(siblings):
        if row.status not in set(Status):
            raise BadConfig(f"siblings[{number}].status: {row.status!r} is none of {', '.join(Status)}")
        if row.status in {before.status for before in siblings[:number]}:
            raise BadConfig(f"siblings[{number}].status: {row.status!r} stands there twice; a draft goes to one world")


def _replies(said: Replies | None) -> None:
    """Refuse a mailbox that is none, or whose password would travel in the clear."""
    if said is None:
        return
    if not said.imap_host and not said.smtp_port:
        raise BadConfig("replies: needs imap_host (a mailbox to read) or smtp_port (a port at which mail is taken)")
    if said.security not in {"tls", "starttls", "none"}:
        raise BadConfig(f"replies.security: {said.security!r} is none of tls, starttls, none")
    if said.imap_host and said.security == "none" and said.imap_host not in LOOPBACK:
        raise BadConfig('replies.security: "none" only for a mailbox on this machine: others read the password')
    if '"' in said.folder or said.every_s <= 0 or not 0 <= said.smtp_port < 65_536:
        raise BadConfig("replies: folder without quotes, every_s above 0, smtp_port a port")


def _canaries(canaries: Sequence[Canary]) -> None:
    """Refuse a canary that goes nowhere, or whose break would show later than its own period."""
    for number, one in enumerate(canaries):
        where = f"canaries[{number}]"
        if not one.channel or not one.address or one.address.startswith(CONTACT):
            raise BadConfig(f"{where}: needs the channel and the address of a test handset, never a resident's")
        if one.every_s < FASTEST_CANARY_S or not 0 < one.within_s <= one.every_s * 0.75 - 2:
            raise BadConfig(
                f"{where}: every_s is {FASTEST_CANARY_S:g} or more, within_s above 0 and at most every_s × 0.75 − 2"
            )


def _gateways(gateways: Sequence[Gateway], *, real: bool) -> None:
    for number, one in enumerate(gateways):
        where = f"gateways[{number}]"
        if one.kind not in GATEWAY_KINDS:
            raise BadConfig(f"{where}.kind: {one.kind!r} is none of {', '.join(GATEWAY_KINDS)}")
        if any(other.kind == one.kind for other in gateways[:number]):
            raise BadConfig(f"{where}.kind: there are two of kind {one.kind}")
        _address(f"{where}.url", one.url, real=real)
        if "{text}" not in one.body or not ("{to}" in one.body or "{national}" in one.body):
            raise BadConfig(f"{where}.body: {{to}} (or {{national}}) and {{text}} must both stand in it")
        if not one.form and not _is_json(one.body):
            raise BadConfig(f"{where}.body: no JSON; {{text}} stands without quotes, they are put there")
        if one.most < SHORTEST or one.per_second <= 0:
            raise BadConfig(f"{where}: most is {SHORTEST} or more, per_second above 0")


def _is_json(body: str) -> bool:
    """Tell whether a template becomes JSON once its blanks are filled, even by a text with quotes in it."""
    for blank in ("to", "national", "text", "key"):
        body = body.replace(f"{{{blank}}}", json.dumps('"}\\'))
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _address(where: str, url: str, *, real: bool) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise BadConfig(f"{where}: {url[:60]!r} is no web address")
    if real and parts.scheme != "https":
        raise BadConfig(f"{where}: the real world asks over https")
