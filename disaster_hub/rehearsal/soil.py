"""Writing VXWW50, the supplement to a landslide warning of level 4: code 3 is 警戒, 1 解除, 0 なし."""

from __future__ import annotations

from typing import Any

from disaster_hub.rehearsal.city import MINAMO, MUNICIPALITIES, OFFICE, PREFECTURE
from disaster_hub.rehearsal.envelope import CITY_CODES, Envelope, area, closed, kind, opened, put

TYPE = "土砂災害警戒情報"
EVENT = f"{PREFECTURE}{TYPE}"
NAMES = {"3": "警戒", "1": "解除", "0": "なし"}
STATUS = {"3": "発表", "1": "解除", "0": "なし"}


def write(envelope: Envelope, code: str) -> bytes:
    """Write one VXWW50 that says *code* for みなも市 and なし for everyone else."""
    root, headline, body = opened(envelope)
    item = put(put(headline, "Information", type=TYPE), "Item")
    kind(item, NAMES[code], code, STATUS[code])
    area(put(item, "Areas", codeType=CITY_CODES), MINAMO.name, MINAMO.area)
    target = put(body, "TargetArea")
    put(target, "Name", PREFECTURE)
    put(target, "Code", OFFICE)
    warning = put(body, "Warning", type=TYPE)
    for one in MUNICIPALITIES:
        _item(warning, one.name, one.area, code if one is MINAMO else "0")
    info = put(body, "OfficeInfo")
    for role, name in (("都道府県", "架空県砂防課"), ("気象庁", envelope.office.split()[-1])):
        office = put(info, "Office", type=role)
        put(office, "Name", name)
        put(office, "ContactInfo", f"{name}（架空）")
    return closed(root)


def _item(warning: Any, name: str, code: str, what: str) -> None:
    """Append one municipality."""
    item = put(warning, "Item")
    put(kind(item, NAMES[what], what), "Status", STATUS[what])
    area(item, name, code)
