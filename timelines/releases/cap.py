"""CAP 1.2: the message for other people's programs, in the element order of its schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

from disaster_hub.terms.alert import Alert, AlertKind
from disaster_hub.terms.clock import local
from disaster_hub.terms.decision import is_drawn
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.release import Form, Part, Release
from disaster_hub.terms.world import WorldKind
from timelines.phrases import LANGUAGES
from timelines.releases.info import Info, infos
from timelines.releases.outline import outlines
from timelines.releases.words import ABOUT, Matter, Town, handle, width

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA = "application/cap+xml"
TAGS = {one: one for one in LANGUAGES} | {"ja-easy": "ja-x-easy", "pt": "pt-BR"}
ORDER_LIFE = timedelta(hours=24)
"""An order stands until it is lifted; a CAP message must end, and this is when a program stops showing it."""
STATUS = {WorldKind.REAL: "Actual", WorldKind.DRILL: "Exercise", WorldKind.REPLAY: "Exercise"}
"""By the world alone, and without a default: a world that is not here is a KeyError and no message."""
CATEGORY = {
    Hazard.FLOOD: "Met", Hazard.LANDSLIDE: "Geo", Hazard.SURGE: "Met", Hazard.TSUNAMI: "Geo", Hazard.INLAND: "Met",
}  # fmt: skip
BY_LEVEL = {
    5: ("Shelter", "Immediate", "Extreme", "Observed"),
    4: ("Evacuate", "Immediate", "Severe", "Likely"),
    3: ("Prepare", "Expected", "Severe", "Likely"),
    2: ("Monitor", "Future", "Moderate", "Possible"),
}
OVER = ("AllClear", "Past", "Minor", "Observed")
WRONG = ("None", "Past", "Minor", "Unlikely")
PLAIN = ("Monitor", "Future", "Minor", "Possible")


@dataclass(frozen=True, slots=True)
class Again:
    """The same message once more, because an order outlasts what a CAP message may."""

    number: int
    at: datetime


def expires(alert: Alert, again: Again | None = None) -> datetime:
    """Say until when a program shows it."""
    if again is not None:
        return again.at + ORDER_LIFE
    holds = alert.kind in {AlertKind.ORDER, AlertKind.UPDATE} and alert.level is not None and not alert.rule
    return max(alert.expires_at, alert.decided_at + ORDER_LIFE) if holds else alert.expires_at


def reference(alert: Alert, town: Town, again: Again | None = None) -> str:
    """Write the three words by which a later message names this one."""
    return f"{town.sender},{_name(alert, again)},{local(_sent(alert, again))}"


def write(
    matter: Matter, town: Town, languages: Sequence[str], references: Sequence[str] = (), again: Again | None = None
) -> Release:
    """Write the message; *references* are those of every message of the chain that has not expired yet."""
    alert = matter.alert
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _add(root, "identifier", _name(alert, again))
    _add(root, "sender", town.sender)
    _add(root, "sent", local(_sent(alert, again)))
    _add(root, "status", STATUS[alert.world])
    _add(root, "msgType", _type(matter, references))
    _add(root, "source", alert.issuer)
    _add(root, "scope", "Public")
    if alert.world is not WorldKind.REAL:
        _add(root, "note", "【訓練】これは訓練です。 This is an exercise.")
    if references:
        _add(root, "references", " ".join(dict.fromkeys(references)))
    shape = alert.audience.shape
    if shape is None and matter.before is not None:
        shape = matter.before.audience.shape
    rings = outlines(shape)
    said = infos(matter, town, languages)
    for one in said:
        _info(root, one, matter, town, rings, again)
    etree.indent(root)
    text = etree.tostring(root, encoding="unicode")
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
    parts = (Part("headline", said[0].headline, None, width(said[0].headline)),)
    return Release(
        alert.id, Form.CAP, _sent(alert, again), parts, "cap.xml", content, MEDIA,
        reference=reference(alert, town, again), valid_until=expires(alert, again),
    )  # fmt: skip


def _name(alert: Alert, again: Again | None) -> str:
    return handle(alert.id) if again is None else f"{handle(alert.id)}-r{again.number}"


def _sent(alert: Alert, again: Again | None) -> datetime:
    return alert.decided_at if again is None else again.at


def _type(matter: Matter, references: Sequence[str]) -> str:
    """Say what it does to earlier messages; where none is left to speak of, it stands alone."""
    if not references:
        return "Alert"
    return "Cancel" if matter.kind is AlertKind.CANCEL else "Update"


def _info(
    root: etree._Element, said: Info, matter: Matter, town: Town, rings: Sequence[str], again: Again | None
) -> None:
    alert = matter.alert
    info = _add(root, "info")
    response, urgency, severity, certainty = _weight(matter)
    _add(info, "language", TAGS[said.language])
    for category in _categories(matter):
        _add(info, "category", category)
    _add(info, "event", said.event)
    _add(info, "responseType", response)
    if matter.level == 3 and response == "Prepare":
        _add(info, "responseType", "Evacuate")
    _add(info, "urgency", urgency)
    _add(info, "severity", severity)
    _add(info, "certainty", certainty)
    _pair(info, "eventCode", "disaster-hub", alert.kind.value)
    _add(info, "effective", local(_sent(alert, again)))
    _add(info, "expires", local(expires(alert, again)))
    _add(info, "senderName", town.name)
    _add(info, "headline", said.headline)
    _add(info, "description", said.description)
    _add(info, "instruction", said.instruction)
    if town.address:
        _add(info, "web", f"{town.address}/alerts")
    if matter.level and response not in {OVER[0], WRONG[0]}:
        _pair(info, "parameter", "警戒レベル", str(matter.level))
        _pair(info, "parameter", "JP:CautionLevel", str(matter.level))
        _pair(info, "parameter", "JP:Issued", "municipal order" if matter.orders else "equivalent")
    area = _add(info, "area")
    _add(area, "areaDesc", matter.area or town.name)
    for ring in rings:
        _add(area, "polygon", ring)
    _pair(area, "geocode", "JISX0402", town.code[:5])
    _pair(area, "geocode", "JMA:Municipality", town.code)
    for code in alert.areas:
        if code != town.code and not is_drawn(code):
            _pair(area, "geocode", "disaster-hub:area", code)


def _weight(matter: Matter) -> tuple[str, str, str, str]:
    """Give response, urgency, severity and certainty; nothing is `Unknown`."""
    if matter.kind is AlertKind.CANCEL:
        return WRONG
    if matter.kind in ABOUT - {AlertKind.UPDATE}:
        return OVER
    return BY_LEVEL.get(matter.level or 0, PLAIN)


def _categories(matter: Matter) -> Iterable[str]:
    hazard = matter.alert.hazard or (matter.before.hazard if matter.before is not None else None)
    return ("Safety",) if hazard is None else (CATEGORY[hazard], "Safety")


def _pair(above: etree._Element, name: str, key: str, value: str) -> None:
    pair = _add(above, name)
    _add(pair, "valueName", key)
    _add(pair, "value", value)


def _add(above: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """Add an element; what XML cannot hold becomes a space."""
    made = etree.SubElement(above, f"{{{NAMESPACE}}}{name}")
    if text is not None:
        made.text = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return made
