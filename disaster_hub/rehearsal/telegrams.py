"""The night's table of scenes turned into telegrams, each with its place in the feed and its bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disaster_hub.rehearsal import flood, soil, weather
from disaster_hub.rehearsal.city import (
    OFFICE,
    OFFICE_NAME,
    OTHER_OFFICE,
    OTHER_OFFICE_NAME,
    PREFECTURE,
    RIVER,
    RIVER_CODE,
    moment,
)
from disaster_hub.rehearsal.envelope import CITY_CODES, Envelope, area, closed, kind, opened, put
from disaster_hub.rehearsal.kinds import NEW, NEW_LADDERS, Kinds
from disaster_hub.rehearsal.night import SCENES, Family, Scene

WEATHER: dict[Family, tuple[str, str, str]] = {
    "rain": ("VPWW55", "大雨", "大雨警報・注意報"),
    "landslide": ("VPWW56", "土砂", "土砂災害警報・注意報"),
    "wind": ("VPWW58", "暴風", "暴風（雪）警報・注意報"),
    "other": ("VPWW61", "その他注意報", "雷注意報"),
}
LADDERS: dict[Family, tuple[tuple[str, ...], ...]] = {
    "rain": NEW_LADDERS[:1],
    "landslide": NEW_LADDERS[1:2],
    "wind": NEW_LADDERS[2:3],
    "other": NEW_LADDERS[3:],
}
OLD_FORMATS = (
    ("VPWW53", "気象特別警報・警報・注意報", "1.1_2", 4),
    ("VPWW54", "気象警報・注意報（Ｈ２７）", "1.2_2", 7),
)
SENDING = timedelta(seconds=20)
"""From ReportDateTime to Control/DateTime."""
PUBLISHING = timedelta(seconds=6)
"""From Control/DateTime to the stamp in the address."""
WHOLE = 0.6
"""The share that arrives of a telegram that breaks off."""


@dataclass(frozen=True, slots=True)
class Telegram:
    """One file of the feed: from *at* (UTC) it is there, under *name*."""

    at: datetime
    name: str
    title: str
    updated: datetime
    office: str
    content: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Draft:
    """A telegram before it has an address; *again* is when the same bytes come a second time."""

    at: datetime
    type: str
    envelope: Envelope
    body: bytes
    again: str | None = None
    office: str = OFFICE


class _Desk:
    """What the office has said so far; a correction and a cancellation need what stood before."""

    def __init__(self) -> None:
        self.now: dict[Family, dict[str, Kinds]] = {family: {} for family in LADDERS}
        self.before: dict[Family, dict[str, Kinds]] = {family: {} for family in LADDERS}
        self.serials: dict[str, int] = {}

    def serial(self, key: str) -> str:
        """Count the telegrams of one event."""
        self.serials[key] = self.serials.get(key, 0) + 1
        return str(self.serials[key])

    def all_kinds(self, state: dict[Family, dict[str, Kinds]]) -> dict[str, Kinds]:
        """Join every hazard's kinds by area, as the old formats say them."""
        areas = {code for family in state.values() for code in family}
        return {code: tuple(k for family in state.values() for k in family.get(code, ())) for code in areas}


def telegrams(scenes: Iterable[Scene] = SCENES, until: datetime | None = None) -> list[Telegram]:
    """Write every telegram of the night up to *until*, in the order in which they appear."""
    desk = _Desk()
    drafts = [draft for scene in scenes for draft in _drafts(scene, desk)]
    drafts += [replace(d, at=moment(d.again) + PUBLISHING, again=None) for d in drafts if d.again]
    seen: dict[str, int] = {}
    found = []
    for draft in sorted(drafts, key=lambda d: d.at):
        if until is not None and draft.at > until:
            break
        stamp = f"{draft.at:%Y%m%d%H%M%S}"
        number = seen[stamp] = seen.get(stamp, -1) + 1
        name = f"{stamp}_{number}_{draft.type}_{draft.office}.xml"
        one = draft.envelope
        content = f"【{one.head_title}】{one.text}"
        found.append(Telegram(draft.at, name, one.title, one.sent_at, one.office, content, draft.body))
    return found


def _drafts(scene: Scene, desk: _Desk) -> Iterator[_Draft]:
    """Write the telegrams of one scene: one, or three where the old formats follow."""
    if scene.family == "flood":
        yield _flood(scene, desk)
    elif scene.family == "soil":
        yield _soil(scene, desk)
    elif scene.elsewhere:
        yield _elsewhere(scene)
    else:
        yield from _weather(scene, desk)


def _envelope(scene: Scene, title: str, head: str, kind_: str, version: str, late: int = 0) -> Envelope:
    """Fill in what a scene says of itself; *late* seconds after the first of its telegrams."""
    reported = moment(scene.at)
    sent = (moment(scene.sent) if scene.sent else reported) + SENDING + timedelta(seconds=late)
    return Envelope(
        title, head, kind_, version, OFFICE_NAME, reported, sent, scene.says, status=scene.status, info=scene.info
    )


def _weather(scene: Scene, desk: _Desk) -> Iterator[_Draft]:
    """Write a weather warning and its copies, and remember it where it is real and whole."""
    type_, word, head = WEATHER[scene.family]
    combined_before = desk.all_kinds(desk.now)
    before, now = _turn(scene, desk)
    title = f"気象警報・注意報（Ｒ０６）（{word}）"
    envelope = _envelope(scene, title, f"{PREFECTURE}{head}", "気象警報・注意報", "1.5_0")
    said = weather.Weather(envelope, before, now, LADDERS[scene.family], scene.ahead)
    body = weather.new_format(said)
    if scene.cut:
        body = body[: int(len(body) * WHOLE)]
    yield _Draft(envelope.sent_at + PUBLISHING, type_, envelope, body, scene.again)
    if not scene.copies:
        return
    for old, old_title, version, late in OLD_FORMATS:
        one = _envelope(scene, old_title, f"{PREFECTURE}気象警報・注意報", "気象警報・注意報", version, late)
        copy = weather.Weather(one, combined_before, desk.all_kinds(desk.now), NEW_LADDERS)
        yield _Draft(one.sent_at + PUBLISHING, old, one, weather.old_format(copy, quantities=old == "VPWW54"))


def _turn(scene: Scene, desk: _Desk) -> tuple[dict[str, Kinds], dict[str, Kinds]]:
    """Give the state before and after a scene, and move the desk on; drills move nothing."""
    family = scene.family
    now = dict(scene.state)
    if scene.status != "通常":
        return desk.now[family], now
    if scene.info == "訂正":
        desk.now[family] = now
        return desk.before[family], now
    if scene.info == "取消":
        now = desk.before[family]
    desk.before[family], desk.now[family] = desk.now[family], now
    return desk.before[family], now


def _flood(scene: Scene, desk: _Desk) -> _Draft:
    """Write a flood forecast; a test counts its own serials."""
    text = f"{scene.tag}{scene.says}"
    head = f"{RIVER}{flood.NAMES[scene.code]}"
    bare = _envelope(scene, "指定河川洪水予報", head, "指定河川洪水予報", "1.1_1")
    envelope = replace(
        bare,
        headline=f"{flood.prefix(scene.code)}{text}",
        event=RIVER_CODE,
        serial=desk.serial(f"flood {scene.status}"),
        publishers=f"架空県河川課 {OFFICE_NAME}",
    )
    body = flood.write(flood.Flood(envelope, scene.code, text))
    return _Draft(envelope.sent_at + PUBLISHING, "VXKO50", envelope, body, scene.again)


def _soil(scene: Scene, desk: _Desk) -> _Draft:
    """Write a VXWW50; its level stands in the title alone."""
    word = "レベル４土砂災害危険警報" + ("" if scene.code == "3" else "解除")
    envelope = replace(
        _envelope(scene, soil.TYPE, f"{PREFECTURE}{word}", soil.TYPE, "1.0_0"),
        event=soil.EVENT,
        serial=desk.serial("soil"),
    )
    return _Draft(envelope.sent_at + PUBLISHING, "VXWW50", envelope, soil.write(envelope, scene.code), scene.again)


def _elsewhere(scene: Scene) -> _Draft:
    """Write a telegram of the other office: level 3 for a city that nobody here watches."""
    type_, word, head = WEATHER[scene.family]
    title = f"気象警報・注意報（Ｒ０６）（{word}）"
    envelope = replace(
        _envelope(scene, title, f"架空東部{head}", "気象警報・注意報", "1.5_0"), office=OTHER_OFFICE_NAME
    )
    root, headline, body = opened(envelope)
    code = LADDERS[scene.family][0][:2][-1]
    item = put(put(headline, "Information", type=weather.BLOCK.format(weather.LOWER)), "Item")
    kind(item, NEW[code], code)
    area(put(item, "Areas", codeType=CITY_CODES), "ひがし市", "9940100")
    item = put(put(body, "Warning", type=weather.BLOCK.format(weather.LOWER)), "Item")
    put(kind(item, NEW[code], code), "Status", "発表")
    area(item, "ひがし市", "9940100")
    return _Draft(envelope.sent_at + PUBLISHING, type_, envelope, closed(root), office=OTHER_OFFICE)
