"""A small hub for the tests of the jobs: a store, a configuration, telegrams and feeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from disaster_hub.config import Area, City, Config, Feed, Mqtt, Outgoing, Portal, River, Staff
from disaster_hub.terms.clock import JAPAN, zulu
from disaster_hub.terms.world import World, WorldKind
from tests.rules.said import CITY, NEIGHBOUR, OFFICE, RIVER, at

REPLAY = World(WorldKind.REPLAY, "試しの夜")
REAL = World(WorldKind.REAL, "試しの市")
JMX = "http://xml.kishou.go.jp/jmaxml1"
TITLES = {
    "VPWW53": "気象特別警報・警報・注意報", "VPWW55": "気象警報・注意報（Ｒ０６）（大雨）",
    "VPWW56": "気象警報・注意報（Ｒ０６）（土砂）", "VPHW51": "竜巻注意情報（目撃情報付き）",
}  # fmt: skip
NAMES = {
    "10": "レベル２大雨注意報",
    "03": "レベル３大雨警報",
    "43": "レベル４大雨危険警報",
    "49": "レベル４土砂災害危険警報",
}


def config(store: str, world: World = REPLAY, feeds: Iterable[Feed] = (), **more: Any) -> Config:
    city = City("みなも市", "Minamo", CITY, "990000", 139.3, 38.9, 11, ZoneInfo("Asia/Tokyo"))
    mqtt = Mqtt(True, "127.0.0.1", 1883, None, None, False, None, None, None, "hub", None, True, ())
    portal = Portal("127.0.0.1", 8000, None, None, 0, 60, None, "")
    fields: dict[str, Any] = {
        "store": store, "world": world, "city": city, "areas": (Area(NEIGHBOUR, "たにかわ市", "Tanikawa"),),
        "rivers": (River(RIVER, "みなも川", "Minamo River"),), "feeds": tuple(feeds), "gauges": (), "sensors": (),
        "mqtt": mqtt, "portal": portal, "outgoing": Outgoing(None, None, 2, 1_000_000),
        "staff": (Staff("console", "当直"),), "keep_raw_days": 30, "judge_every_s": 1,
    } | more  # fmt: skip
    return Config(**fields)


@dataclass(frozen=True)
class Telegram:
    """One weather telegram as JMA would write it, about as few areas as the test needs."""

    kind: str
    minutes: float
    codes: tuple[str, ...] = ()
    area: str = CITY
    status: str = "通常"
    info: str = "発表"
    sent: float | None = None
    office: str = "990000"
    number: int = 0

    @property
    def sent_at(self) -> datetime:
        return at(self.minutes if self.sent is None else self.sent)

    @property
    def path(self) -> str:
        return f"/data/{self.sent_at:%Y%m%d%H%M%S}_{self.number}_{self.kind}_{self.office}.xml"

    @property
    def xml(self) -> bytes:
        kinds = "".join(
            f"<Kind><Name>{NAMES.get(c, 'その他')}</Name><Code>{c}</Code><Status>発表</Status></Kind>"
            for c in self.codes
        )
        kinds = kinds or "<Kind><Status>発表警報・注意報はなし</Status></Kind>"
        item = f"<Item>{kinds}<Area><Name>みなも市</Name><Code>{self.area}</Code></Area></Item>"
        block = f'<Warning type="気象警報・注意報（市町村等）">{item}</Warning>'
        body = "<Text>取り消します。</Text>" if self.info == "取消" else block
        reported = at(self.minutes).astimezone(JAPAN).isoformat()
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><Report xmlns="{JMX}/"><Control><Title>{TITLES[self.kind]}</Title>'
            f"<DateTime>{zulu(self.sent_at)}</DateTime><Status>{self.status}</Status>"
            f"<EditorialOffice>{OFFICE}</EditorialOffice></Control>"
            f'<Head xmlns="{JMX}/informationBasis1/"><Title>架空県の情報</Title><ReportDateTime>{reported}</ReportDateTime>'
            f"<EventID></EventID><InfoType>{self.info}</InfoType><Serial></Serial>"
            f"<Headline><Text></Text></Headline></Head>"
            f'<Body xmlns="{JMX}/body/meteorology1/">{body}</Body></Report>'
        ).encode()


def atom(base: str, telegrams: Iterable[Telegram]) -> bytes:
    entries = "".join(
        f"<entry><title>{TITLES[t.kind]}</title><id>{escape(base + t.path)}</id>"
        f"<updated>{zulu(t.sent_at)}</updated><author><name>{OFFICE}</name></author></entry>"
        for t in telegrams
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>随時</title><updated>{zulu(at(0))}</updated>{entries}</feed>'.encode()


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'hub.gpkg'}"
