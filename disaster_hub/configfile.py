"""Reading config.toml: every key is known, every wrong one is named in one line, the environment overrides."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from disaster_hub import config_desk
from disaster_hub.config import (
    KEYS_FOLDER,
    Area,
    City,
    Config,
    Feed,
    Folder,
    Gauge,
    Governs,
    Keys,
    Mail,
    Mqtt,
    Outgoing,
    Plans,
    Portal,
    River,
    Sensor,
    Staff,
)
from disaster_hub.config_outside import Line, Push, Sending
from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadConfig, BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.world import World, WorldKind

PREFIX = "DISASTER_HUB_"
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
WEB = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*[A-Za-z0-9._~-])?")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
NOT_KEYS = frozenset({"DISASTER_HUB_CONFIG", "DISASTER_HUB_CI", "DISASTER_HUB_TEST_POSTGRES"})
ONE = {
    "world": World, "city": City, "mqtt": Mqtt, "portal": Portal, "outgoing": Outgoing, "keys": Keys, "mail": Mail,
    "push": Push, "line": Line, "plans": Plans, "sending": Sending, **config_desk.MAYBE,
}  # fmt: skip
MANY = {
    "areas": Area, "rivers": River, "feeds": Feed, "gauges": Gauge, "sensors": Sensor, "staff": Staff,
    "governs": Governs, **config_desk.MANY,
}  # fmt: skip
PLAIN: Mapping[str, Mapping[str, Any]] = {"store": {"url": str}, "keep": {"raw_days": int}, "judge": {"every_s": float}}
Part = TypeVar("Part")


def find(environ: Mapping[str, str]) -> Path:
    """Give the configuration file: DISASTER_HUB_CONFIG, else config.toml in the folder one stands in."""
    return Path(environ.get("DISASTER_HUB_CONFIG", "config.toml"))


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """Read the configuration; the first thing wrong raises BadConfig naming file and key."""
    path = path or find(environ)
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise BadConfig(f"{path}: {fault.strerror}") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadConfig(f"{path}: {fault}") from fault
    try:
        _override(said, environ)
        return _config(said, path)
    except BadConfig as fault:
        raise BadConfig(f"{path}: {fault}") from None


def _override(said: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Lay the environment over the file; a variable that is no key is refused, not ignored."""
    if "DISASTER_HUB_STORE" in environ:
        said.setdefault("store", {})["url"] = environ["DISASTER_HUB_STORE"]
    for name, text in environ.items():
        if not name.startswith(PREFIX) or name in NOT_KEYS or name == "DISASTER_HUB_STORE":
            continue
        section, key = config_desk.parted(name.removeprefix(PREFIX).lower(), ONE.keys() | PLAIN.keys())
        kinds = _kinds(section)
        if key not in kinds:
            raise BadConfig(f"{name}: no such key")
        said.setdefault(section, {})[key] = _from_text(f"{section}.{key}", text, kinds[key])


def _kinds(section: str) -> Mapping[str, Any]:
    if section in PLAIN:
        return PLAIN[section]
    return get_type_hints(ONE[section]) if section in ONE else {}


def _from_text(where: str, text: str, kind: Any) -> Any:
    """Turn an environment's text into what TOML would have given."""
    bare = _bare(kind)
    if bare is bool:
        if text.lower() not in {"true", "false", "1", "0"}:
            raise BadConfig(f"{where}: {text!r} is neither true nor false")
        return text.lower() in {"true", "1"}
    if bare in {int, float}:
        try:
            return bare(text)
        except ValueError:
            raise BadConfig(f"{where}: {text!r} is no number") from None
    return text.split(",") if get_origin(bare) is tuple else text


def _config(said: Mapping[str, Any], path: Path) -> Config:
    known = ONE.keys() | MANY.keys() | PLAIN.keys()
    for section in said:
        if section not in known:
            raise BadConfig(f"{section}: unknown section; there are {', '.join(sorted(known))}")
    keep = _plain(said, "keep")
    base = path.absolute().parent
    config = Config(
        store=_plain(said, "store")["url"],
        world=_part(World, said.get("world", {"kind": "real", "name": "real"}), "world", base),
        city=_part(City, _table(said, "city"), "city", base),
        areas=_parts(Area, said, "areas", base),
        rivers=_parts(River, said, "rivers", base),
        feeds=_parts(Feed, said, "feeds", base),
        gauges=_parts(Gauge, said, "gauges", base),
        # The house knows devices in lower case, however their makers print them.
        sensors=tuple(replace(one, id=one.id.lower()) for one in _parts(Sensor, said, "sensors", base)),
        mqtt=_part(Mqtt, _table(said, "mqtt"), "mqtt", base),
        portal=_part(Portal, _table(said, "portal"), "portal", base),
        outgoing=_part(Outgoing, _table(said, "outgoing"), "outgoing", base),
        staff=_parts(Staff, said, "staff", base),
        governs=_parts(Governs, said, "governs", base),
        keys=_part(Keys, said.get("keys", {"folder": str(KEYS_FOLDER)}), "keys", base),
        mail=_maybe(Mail, said, "mail", base),
        push=_maybe(Push, said, "push", base),
        line=_maybe(Line, said, "line", base),
        plans=_part(Plans, said.get("plans", {}), "plans", base),
        keep_raw_days=keep["raw_days"],
        judge_every_s=_plain(said, "judge")["every_s"],
        source=path,
        **_desk(said, base),
    )
    _together(config)
    return config


def _desk(said: Mapping[str, Any], base: Path) -> dict[str, Any]:
    many = {name: _parts(kind, said, name, base) for name, kind in config_desk.MANY.items()}
    maybe = {name: _maybe(kind, said, name, base) for name, kind in config_desk.MAYBE.items()}
    return many | maybe | {"sending": _part(Sending, said.get("sending", {}), "sending", base)}


def _plain(said: Mapping[str, Any], section: str) -> dict[str, Any]:
    table, kinds = _table(said, section), PLAIN[section]
    for key in table:
        if key not in kinds:
            raise BadConfig(f"{section}.{key}: unknown key")
    for key in kinds:
        if key not in table:
            raise BadConfig(f"{section}.{key}: missing")
    return {key: _value(f"{section}.{key}", table[key], kind, Path()) for key, kind in kinds.items()}


def _table(said: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    table = said.get(section)
    if not isinstance(table, dict):
        raise BadConfig(f"{section}: missing" if table is None else f"{section}: not a table")
    return table


def _parts(kind: type[Part], said: Mapping[str, Any], section: str, base: Path) -> tuple[Part, ...]:
    rows = said.get(section, [])
    if not isinstance(rows, list):
        raise BadConfig(f"{section}: write it as [[{section}]]")
    made = tuple(_part(kind, row, f"{section}[{number}]", base) for number, row in enumerate(rows))
    names = [getattr(part, "id", getattr(part, "code", getattr(part, "name", None))) for part in made]
    for name in names:
        if name is not None and names.count(name) > 1:
            raise BadConfig(f"{section}: {name!r} stands there twice")
    return made


def _maybe(kind: type[Part], said: Mapping[str, Any], section: str, base: Path) -> Part | None:
    """Make the part of a section that may be left out."""
    return _part(kind, said[section], section, base) if section in said else None


def _part(kind: type[Part], said: Any, where: str, base: Path) -> Part:
    """Make one dataclass of a table; unknown, missing and wrong keys are named."""
    if not isinstance(said, dict):
        raise BadConfig(f"{where}: not a table")
    hints = get_type_hints(kind)
    for key in said:
        if key not in hints:
            raise BadConfig(f"{where}.{key}: unknown key")
    values: dict[str, Any] = {}
    for one in fields(kind):  # type: ignore[arg-type]  # every part is a dataclass
        if one.name in said:
            values[one.name] = _value(f"{where}.{one.name}", said[one.name], hints[one.name], base)
        elif one.default is MISSING and one.default_factory is MISSING:
            if type(None) not in get_args(hints[one.name]):
                raise BadConfig(f"{where}.{one.name}: missing")
            values[one.name] = None
    return kind(**values)


def _bare(kind: Any) -> Any:
    """Take `| None` off a type."""
    if get_origin(kind) is Union or type(kind).__name__ == "UnionType":
        return next(arg for arg in get_args(kind) if arg is not type(None))
    return kind


def _value(where: str, said: Any, kind: Any, base: Path) -> Any:
    bare = _bare(kind)
    if get_origin(bare) is tuple:
        if not isinstance(said, list) or not all(isinstance(item, str) for item in said):
            raise BadConfig(f"{where}: not a list of texts")
        return tuple(said)
    if get_origin(bare) is not None:
        return config_desk.texts(where, said, nested=get_origin(get_args(bare)[1]) is not None)
    if bare is float and isinstance(said, int) and not isinstance(said, bool):
        return float(said)
    if bare in {str, int, float, bool}:
        if not isinstance(said, bare) or (bare is int and isinstance(said, bool)):
            raise BadConfig(f"{where}: {said!r} is no {WORDS[bare]}")
        return said
    return MAKERS[bare](where, said, base)


def _time(where: str, said: Any, _base: Path) -> datetime:
    try:
        return aware(said.isoformat() if isinstance(said, datetime) else str(said))
    except BadInput as fault:
        raise BadConfig(f"{where}: {fault}") from None


def _zone(where: str, said: Any, _base: Path) -> ZoneInfo:
    try:
        return ZoneInfo(str(said))
    except (ZoneInfoNotFoundError, ValueError):
        raise BadConfig(f"{where}: {said!r} is no time zone") from None


def _file(where: str, said: Any, base: Path) -> Path:
    path = base / str(said)
    if not path.is_file():
        raise BadConfig(f"{where}: there is no file {said}")
    return path


def _folder(_where: str, said: Any, base: Path) -> Path:
    return base / str(said)


def _world_kind(where: str, said: Any, _base: Path) -> WorldKind:
    try:
        return WorldKind(said)
    except ValueError:
        raise BadConfig(f"{where}: {said!r} is none of real, replay, drill") from None


WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}
MAKERS: Mapping[Any, Callable[[str, Any, Path], Any]] = {
    datetime: _time,
    ZoneInfo: _zone,
    Path: _file,
    Folder: _folder,
    WorldKind: _world_kind,
}


def _together(config: Config) -> None:
    """Refuse what is right key by key and wrong together."""
    portal, mqtt = config.portal, config.mqtt
    if (portal.certificate is None) != (portal.key is None):
        raise BadConfig("portal.certificate and portal.key: one without the other")
    if mqtt.embedded and mqtt.share:
        raise BadConfig("mqtt.share: the embedded broker cannot divide the work; use Mosquitto")
    for number, row in enumerate(config.governs):
        if row.hazard not in set(Hazard):
            raise BadConfig(f"governs[{number}].hazard: {row.hazard!r} is none of {', '.join(Hazard)}")
        if row.hazard == Hazard.FLOOD and row.gauge and row.area not in {r.code for r in config.rivers}:
            raise BadConfig(f"governs[{number}].area: {row.area!r} is none of the [[rivers]]")
    _channels(config)
    config_desk.check_cameras(config.cameras)
    config_desk.check_entrance(portal, config.oidc, real=config.real)
    config_desk.check_outside(config)
    if config.real and mqtt.anonymous:
        raise BadConfig("mqtt.anonymous: only in a demo")
    if not config.real and (config.world.starts is None) != (config.world.opened is None):
        raise BadConfig("world.opened and world.starts: one without the other")
    if not 0 < config.world.speed <= 3600:
        raise BadConfig(f"world.speed: {config.world.speed} is not above 0 and at most 3600")
    if config.real and config.world.speed != 1.0:
        raise BadConfig("world.speed: the real world runs at 1")


def _channels(config: Config) -> None:
    """Refuse settings of mail, push and LINE that cannot work, or that would give a secret away."""
    mail, push, line = config.mail, config.push, config.line
    if config.portal.address and not WEB.fullmatch(config.portal.address):
        raise BadConfig(f"portal.address: {config.portal.address!r} is no web address without a slash at its end")
    if mail and mail.security not in {"starttls", "tls", "none"}:
        raise BadConfig(f"mail.security: {mail.security!r} is none of starttls, tls, none")
    if mail and not ADDRESS.fullmatch(mail.sender):
        raise BadConfig(f"mail.sender: {mail.sender!r} is no mail address")
    if mail and (mail.username is None) != (mail.password is None):
        raise BadConfig("mail.username and mail.password (DISASTER_HUB_MAIL_PASSWORD): one without the other")
    if mail and mail.username and mail.security == "none" and mail.host not in LOOPBACK:
        raise BadConfig("mail.security: none would send the password in the clear")
    if push and not push.contact.startswith(("mailto:", "https://")):
        raise BadConfig(f"push.contact: {push.contact!r} begins with neither mailto: nor https://")
    if line and config.real and not line.api.startswith("https://"):
        raise BadConfig("line.api: the real world asks over https")
