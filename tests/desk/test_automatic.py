"""Automatic notices: whom they are for, what is written down, two clocks, the dry run that sends nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import shapely
from shapely import LineString
from sqlalchemy import text

from disaster_hub.config import Config, Governs, Sensor
from disaster_hub.desk import automatic, rules_desk, rules_past
from disaster_hub.desk.criteria_desk import Outrun
from disaster_hub.desk.reach import reach
from disaster_hub.desk.rule_people import Nobody, audience
from disaster_hub.desk.trusting import places as stations_of
from disaster_hub.jobs.automatic import automatic_notices
from disaster_hub.jobs.judge import judge_waiting
from disaster_hub.rules.notice_rules import Along, stand
from disaster_hub.rules.notice_rules_text import read
from disaster_hub.store import alerts, bulletins, journal, levels, notice_rules, observations, places, stations
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import AreaKind, Judgement, Official
from disaster_hub.terms.observation import Observation, Station, StationKind
from disaster_hub.terms.place import Feature, LonLat
from tests.desk.alert_town import SQUARE, Folk, settle
from tests.jobs.hub import REAL, config
from tests.rules.said import RIVER, at, flood

LAT = 38.71
RULE = f"""
[[rule]]
id = "river"
title = "みなも川"
hazard = "flood"
areas = ["N"]
when = {{ kind = "level", area = "{RIVER}", level = 3 }}
"""
GAUGE = """
[[rule]]
id = "bridge"
title = "柳橋"
hazard = "flood"
along = { km = 3, metres = 300 }
when = { kind = "gauge", station = "g1", threshold = "danger" }
"""


@pytest.fixture(name="keys")
def some_keys(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys")


@pytest.fixture(name="hub")
def a_hub(store: Store, keys: Keyring) -> Config:
    north = Feature("blocks", "N", shapely.multipolygons([SQUARE]), {"code": "N", "name": "北部", "hazards": "flood"})
    with store.write() as tx:
        places.replace(tx, "blocks", "town", [north])
        settle(tx, keys, Folk(), at(-60))
        settle(tx, keys, Folk(spot=LonLat(139.90, 38.90)), at(-60))
    return config(store.url)


def say(store: Store, level: int | None, evidence: str, minute: float = 0) -> None:
    word = Official(
        RIVER, "みなも川", AreaKind.RIVER, "flood", level, "氾濫警報", "気象台", at(minute), at(minute), None, evidence
    )
    with store.write() as tx:
        levels.put_official(tx, word)


def save(store: Store, words: str, minute: float = -10) -> None:
    with store.write() as tx:
        rules_desk.save(tx, words, "はじめ", "当直", at(minute))


def issued(store: Store) -> list[tuple[str, int | None]]:
    with store.read() as tx:
        return [(one.kind.value, one.level) for one in reversed(alerts.since(tx, at(-1000)))]


def test_what_goes_out_names_its_issuer_its_rule_and_that_no_order_of_the_city_stands(
    store: Store, hub: Config
) -> None:
    save(store, RULE)
    say(store, 3, "t1")
    assert automatic_notices(store, hub, at(1)) == 1
    with store.read() as tx:
        one = alerts.since(tx, at(-1000))[0]
        row = notice_rules.evaluations(tx, "river", at(5))[0]
    assert (one.issuer, one.rule, one.evidence, one.city_order, one.level) == ("気象台", "river@1", "t1", None, 3)
    assert (one.areas, one.area_name, one.hazard) == (("N",), "北部", Hazard.FLOOD)
    assert one.audience.shape is not None
    assert one.audience.hazards == {Hazard.FLOOD}
    assert (row.verdict, row.alert) == (Judgement.MET, one.id)
    assert stand(read(RULE)[0], row.inputs).verdict is Judgement.MET, "the ledger says the same again"


def test_a_telegram_at_the_door_becomes_an_alert_in_the_same_look(store: Store, hub: Config) -> None:
    save(store, RULE)
    identity, said = flood(5, "30")
    with store.write() as tx:
        bulletins.add(tx, identity, "extra", None, said, said.sent_at)
    judge_waiting(store, hub)
    assert automatic_notices(store, hub, at(5)) == 1


def test_two_clocks_by_mistake_make_one_alert(store: Store, hub: Config) -> None:
    save(store, RULE)
    say(store, 3, "t1")
    with store.write() as tx:
        first = automatic.evaluate(tx, hub, at(1))
        tx.execute(text("DELETE FROM rule_standing"))  # the other clock looked before this one wrote
        second = automatic.evaluate(tx, hub, at(1) + timedelta(seconds=1))
    assert [one.id for one in first] == [one.id for one in second]
    assert len(issued(store)) == 1
    with store.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM notice WHERE alert <> ''")).scalar_one() == 1


def test_a_look_that_says_nothing_new_writes_nothing(store: Store, hub: Config) -> None:
    save(store, RULE)
    say(store, 2, "t1")
    automatic_notices(store, hub, at(1))
    with store.read() as tx:
        before = notice_rules.evaluations(tx)
        assert not automatic.due(tx, hub, at(2))
    assert len(before) == 1
    assert before[0].verdict is Judgement.NOT_MET


def test_areas_that_are_not_loaded_send_to_nobody_and_the_officers_hear_it(store: Store, hub: Config) -> None:
    save(store, RULE.replace('"N"', '"X"'))
    say(store, 3, "t1")
    assert automatic_notices(store, hub, at(1)) == 0
    with store.read() as tx:
        assert [e.kind for e in journal.entries(tx, kinds=["alert_refused"])] == ["alert_refused"]
    assert automatic_notices(store, hub, at(2)) == 0
    with store.read() as tx:
        assert len(journal.entries(tx, kinds=["alert_refused"])) == 1, "said once"
    save(store, RULE, 3)
    assert automatic_notices(store, hub, at(4)) == 1, "a new version may say for whom it is"


def test_what_could_be_sent_to_nobody_goes_out_as_soon_as_its_areas_are_loaded(store: Store, hub: Config) -> None:
    save(store, RULE.replace('"N"', '"X"'))
    say(store, 3, "t1")
    for minute in (1, 2, 3):
        assert automatic_notices(store, hub, at(minute)) == 0
    with store.read() as tx:
        assert len(journal.entries(tx, kinds=["alert_refused"])) == 1, "said once"
        assert len(notice_rules.evaluations(tx, "river", at(5))) == 1
        told = tx.execute(text("SELECT n.kind, d.channel FROM notice n JOIN delivery d ON d.notice_id = n.id")).all()
    assert [tuple(row) for row in told] == [("alert_refused", "console")], "the officers hear it wherever they are"
    shape = shapely.multipolygons([SQUARE])
    with store.write() as tx:
        places.replace(tx, "blocks", "town", [Feature("blocks", "X", shape, {"code": "X", "name": "南部"})])
    assert automatic_notices(store, hub, at(4)) == 1
    assert issued(store) == [("automatic", 3)]


def test_one_rule_that_cannot_be_sent_keeps_no_other_from_going_out(
    store: Store, hub: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store, RULE.replace('"river"', '"first"') + RULE)
    say(store, 3, "t1")
    real = automatic.issuing.issue

    def refuse(tx, alert, *more):
        if alert.rule.startswith("first"):
            raise BadInput("訓練・テストの印があります")
        return real(tx, alert, *more)

    monkeypatch.setattr(automatic.issuing, "issue", refuse)
    assert automatic_notices(store, hub, at(1)) == 1
    with store.read() as tx:
        assert [one.rule for one in alerts.since(tx, at(-1000))] == ["river@1"]
        assert "印" in journal.entries(tx, kinds=["alert_refused"])[0].what


def test_another_town_s_level_tells_nobody_here_without_areas(store: Store, hub: Config) -> None:
    rule = read(RULE.replace('areas = ["N"]\n', "").replace(RIVER, "9920200"))[0]
    with store.read() as tx, pytest.raises(Nobody):
        audience(tx, hub, rule, {})


def test_a_river_s_level_reaches_the_zones_that_it_governs(store: Store, keys: Keyring, hub: Config) -> None:
    del keys
    near, far = shapely.box(139.80, 38.70, 139.81, 38.71), shapely.box(139.90, 38.90, 139.91, 38.91)
    zones = [
        Feature("hazards", "a", near, {"hazard": "flood", "river": "みなも川"}),
        Feature("hazards", "b", far, {"hazard": "flood", "river": "ほかの川"}),
    ]
    with store.write() as tx:
        places.replace(tx, "hazards", "a31", zones)
    rule = read(RULE.replace('areas = ["N"]\n', ""))[0]
    governed = config(store.url, governs=(Governs("flood", RIVER, "みなも川"),))
    with store.read() as tx:
        shape = audience(tx, governed, rule, {}).shape
        assert shape is not None
        assert shape.covers(near.centroid)
        assert not shape.intersects(far)
        assert audience(tx, hub, rule, {}).shape is None, "no row governs one river: the zones themselves choose"


def river(store: Store) -> None:
    line = LineString([(139.70 + 0.001 * n, LAT) for n in range(200)])
    zone = shapely.box(139.79, LAT - 0.015, 139.82, LAT + 0.015)
    with store.write() as tx:
        places.replace(tx, "rivers", "w05", [Feature("rivers", "1", line, {"name": "みなも川", "waterway": "river"})])
        places.replace(tx, "hazards", "a31", [Feature("hazards", "z", zone, {"hazard": "flood", "river": "みなも川"})])


def test_the_reach_ends_at_the_next_gauge_or_the_last_kilometre_and_takes_the_zone_along(store: Store) -> None:
    river(store)
    with store.read() as tx:
        whole = reach(tx, LonLat(139.80, LAT), [], Along(3, 300))
        short = reach(tx, LonLat(139.80, LAT), [LonLat(139.81, LAT), LonLat(139.79, LAT)], Along(3, 300))
        nowhere = reach(tx, LonLat(139.80, LAT + 0.1), [], Along(3, 300))
    assert whole is not None
    assert short is not None
    assert nowhere is None
    metres = 111_195.0 * 0.7803
    assert whole.covers(shapely.Point(139.80 + 2900 / metres, LAT))
    assert not whole.covers(shapely.Point(139.80 + 3400 / metres, LAT))
    assert not whole.covers(shapely.Point(139.77, LAT)), "upstream is not below"
    assert whole.covers(shapely.Point(139.805, LAT + 0.012)), "the river's own zone beside it"
    assert not short.covers(shapely.Point(139.83, LAT))


def test_saving_says_who_and_why_and_a_second_editor_is_told(store: Store, hub: Config) -> None:
    del hub
    save(store, RULE)
    with store.write() as tx, pytest.raises(BadInput):
        rules_desk.save(tx, RULE, " ", "当直", at(0))
    with store.write() as tx, pytest.raises(Outrun):
        rules_desk.save(tx, RULE, "n", "当直", at(0), expected=0)
    with store.read() as tx:
        assert [e.kind for e in journal.entries(tx, kinds=["rules_changed"])] == ["rules_changed"]


def test_the_dry_run_counts_homes_tells_why_and_sends_nothing(store: Store, keys: Keyring, hub: Config) -> None:
    for minute, code, serial in ((5, "30", "1"), (25, "40", "2"), (60, "10", "3")):
        identity, said = flood(minute, code, serial=serial)
        with store.write() as tx:
            bulletins.add(tx, identity, "extra", None, said, said.sent_at)
    with store.read() as tx:
        found = rules_past.last_month(tx, hub, keys, read(RULE), at(120))
        less = rules_past.last_month(tx, hub, keys, read(RULE.replace("level = 3", "level = 4")), at(120))
    assert [(one.act, one.level, one.at) for one in found] == [
        ("issue", 3, at(5)), ("issue", 4, at(25)), ("calm", 0, at(60)),
    ]  # fmt: skip
    assert found[0].reach is not None
    assert found[0].reach.homes == 1
    rows = rules_past.compared(found, less)
    assert [row.where for row in rows] == ["saved", "both", "both"]
    assert issued(store) == []
    with store.read() as tx:
        for table in ("alert", "notice", "rule_evaluation", "rule_standing"):
            assert tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0  # our own names


def curve(store: Store, station: str, values: list[float], begin: datetime) -> None:
    seen = [
        Observation(station, "water_level", begin + timedelta(minutes=10 * n), value, "m")
        for n, value in enumerate(values)
    ]
    with store.write() as tx:
        observations.add(tx, seen, raw_id=None)


def test_the_dry_run_of_a_gauge_doubts_what_would_have_been_doubted(store: Store, keys: Keyring, hub: Config) -> None:
    river(store)
    with store.write() as tx:
        marks = {"advisory": 2.0, "danger": 3.0}
        stations.upsert(
            tx, Station("g1", "柳橋", StationKind.RIVER, 139.80, LAT, marks, river=RIVER), source="k", seen_at=at(0)
        )
        stations.upsert(tx, Station("g2", "上の橋", StationKind.RIVER, 139.78, LAT, marks), source="k", seen_at=at(0))
    curve(store, "g1", [0.9, 0.9, 26.48, 0.9, 0.9], at(0))
    curve(store, "g2", [0.7, 0.7, 0.7, 0.7, 0.7], at(0))
    curve(store, "g1", [0.9, 1.3, 1.7, 2.1, 2.5, 2.9, 3.2], at(600))
    curve(store, "g2", [0.7, 1.0, 1.3, 1.6, 1.9, 2.2, 2.5], at(600))
    with store.read() as tx:
        found = rules_past.last_month(tx, hub, keys, read(GAUGE), at(800))
    assert [(one.act, one.at) for one in found] == [("waited", at(20)), ("issue", at(660))]
    assert "上の橋" in found[1].reason
    assert found[0].reach is None


def test_what_the_text_names_and_the_hub_does_not_know_is_said(store: Store, hub: Config) -> None:
    own = config(store.url, sensors=(Sensor("s1", "plain", "池", "Pond", 139.8, 38.7, met=1.0),))
    both = RULE.replace('"N"', '"X"') + GAUGE
    with store.read() as tx:
        rules, wrong = rules_desk.check(tx, hub, both, at(0))
        lines = rules_desk.aloud(tx, hub, rules[0], stations_of(tx, own, at(0)))
    assert len(wrong) == 2
    assert "X" in wrong[0]
    assert "g1" in wrong[1]
    assert "警戒レベル3相当以上" in lines[0]


def test_what_nobody_has_reviewed_reaches_nobody_and_the_officers_hear_it(tmp_path: Path) -> None:
    here = prepare(f"sqlite:///{tmp_path / 'real.gpkg'}", REAL)
    real = config(here.url, world=REAL)
    north = Feature("blocks", "N", shapely.multipolygons([SQUARE]), {"code": "N", "name": "北部", "hazards": "flood"})
    with here.write() as tx:
        places.replace(tx, "blocks", "town", [north])
    save(here, RULE.replace(RIVER, "060000060001"))
    word = Official(
        "060000060001", "川", AreaKind.RIVER, "flood", 3, "氾濫警報", "気象台", at(0), at(0), None, "t1"
    )  # fmt: skip
    with here.write() as tx:
        levels.put_official(tx, word)
    assert automatic_notices(here, real, at(1)) == 1
    with here.read() as tx:
        told = [entry.what for entry in journal.entries(tx, kinds=["alert_refused"])]
    here.close()
    assert len(told) == 1
    assert "確認されていません" in told[0]
