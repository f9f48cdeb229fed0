"""Areas that an officer draws: counted, named, approved, in force, lifted; and groups that a message is narrowed to."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
import shapely
from flask.testing import FlaskClient
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from disaster_hub.alerts import city_word, lapsed
from disaster_hub.store import decisions, drawn_areas, leader_areas, places, releases, spreading
from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.decision import DecisionState
from disaster_hub.terms.household import Need
from disaster_hub.terms.place import Feature
from disaster_hub.terms.release import Form
from tests.portal import town
from tests.portal.composed import act, composed, draft, form, furnish, live, sent, wrong
from tests.portal.conftest import Site
from tests.portal.staff import signed_in, token

W, S = town.LON, town.LAT
NORTH = ((S + 0.008, W + 0.0088), (S + 0.008, W + 0.0105), (S + 0.012, W + 0.0105), (S + 0.012, W + 0.0088))
"""Around the three homes of 北部."""
BOTH = ((S + 0.008, W + 0.0088), (S + 0.008, W + 0.03), (S + 0.012, W + 0.03), (S + 0.012, W + 0.0088))
"""Across 北部 and 東部: five homes."""
INSIDE = box(W + 0.0088, S + 0.008, W + 0.0105, S + 0.012)
NAME = "橋の下流"
MINUTE = timedelta(minutes=1)


@pytest.fixture(name="three")
def a_site_of_three_areas(site: Site) -> Site:
    furnish(site.store, site.config)
    return site


def officer(site: Site, name: str) -> FlaskClient:
    """Give the browser of an officer, signed in once."""
    known = site.app.extensions.setdefault("officers of this test", {})
    if name not in known:
        known[name] = signed_in(site, name)
    return known[name]


def same(one: BaseGeometry, other: BaseGeometry) -> bool:
    return bool(shapely.equals_exact(one.normalize(), other.normalize(), 1e-6))


def corners(points: tuple[tuple[float, float], ...]) -> str:
    return "\n".join(f"{lat:.6f}, {lon:.6f}" for lat, lon in points)


def drawn(points: tuple[tuple[float, float], ...] = NORTH, **said: str) -> dict:
    """Give the form with an area that was drawn alone."""
    return {"areas": [], "corners": corners(points), "drawn_name": NAME} | said


def looked(site: Site, **said) -> str:
    author = officer(site, "author")
    asked = form(author) | {"do": "look"} | said
    return author.post("/hq/compose", data=asked, headers={"X-Part": "1"}).get_data(as_text=True)


def approved(site: Site, *, typed: str = NAME, **said) -> str:
    author, approver = officer(site, "author"), officer(site, "approver")
    identity = composed(author, **said)
    answer = act(approver, identity, "approve", "approve", typed=typed)
    assert answer.status_code == 303, wrong(answer)
    return identity


def refused(site: Site, **said) -> str:
    author = officer(site, "author")
    answer = author.post("/hq/compose", data=form(author) | said)
    assert answer.status_code == 400
    return wrong(answer)


def test_a_drawn_area_is_counted_at_once_even_before_it_has_a_name(three: Site) -> None:
    page = looked(three, **drawn(BOTH, drawn_name=""))
    assert '<strong class="big">5</strong>世帯 <strong>10</strong>人' in page
    assert "名前を付けてください" in page
    named = looked(three, **drawn())
    assert '<strong class="big">3</strong>世帯' in named
    assert NAME in named
    assert "描いた区域と重なる区域" in named
    assert "北部" in named


def test_it_is_approved_by_the_name_that_its_author_gave_and_goes_to_the_homes_inside(three: Site) -> None:
    author, approver = officer(three, "author"), officer(three, "approver")
    identity = composed(author, **drawn())
    page = approver.get(f"/hq/compose/{identity}").get_data(as_text=True)
    assert f"「{NAME}」4角" in page
    shapes = approver.get(f"/hq/compose/areas.geojson?draft={identity}").get_json()["features"]
    mine = next(one for one in shapes if one["properties"]["drawn"])
    assert mine["properties"]["name"] == NAME
    assert same(shape(mine["geometry"]), INSIDE)
    assert act(approver, identity, "approve", "approve", typed="北部").status_code == 400
    assert act(approver, identity, "approve", "approve", typed=NAME).status_code == 303
    (alert,) = sent(three)
    code = f"drawn-{identity}"
    assert (alert.areas, alert.area_name, alert.level) == ((code,), NAME, 4)
    assert alert.audience.shape is not None
    assert same(alert.audience.shape, INSIDE)
    assert [(d.area, d.area_name, d.order) for d in live(three)] == [(code, NAME, 4)]


def test_cap_carries_the_polygon_and_no_list_speaks_of_a_code_that_nobody_knows(three: Site) -> None:
    identity = approved(three, **drawn())
    with three.store.read() as tx:
        kept = {one.form: one for one in releases.of_alert(tx, draft(three, identity).alert)}
    cap = kept[Form.CAP].content
    rings = re.findall(r"<polygon>([^<]+)</polygon>", cap)
    assert rings
    points = [tuple(map(float, one.split(","))) for one in rings[0].split()]
    ring = shapely.Polygon([(lon, lat) for lat, lon in points])
    assert ring.covers(INSIDE)
    assert not ring.covers(shapely.Point(W + 0.03, S + 0.01)), "nobody in the next area is meant"
    assert f"<areaDesc>{NAME}</areaDesc>" in cap
    assert "drawn-" not in cap.replace(kept[Form.CAP].alert, "")
    rows = dict(csv.reader(io.StringIO(kept[Form.LALERT].content.lstrip("\ufeff"))))
    assert rows["対象地区名"].endswith(NAME)
    assert rows["対象地区コード"] == ""
    assert "地図で示した範囲" in rows["対象地区の範囲"]


def test_named_areas_and_a_drawn_one_go_in_one_draft(three: Site) -> None:
    identity = composed(officer(three, "author"), **drawn(areas=["A3"]))
    assert draft(three, identity).area_name == f"南部・{NAME}"
    assert draft(three, identity).areas == ("A3", f"drawn-{identity}")


def test_what_cannot_be_an_area_is_refused_and_stays_in_the_form(three: Site) -> None:
    author = officer(three, "author")
    crossed = (NORTH[0], NORTH[2], NORTH[1], NORTH[3])
    for typed, word in ((drawn(crossed), "線が交わっています"), (drawn(drawn_name="北部"), "別の名前")):
        answer = author.post("/hq/compose", data=form(author) | typed)
        assert answer.status_code == 400
        assert word in wrong(answer)
        page = answer.get_data(as_text=True)
        assert f">{typed['corners']}</textarea>" in page
        assert f'value="{typed["drawn_name"]}"' in page
    assert "発令中の避難情報はありません" in refused(three, **drawn(kind="lift"))


def test_a_wish_without_any_ground_is_refused(three: Site) -> None:
    assert "区域を一つ以上選ぶか、地図に描いてください" in refused(three, areas=[], drawn_name=NAME)


def test_it_is_lifted_like_any_area_and_raised_under_its_name(three: Site) -> None:
    first = approved(three, kind="3", **drawn())
    code = f"drawn-{first}"
    author = officer(three, "author")
    page = author.get("/hq/compose").get_data(as_text=True)
    assert f'value="{code}"' in page, "an order stands there: it can be chosen by its name"
    three.wall[0] += MINUTE
    approved(three, areas=[code], kind="4")
    assert [(d.area, d.order) for d in live(three)] == [(code, 4)]
    three.wall[0] += MINUTE
    approved(three, areas=[code], kind="lift")
    assert live(three) == []
    with three.store.read() as tx:
        assert drawn_areas.standing(tx) == {}
    assert sent(three)[0].kind is AlertKind.LIFT
    assert f'value="{code}"' not in author.get("/hq/compose").get_data(as_text=True)


def test_no_home_is_told_less_than_what_stands_over_it(three: Site) -> None:
    """A drawn area lies across others: an end, or a lower order, would contradict what those people were told."""
    approved(three, typed="北部", kind="4")
    three.wall[0] += MINUTE
    assert "重なっている区域 「北部」（避難指示）" in refused(three, kind="3", **drawn(BOTH))
    assert "もう発令されています" in refused(three, kind="4", **drawn(NORTH))
    part = approved(three, kind="5", **drawn(NORTH))
    three.wall[0] += MINUTE
    assert f"「{NAME}」（緊急安全確保）" in refused(three, areas=["A1"], kind="lift")
    assert "「北部」（避難指示）" in refused(three, areas=[f"drawn-{part}"], kind="lift")
    approved(three, typed=f"北部{NAME}", areas=["A1", f"drawn-{part}"], kind="lift")
    assert live(three) == []


def test_the_check_is_made_again_when_it_is_approved(three: Site) -> None:
    author, approver = officer(three, "author"), officer(three, "approver")
    waits = composed(author, kind="3", **drawn(BOTH))
    approved(three, typed="北部", kind="4")
    answer = act(approver, waits, "approve", "approve", typed=NAME)
    assert answer.status_code == 400
    assert "重なっている区域" in wrong(answer)
    assert [d.order for d in live(three)] == [4]


def test_who_lies_in_a_part_that_ended_is_no_longer_meant(three: Site) -> None:
    first = approved(three, typed=f"東部{NAME}", **drawn(areas=["A2"]))
    code = f"drawn-{first}"
    three.wall[0] += MINUTE
    approved(three, areas=[code], kind="lift")
    with three.store.read() as tx:
        alert = next(one for one in sent(three) if one.id == draft(three, first).alert)
        assert lapsed.areas(tx, alert) == {code}
        everyone = [name for name, _ in spreading.everybody(tx)]
        assert len(lapsed.homes(tx, alert, everyone)) == 3


def test_an_automatic_word_over_it_knows_of_the_order(three: Site) -> None:
    approved(three, kind="4", **drawn())
    with three.store.read() as tx:
        assert city_word.highest(tx, three.config, ["A1"]) == 4, "part of 北部 has an order"
        assert city_word.highest(tx, three.config, ["A3"]) is None
        (code,) = drawn_areas.standing(tx)
        assert city_word.highest(tx, three.config, [code]) == 4


def test_the_rooms_map_shows_where_the_order_stands(three: Site) -> None:
    identity = approved(three, **drawn())
    approved(three, typed="南部", areas=["A3"])
    orders = {one["area"]: one for one in officer(three, "author").get("/hq/map/now.json").get_json()["orders"]}
    assert same(shape(orders[f"drawn-{identity}"]["outline"]), INSIDE)
    assert orders["A3"]["outline"] is None, "the town's own areas are a layer of the map"


def test_a_draft_that_ran_out_is_drawn_anew(three: Site) -> None:
    author = officer(three, "author")
    identity = composed(author, **drawn())
    three.wall[0] += three.config.sending.draft_minutes * MINUTE
    page = author.get(f"/hq/compose/{identity}").get_data(as_text=True)
    again = re.search(r'href="(/hq/compose\?[^"]+)">同じ区域で起案し直す', page)
    assert again
    anew = author.get(again[1].replace("&amp;", "&")).get_data(as_text=True)
    assert f'value="{NAME}"' in anew
    assert f">{corners(NORTH)}</textarea>" in anew


def test_groups_narrow_what_is_no_order_to_leave(three: Site) -> None:
    author = officer(three, "author")
    said = {"why": "福祉避難所を開けました", "kind": "information", "needs": ["care", "elder"], "leave_levels": ["3"]}
    identity = composed(author, **said)
    one = draft(three, identity)
    assert (one.needs, one.leave_levels) == ((Need.ELDER, Need.CARE), (3,))
    page = officer(three, "approver").get(f"/hq/compose/{identity}").get_data(as_text=True)
    assert "高齢者・介護・障害のある人 の世帯だけ" in page
    assert '<strong class="big">0</strong>世帯' in page, "no home of the three areas has named a need"
    act(officer(three, "approver"), identity, "approve", "approve", typed="北部")
    (alert,) = sent(three)
    assert alert.audience.needs == {Need.ELDER, Need.CARE}
    with three.store.read() as tx:
        assert releases.of_alert(tx, alert.id) == [], "what goes to a group is in no public text"
    assert draft(three, composed(author, kind="3", leave_levels=["3"])).leave_levels == (3,)


def test_an_order_that_tells_everybody_is_never_narrowed_to_a_group(three: Site) -> None:
    for kind in ("4", "5", "lift"):
        assert "区域の全員に届けます" in refused(three, kind=kind, needs=["elder"])
        assert "区域の全員に届けます" in refused(three, kind=kind, leave_levels=["3"])
    assert "一覧にあるもの" in refused(three, kind="3", needs=["rich"])
    assert "一覧にあるもの" in refused(three, kind="3", leave_levels=["9"])


def test_an_order_to_a_group_is_given_to_everybody_when_it_gets_worse_and_can_be_taken_back(three: Site) -> None:
    first = approved(three, typed="北部", kind="3", needs=["elder"])
    three.wall[0] += MINUTE
    assert "もう発令されています" in refused(three, kind="3", needs=["care"])
    second = approved(three, typed="北部", kind="3")
    assert [(d.order, d.area) for d in live(three)] == [(3, "A1")]
    assert "もう発令されています" in refused(three, kind="3")
    with three.store.read() as tx:
        assert releases.of_alert(tx, second), "now it is public"
        assert {one.id: lapsed.areas(tx, one) for one in sent(three)} == {first: frozenset(), second: frozenset()}
    three.wall[0] += MINUTE
    author = officer(three, "author")
    page = f"/hq/alerts/{second}"
    data = {"csrf_token": token(author, page), "typed": "取消", "why": "誤って広げました"}
    assert author.post(f"{page}/cancel", data=data).status_code == 303
    with three.store.read() as tx:
        assert [d.id for d in decisions.live(tx)] == list(draft(three, first).issued)


def test_what_is_lowered_is_told_to_all_who_heard_the_higher_word(three: Site) -> None:
    author, approver = officer(three, "author"), officer(three, "approver")
    waits = composed(author, kind="3", needs=["elder"])
    approved(three, typed="北部", kind="4")
    three.wall[0] += MINUTE
    assert "引き下げは" in refused(three, kind="3", needs=["elder"])
    assert "引き下げは" in refused(three, kind="3", leave_levels=["3"])
    answer = act(approver, waits, "approve", "approve", typed="北部")
    assert answer.status_code == 400
    assert "引き下げは" in wrong(answer)
    assert [d.order for d in live(three)] == [4]
    approved(three, typed="北部", kind="3")


def test_a_neighbourhood_association_is_chosen_by_its_leaders_areas(three: Site) -> None:
    with three.store.write() as tx:
        leader_areas.put(tx, "suzuki", ["A1", "A3", "gone"])
    page = officer(three, "author").get("/hq/compose").get_data(as_text=True)
    assert 'data-codes="A1 A3"' in page


def test_the_towns_own_areas_share_no_more_than_their_border(three: Site) -> None:
    """Only what was drawn lies across others: neighbours that touch are no contradiction."""
    with three.store.write() as tx:
        side = [("B1", box(W, S, W + 0.02, S + 0.02)), ("B2", box(W + 0.02, S, W + 0.04, S + 0.02))]
        blocks = [Feature("blocks", code, box_, {"code": code, "name": code, "hazards": ""}) for code, box_ in side]
        places.replace(tx, "blocks", "town:areas", blocks)
    approved(three, typed="B1", areas=["B1"], kind="4")
    approved(three, typed="B2", areas=["B2"], kind="3")
    with three.store.read() as tx:
        assert {d.area: d.state for d in decisions.live(tx)} == dict.fromkeys(("B1", "B2"), DecisionState.ISSUED)
