"""The demo's config.toml, complete: every section, with the codes and addresses of the made-up city."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from disaster_hub.rehearsal.cameras import LENSES, PATH, Lens
from disaster_hub.rehearsal.city import (
    DEVICES,
    GAUGES,
    HEIGHT_M,
    MINAMO,
    OFFICE,
    OFFICE_NAME,
    OKANO,
    RIVER,
    RIVER_CODE,
    RIVER_EN,
    STATIONS,
    TANIKAWA,
    WIDTH_M,
    Device,
    lonlat,
    river_y,
)
from disaster_hub.rehearsal.editions import LONG, RIVERS, SHORT
from disaster_hub.rehearsal.twins.loopback import HOST as LOOPBACK
from disaster_hub.rehearsal.uplinks import HIGH_S, LOW_S
from disaster_hub.terms.clock import zulu
from disaster_hub.terms.world import World

ISSUERS: Mapping[str, Mapping[str, str]] = {
    MINAMO.name: {
        "ja-easy": "みなも市(し)", "en": "Minamo City",
        "zh-Hans": "水面市（みなも市）", "zh-Hant": "水面市（みなも市）",
        "ko": "미나모시(みなも市)", "vi": "Thành phố Minamo", "pt": "Cidade de Minamo",
    },
    OFFICE_NAME: {
        "en": "Kaku Local Meteorological Office", "zh-Hans": "架空地方气象台", "zh-Hant": "架空地方氣象臺",
        "ko": "가쿠 지방기상대", "vi": "Đài khí tượng địa phương Kaku", "pt": "Observatório Meteorológico de Kaku",
    },
    "架空県河川課": {
        "en": "Kaku Prefecture, River Division", "zh-Hans": "架空县河川课", "zh-Hant": "架空縣河川課",
        "ko": "가쿠현 하천과", "vi": "Phòng Sông ngòi tỉnh Kaku", "pt": "Divisão de Rios da Província de Kaku",
    },
}  # fmt: skip
"""How those who sign are called in other languages, as a city writes it in its own config.toml."""
Value = str | float | bool | list[str] | list[int]
STATION_INTERVAL_S = 3600
GAUGE_INTERVAL_S = 600
EVERY_S = 60
RAW_DAYS = 30
TOPICS = ["application/+/device/+/event/up", "v3/+/devices/+/up", "hub/devices/+/up"]
ENGLISH = {
    STATIONS[0].code: "Minamo Bridge", STATIONS[1].code: "Uenofuchi", STATIONS[2].code: "Shimohama",
    "9900000001": "Minamo Bridge (gauge)", "9900000002": "Sakura Bridge", "9900000003": "Minamo River 1.2k right",
    "9900000004": "Uenofuchi (gauge)", "9900000005": "Kogane Bridge", "9900000006": "Kayano Bridge",
    "9900000007": "Mizusawa Bridge", "9900000008": "Yamaguchi", "9900000009": "Sugi Bridge (gauge)",
    "9900000010": "Tani Bridge",
}  # fmt: skip


def config_toml(
    folder: Path,
    *,
    feed_port: int,
    mqtt_port: int,
    portal_port: int,
    world: World,
    mail_port: int | None = None,
    host: str = LOOPBACK,
    outside: Sequence[str] = (),
) -> str:
    """Give the text of config.toml for the demo in *folder* (hub.gpkg and the keys lie in it), in *world*.

    *outside* are the sections of channels and test handsets (`rehearsal.outside`).
    """
    feeds = f"http://{LOOPBACK}:{feed_port}"
    lon, lat = lonlat(WIDTH_M / 2, HEIGHT_M / 2)
    parts = [
        "# Made by the demo, made anew at its next start: a made-up city, a replay world, loopback only.",
        table("world", _world(world)),
        table("store", {"url": f"sqlite:///{folder.absolute() / 'hub.gpkg'}"}),
        table("city", {
            "name": MINAMO.name, "name_en": MINAMO.name_en, "area": MINAMO.area, "office": OFFICE,
            "lon": round(lon, 4), "lat": round(lat, 4), "zoom": 14, "zone": "Asia/Tokyo",
        }),
        *_names(),
        row("governs", {"hazard": "flood", "area": RIVER_CODE, "gauge": STATIONS[0].code}),
        row("feeds", {
            "name": "jma", "kind": "jma-feed", "url": f"{feeds}{SHORT}", "every_s": EVERY_S,
            "long_url": f"{feeds}{LONG}", "long_every_s": 3600, "stale_after_s": 900, "offices": [OFFICE],
            "issuer": OFFICE_NAME,
        }),
        row("feeds", {
            "name": "k-river", "kind": "k-river", "url": f"{feeds}{RIVERS}", "every_s": EVERY_S,
            "stale_after_s": 900, "issuer": "架空県河川課",
        }),
        *_gauges(),
        *(row("cameras", _camera(one, feeds)) for one in LENSES),
        *(row("sensors", _sensor(one)) for one in DEVICES),
        table("mqtt", {
            "embedded": True, "host": LOOPBACK, "port": mqtt_port, "tls": False, "client_id": "disaster-hub-listen",
            "anonymous": True, "topics": TOPICS,
        }),
        table("portal", {
            "host": host, "port": portal_port, "trusted_proxies": 0, "session_minutes": 480, "tiles_credit": "",
            "address": f"http://{LOOPBACK}:{portal_port}",
        }),
        table("outgoing", {"timeout_s": 10.0, "max_bytes": 50_000_000}),
        row("staff", {"channel": "console", "address": "本部"}),
        table("keys", {"folder": str(folder.absolute() / "keys")}),
        table("push", {"contact": "mailto:hub@minamo.example"}),
        table("sending", {"world": world.kind.value, "folder": str(folder.absolute() / "handover")}),
        *([] if mail_port is None else [_mail(mail_port)]),
        *outside,
        table("keep", {"raw_days": RAW_DAYS}),
        # One second of the wall clock, in the world's seconds.
        table("judge", {"every_s": float(max(1.0, world.speed))}),
    ]  # fmt: skip
    return "\n".join(parts)


def _mail(port: int) -> str:
    """Give the section of the mail server, which is a twin on this machine."""
    return table("mail", {
        "host": LOOPBACK, "port": port, "security": "none", "sender": "hub@minamo.example", "sender_name": MINAMO.name,
    })  # fmt: skip


def _world(world: World) -> dict[str, Value]:
    """Give the world's row; times that are None are left out."""
    times = {"opened": world.opened, "starts": world.starts, "ends": world.ends}
    said: dict[str, Value] = {"kind": world.kind.value, "name": world.name, "speed": float(world.speed)}
    return said | {name: zulu(at) for name, at in times.items() if at is not None}


def _gauges() -> Iterator[str]:
    """Give places and intervals of the stations whose source does not say them."""
    for station in STATIONS:
        lon, lat = lonlat(station.x, river_y(station.x))
        yield row("gauges", _gauge(station.code, station.name, lon, lat, STATION_INTERVAL_S))
    for gauge in GAUGES:
        lon, lat = lonlat(gauge.x, gauge.y)
        yield row("gauges", _gauge(gauge.code, gauge.name, lon, lat, GAUGE_INTERVAL_S))


def _gauge(code: str, name: str, lon: float, lat: float, interval_s: float) -> dict[str, Value]:
    """Give one gauge's row."""
    return {
        "id": code, "name": name, "name_en": ENGLISH[code], "lon": round(lon, 6), "lat": round(lat, 6),
        "interval_s": interval_s,
    }  # fmt: skip


def _camera(lens: Lens, feeds: str) -> dict[str, Value]:
    """Give one camera's row."""
    lon, lat = lens.spot
    return {
        "id": lens.id, "name": lens.name, "name_en": lens.name_en, "station": lens.station, "lon": round(lon, 6),
        "lat": round(lat, 6), "url": f"{feeds}{PATH}{lens.id}.jpg", "every_s": 300, "stale_after_s": 900,
    }  # fmt: skip


def _sensor(device: Device) -> dict[str, Value]:
    """Give one sensor's row; what does not hold for it is left out."""
    lon, lat = lonlat(device.x, device.y)
    row: dict[str, Value | None] = {
        "id": device.id, "model": "plain" if device.network == "plain" else "EM500-UDL",
        "name": device.name, "name_en": device.name_en, "lon": round(lon, 6), "lat": round(lat, 6),
        "kind": "rain" if device.water == "rain" else "sensor", "zero_m": device.zero_m,
        "interval_s": LOW_S if device.start_m is None else HIGH_S,
        "interval_low_s": None if device.start_m is None else LOW_S,
        "start_m": device.start_m, "near": device.near, "met": device.met,
    }  # fmt: skip
    return {key: value for key, value in row.items() if value is not None}


def _names() -> Iterator[str]:
    """Give how those who sign are called elsewhere, and the neighbours and the river by name."""
    yield from (table(f"city.issuers.{json.dumps(name, ensure_ascii=False)}", names) for name, names in ISSUERS.items())
    yield from (row("areas", {"code": one.area, "name": one.name, "name_en": one.name_en}) for one in (TANIKAWA, OKANO))
    yield row("rivers", {"code": RIVER_CODE, "name": RIVER, "name_en": RIVER_EN})


def table(name: str, values: Mapping[str, Value]) -> str:
    """Write one TOML table."""
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
    return "\n".join((f"[{name}]", *lines, ""))


def row(name: str, values: Mapping[str, Value]) -> str:
    """Write one row of a TOML array of tables."""
    return table(f"[{name}]", values)
