"""Telegrams for the tests of the rules: short to write, shaped as the readers give them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from disaster_hub.terms.bulletin import AreaWarning, Bulletin, Hazard, InfoType, RiverWarning, Status

CITY, NEIGHBOUR, RIVER = "9920100", "9920200", "990099000100"
OFFICE = "架空地方気象台"
START = datetime(2026, 9, 18, 8, 0, tzinfo=UTC)

KINDS = {
    "10": (Hazard.RAIN, "レベル２大雨注意報", 2), "03": (Hazard.RAIN, "レベル３大雨警報", 3),
    "43": (Hazard.RAIN, "レベル４大雨危険警報", 4), "33": (Hazard.RAIN, "レベル５大雨特別警報", 5),
    "29": (Hazard.LANDSLIDE, "レベル２土砂災害注意報", 2), "09": (Hazard.LANDSLIDE, "レベル３土砂災害警報", 3),
    "49": (Hazard.LANDSLIDE, "レベル４土砂災害危険警報", 4), "39": (Hazard.LANDSLIDE, "レベル５土砂災害特別警報", 5),
    "19": (Hazard.SURGE, "レベル２高潮注意報", 2), "08": (Hazard.SURGE, "レベル３高潮警報", 3),
    "05": (Hazard.WIND, "暴風警報", None), "15": (Hazard.WIND, "強風注意報", None),
    "14": (Hazard.OTHER, "雷注意報", None), "18": (Hazard.FLOOD, "洪水注意報", 2), "04": (Hazard.FLOOD, "洪水警報", 3),
}  # fmt: skip
RIVER_KINDS = {"10": (None, False), "20": (2, True), "22": (2, True), "30": (3, True), "40": (4, True), "51": (5, True)}


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def warning(code: str, area: str = CITY, *, level: int | None = -1, status: str = "発表") -> AreaWarning:
    """One kind of one area; code '' says that nothing is in force, an unknown one has no level."""
    if not code:
        return AreaWarning(area, "市", Hazard.OTHER, "", "", None, active=False, change="発表警報・注意報はなし")
    hazard, name, known = KINDS.get(code, (Hazard.OTHER, f"未知の情報{code}", None))
    said = known if level == -1 else level
    return AreaWarning(area, "市", hazard, code, name, said, active=status != "解除", change=status)


def telegram(kind: str, minutes: float, *rows: AreaWarning | str, **more: Any) -> tuple[str, Bulletin]:
    """One telegram of *kind*, reported *minutes* after the start; a row may be a bare code."""
    warnings = tuple(warning(row) if isinstance(row, str) else row for row in rows)
    return _said(kind, minutes, warnings=warnings, **more)


def flood(
    minutes: float, code: str, *, serial: str | None = "1", area: str = RIVER, **more: Any
) -> tuple[str, Bulletin]:
    """One flood forecast; code '' leaves the headline out, as a withdrawal may."""
    level, active = RIVER_KINDS.get(code, (None, True))
    rows = (RiverWarning(area, "みなも川", code, f"氾濫{code}", level, active),) if code else ()
    return _said("VXKO", minutes, rivers=rows, event_id=area, serial=serial, **more)


def _said(kind: str, minutes: float, **more: Any) -> tuple[str, Bulletin]:
    sent = more.pop("sent", minutes)
    name = more.pop("name", "")
    fields = {
        "type": kind, "title": kind, "status": Status.ACTUAL, "info_type": InfoType.ISSUE, "office": OFFICE,
        "reported_at": at(minutes), "sent_at": at(sent), "event_id": None, "serial": None, "headline": "",
    } | more  # fmt: skip
    identity = f"https://feed.invalid/data/{kind}_{minutes}_{sent}_{fields['info_type']}{name}.xml"
    return identity, Bulletin(**fields)
