"""The envelope of a telegram of the JMA's disaster information XML: Control, Head, an empty Body, the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from disaster_hub.rehearsal.city import EXERCISE
from disaster_hub.terms.clock import local, zulu

JMX = "http://xml.kishou.go.jp/jmaxml1/"
IB = f"{JMX}informationBasis1/"
METE = f"{JMX}body/meteorology1/"
EB = f"{JMX}elementBasis1/"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
REGION_CODES = "気象情報／府県予報区・細分区域等"
CITY_CODES = "気象・地震・火山情報／市町村等"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every telegram says of itself, in the words of the format; *headline* without the made-up notice."""

    title: str
    head_title: str
    kind: str
    version: str
    office: str
    reported_at: datetime
    sent_at: datetime
    headline: str
    status: str = "通常"
    info: str = "発表"
    event: str = ""
    serial: str = ""
    publishers: str = ""

    @property
    def text(self) -> str:
        """Give the headline as it is written: it says in plain words that nothing of this is real."""
        mark = "" if self.status == "通常" else f"【{self.status}】"
        return f"{mark}【{EXERCISE}】{self.headline}"


def put(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    """Append an element in the namespace of its parent, or in elementBasis1 where *name* begins with `eb:`."""
    space = EB if name.startswith("eb:") else etree.QName(parent).namespace
    element = etree.SubElement(parent, f"{{{space}}}{name.removeprefix('eb:')}", attributes)
    element.text = text
    return element


def area(parent: Any, name: str, code: str) -> Any:
    """Append Area with its Name and Code."""
    element = put(parent, "Area")
    put(element, "Name", name)
    put(element, "Code", code)
    return element


def kind(parent: Any, name: str, code: str, condition: str | None = None, *, called: str = "Kind") -> Any:
    """Append Kind (or LastKind) with Name, Code and, where there is one, Condition."""
    element = put(parent, called)
    put(element, "Name", name)
    put(element, "Code", code)
    if condition is not None:
        put(element, "Condition", condition)
    return element


def opened(envelope: Envelope) -> tuple[Any, Any, Any]:
    """Begin a telegram: give its root, its Headline to append Information to, and its empty Body."""
    root = etree.Element(f"{{{JMX}}}Report", nsmap={None: JMX, "jmx": JMX})
    control = put(root, "Control")
    put(control, "Title", envelope.title)
    put(control, "DateTime", zulu(envelope.sent_at))
    put(control, "Status", envelope.status)
    put(control, "EditorialOffice", envelope.office)
    put(control, "PublishingOffice", envelope.publishers or envelope.office)
    head = etree.SubElement(root, f"{{{IB}}}Head", nsmap={None: IB})
    reported = local(envelope.reported_at)
    for name, text in (
        ("Title", envelope.head_title), ("ReportDateTime", reported), ("TargetDateTime", reported),
        ("EventID", envelope.event or None), ("InfoType", envelope.info), ("Serial", envelope.serial or None),
        ("InfoKind", envelope.kind), ("InfoKindVersion", envelope.version),
    ):  # fmt: skip
        put(head, name, text)
    headline = put(head, "Headline")
    put(headline, "Text", envelope.text)
    body = etree.SubElement(root, f"{{{METE}}}Body", nsmap={None: METE, "jmx_eb": EB})
    return root, headline, body


def closed(root: Any) -> bytes:
    """Give the finished telegram as UTF-8 bytes."""
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))
