"""Telegrams of the JMA: the envelope of every type, the body of those that are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lxml import etree

from disaster_hub.terms.bulletin import AreaWarning, Bulletin, InfoType, RiverWarning, Status
from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Findings, Kind
from disaster_hub.terms.observation import Observation, Station
from sensors.feeds import floods, warnings
from sensors.feeds.codes import TITLES
from sensors.feeds.xml import HEAD, JMX, METEOROLOGY, parse, words

STATUSES = {"通常": Status.ACTUAL, "訓練": Status.EXERCISE, "試験": Status.TEST}
INFO_TYPES = {
    "発表": InfoType.ISSUE,
    "訂正": InfoType.CORRECTION,
    "遅延": InfoType.DELAY,
    "取消": InfoType.CANCEL,
}
Series = tuple[tuple[Station, tuple[Observation, ...]], ...]


def read(body: bytes) -> Findings:
    """Read a telegram; what cannot be understood stands in `problems`, and nothing is guessed."""
    try:
        root = parse(body)
    except BadInput as fault:
        return Findings(None, problems=(str(fault),))
    if root.tag != f"{JMX}Report":
        return Findings(None, problems=(f"{etree.QName(root).localname}: not a telegram of the JMA",))
    return read_root(root)


def read_root(root: etree._Element) -> Findings:
    """Read a parsed telegram."""
    problems: list[str] = []
    control, head = root.find(f"{JMX}Control"), root.find(f"{HEAD}Head")
    if control is None or head is None:
        missing = "Control" if control is None else "Head"
        return Findings(Kind.TELEGRAM, problems=(f"{missing}: missing",))
    said, fields = _texts(control, JMX), _texts(head, HEAD)
    title = said.get("Title") or None
    try:
        envelope = _envelope(said, fields, head, problems)
    except BadInput as fault:
        return Findings(Kind.TELEGRAM, title=title, problems=(*problems, str(fault)))
    return _with_body(root, head, envelope, problems)


def _texts(element: etree._Element, space: str) -> dict[str, str]:
    """Give the texts of an element's children by local name, for those of the namespace *space*."""
    cut = len(space)
    return {tag[cut:]: (child.text or "").strip() for child in element if (tag := child.tag).startswith(space)}


def _envelope(said: dict[str, str], fields: dict[str, str], head: etree._Element, problems: list[str]) -> Bulletin:
    """Read Control and Head; a status nobody knows refuses the telegram: it could be a drill."""
    status, info_type = STATUSES.get(said.get("Status", "")), INFO_TYPES.get(fields.get("InfoType", ""))
    if status is None:
        raise BadInput(f"Control/Status: {said.get('Status', '')!r} is not known")
    if info_type is None:
        raise BadInput(f"Head/InfoType: {fields.get('InfoType', '')!r} is not known")
    return Bulletin(
        type=TITLES.get(said.get("Title", "")),
        title=said.get("Title", ""),
        status=status,
        info_type=info_type,
        office=said.get("EditorialOffice", ""),
        reported_at=_time("Head/ReportDateTime", fields.get("ReportDateTime", "")),
        sent_at=_time("Control/DateTime", said.get("DateTime", "")),
        event_id=fields.get("EventID") or None,
        serial=fields.get("Serial") or None,
        headline=words(head.find(f"{HEAD}Headline/{HEAD}Text")),
        head_title=fields.get("Title", ""),
        valid_until=_optional_time(fields.get("ValidDateTime", ""), problems),
    )


def _time(where: str, text: str) -> datetime:
    try:
        return aware(text)
    except BadInput as fault:
        raise BadInput(f"{where}: {fault}") from None


def _optional_time(text: str, problems: list[str]) -> datetime | None:
    if not text:
        return None
    try:
        return aware(text)
    except BadInput as fault:
        problems.append(f"Head/ValidDateTime: {fault}")
        return None


def _with_body(root: etree._Element, head: etree._Element, envelope: Bulletin, problems: list[str]) -> Findings:
    """Read the body where its type is known here; a withdrawal says nothing but that it withdraws."""
    body = root.find(f"{METEOROLOGY}Body")
    title = envelope.title
    found_warnings: tuple[AreaWarning, ...] = ()
    found_rivers: tuple[RiverWarning, ...] = ()
    gauges: Series = ()
    if envelope.type is None:
        problems.append(f"Body: telegrams of the type {title!r} are not read yet")
    elif envelope.info_type is InfoType.CANCEL:
        if envelope.type == "VXKO":
            found_rivers = floods.rivers(head, [])
    elif body is None:
        problems.append("Body: missing")
    elif envelope.type == "VXKO":
        found_rivers = floods.rivers(head, problems)
        areas = {river.area for river in found_rivers}
        river = areas.pop() if len(areas) == 1 else None
        gauges = floods.gauges(body, river, envelope.reported_at, problems).series
    elif envelope.type == "VXWW50":
        found_warnings = warnings.landslide(body, problems)
    else:
        found_warnings = warnings.municipal(body, envelope.type, problems)
    return Findings(
        Kind.TELEGRAM,
        title=title or None,
        bulletin=replace(envelope, warnings=found_warnings, rivers=found_rivers),
        stations=tuple(station for station, _ in gauges),
        observations=tuple(seen for _, values in gauges for seen in values),
        series=gauges,
        problems=tuple(problems),
    )
