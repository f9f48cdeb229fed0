"""A hamlet for the resident's pages: a grid of streets, a river's zone in the south, shelters in the north."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from shapely import LineString, Point, box

from disaster_hub.config import Config, Keys, Mail
from disaster_hub.config_outside import Gateway, Line, LineBot, Push
from disaster_hub.portal.app import create_app
from disaster_hub.rehearsal.twins.linebot import SECRET, TOKEN
from disaster_hub.rehearsal.twins.linelogin import CHANNEL
from disaster_hub.rehearsal.twins.smsgateway import SECRET as GATEWAY_SECRET
from disaster_hub.store import journal, places
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.place import Feature, LonLat, Plane
from disaster_hub.terms.world import World
from tests.portal import town

MIDDLE = LonLat(town.LON, town.LAT)
PLANE = Plane(MIDDLE)
SIDE, STEP_M = 13, 100
NOWHERE = "http://127.0.0.1:9"
HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>",
    "\u202eabc\u202c שלום مرحبا",
    "{{ 7 * 7 }} %s {0} \\x00 ';DROP TABLE household;--",
    "あ" * 5000,
)


def at(east: float, north: float) -> LonLat:
    return PLANE.lonlat(east, north)


def _point(spot: LonLat) -> Point:
    return Point(spot.lon, spot.lat)


def roads() -> Iterator[Feature]:
    half = SIDE // 2
    for row in range(SIDE):
        for column in range(SIDE):
            here = (column - half) * STEP_M, (row - half) * STEP_M
            for way, (dx, dy) in enumerate(((1, 0), (0, 1))):
                if column + dx >= SIDE or row + dy >= SIDE:
                    continue
                there = here[0] + dx * STEP_M, here[1] + dy * STEP_M
                a, b = at(*here), at(*there)
                number = row * SIDE + column
                name = f"{row + 1}番通り" if way == 0 else f"{column + 1}筋"
                yield Feature("roads", f"{number}/{way}", LineString([(a.lon, a.lat), (b.lon, b.lat)]), {
                    "way": number, "segment": way, "from_node": number, "to_node": number + (1 if way == 0 else SIDE),
                    "highway": "residential", "name": name, "oneway": "no", "length_m": float(STEP_M),
                })  # fmt: skip


def zones() -> Iterator[Feature]:
    low, high = at(-700, -700), at(700, 50)
    yield Feature("hazards", "wet", box(low.lon, low.lat, high.lon, high.lat), {
        "hazard": "flood", "scale": "maximum", "rank": 2, "rank_kind": "depth", "river": "みなも川",
        "low_m": 0.5, "high_m": 3.0,
    })  # fmt: skip
    yield Feature("hazards", "slide", _point(at(600, 600)).buffer(0.0005), {
        "hazard": "landslide", "rank": 1, "rank_kind": "landslide", "phenomenon": "土石流", "zone": "警戒区域",
    })  # fmt: skip


def shelters() -> Iterator[Feature]:
    right = {"flood": True, "landslide": True}
    for number, (name, east, north, flags) in enumerate((
        ("北小学校", -200, 400, right),
        ("北公民館", 300, 350, right),
        ("南集会所", 100, -300, {"flood": False, "landslide": True}),
    )):  # fmt: skip
        columns = {"name": name, "designation": "emergency", "address": "架空県みなも市", "city": "みなも市", **flags}
        yield Feature("shelters", f"E992010000{number}", _point(at(east, north)), columns)


def addresses() -> Iterator[Feature]:
    for number, (name, kana, koaza) in enumerate((
        ("朝日町", "アサヒマチ", "一丁目"), ("朝日町", "アサヒマチ", "二丁目"), ("桜台", "サクラダイ", ""),
    )):  # fmt: skip
        columns = {"pref": "架空県", "city": "みなも市", "town": name, "koaza": koaza, "town_kana": kana}
        yield Feature("addresses", f"a{number}", _point(at(-100 + 90 * number, -120)), columns)


def make_store(config: Config, *, bare: bool = False) -> Store:
    """Make the hamlet's store; *bare* has addresses and nothing else."""
    store = prepare(config.store, config.world)
    layers = {"addresses": addresses()}
    if not bare:
        layers |= {"roads": roads(), "hazards": zones(), "shelters": shelters()}
    with store.write() as tx:
        for layer, features in layers.items():
            places.replace(tx, layer, f"hamlet:{layer}", features)
        journal.add(tx, JournalEntry(town.NOW, "dataset_loaded", "load", "hamlet"))
    return store


def config_for(
    folder: Path, world: World = town.DRILL, *, port: int = 0, mail: int = 2525, line: str = "", bot: str = NOWHERE,
    gateway: str = NOWHERE,
) -> Config:  # fmt: skip
    config = town.config_for(folder, world, port=port)
    return replace(
        config,
        keys=Keys(folder / "keys"),
        push=Push("mailto:bousai@example.jp"),
        mail=Mail("127.0.0.1", "bousai@example.jp", port=mail, security="none"),
        line=Line(CHANNEL, f"{CHANNEL}-abcdefgh", api=line) if line else None,
        line_bot=LineBot(TOKEN, SECRET, bot),
        gateways=tuple(Gateway(f"{gateway}/{kind}", kind, secret=GATEWAY_SECRET) for kind in ("sms", "voice")),
    )


@dataclass
class Hamlet:
    """The hamlet's portal in this process, with a clock that the test turns."""

    config: Config
    store: Store
    app: Flask
    wall: list[Any]

    def phone(self) -> Phone:
        """Give a new phone, which nobody knows yet."""
        return Phone(self.app.test_client())

    def later(self, **time: float) -> None:
        """Let time pass."""
        self.wall[0] += timedelta(**time)


@contextmanager
def hamlet_of(folder: Path, **settings: Any) -> Iterator[Hamlet]:
    bare = settings.pop("bare", False)
    config = config_for(folder, **settings)
    store = make_store(config, bare=bare)
    wall = [town.NOW]
    app = create_app(config, store, wall=lambda: wall[0])
    app.config["WTF_CSRF_ENABLED"] = False
    yield Hamlet(config, store, app, wall)
    store.close()


@dataclass
class Phone:
    """One phone: a browser without JavaScript."""

    client: FlaskClient

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **form: Any) -> Any:
        return self.client.post(path, data=form)

    def begin(self) -> None:
        """Answer the first two questions: the address and the pin."""
        assert self.post("/my/begin", **{"for": "self"}).status_code == 303
        assert self.post("/my/1", block="a0").headers["Location"].endswith("/my/2")
        assert self.post("/my/2", go="next").headers["Location"].endswith("/my/3")

    def walk(self, helper: str = "", own: str = "") -> None:
        """Answer all eight questions with what is offered first."""
        self.begin()
        self.post("/my/3", storeys="2", floor="1", structure="wood", go="next")
        self.post("/my/4/who", people="2", needs=["elder", "pet"], go="next")
        self.post("/my/4/pace", ten="B", go="next")
        self.post("/my/4/way", mode="foot", go="next")
        self.post("/my/4/ready", prepare="20", endure="72", go="next")
        self.post("/my/5", first="shelter:E9920100000", second="shelter:E9920100001", go="next")
        for level in "1234":
            self.post(f"/my/6/{level}", own=own, go="next")
        answer = self.post("/my/7", has_helper="yes" if helper else "no", helper=helper, go="next")
        assert answer.headers["Location"].endswith("/my/8"), answer.get_data(as_text=True)
