"""The envelope of every telegram, and the bodies that are read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from disaster_hub.terms.bulletin import Bulletin, InfoType, Status
from disaster_hub.terms.observation import Basis
from disaster_hub.terms.quantity import Quality
from sensors.feeds.telegram import read
from tests.sensors import telegrams as t
from tests.sensors.payloads import payloads

SCHEMA = Path(__file__).parents[3] / "shared/data/jma_codes/schema_20250630/jmx.xsd"
RIVER_CODE = ("990099000100", "みなも川")
HOURS = [("2026-09-18T19:00:00+09:00", "１時間前"), ("2026-09-18T20:00:00+09:00", "現況")]
HOURS += [("2026-09-18T20:00:00+09:00", "１０分後"), ("2026-09-18T21:00:00+09:00", "１時間後")]


def bulletin(body: bytes) -> Bulletin:
    found = read(body).bulletin
    assert found is not None
    return found


def river(body: str, *, code: str = "30", **fields: str) -> bytes:
    information = t.river_information(RIVER_CODE, name="レベル３氾濫警報", code=code)
    return t.telegram(t.RIVER, body, information=information, event_id=RIVER_CODE[0], serial="3", **fields)


@pytest.mark.shared_data
@pytest.mark.skipif(not SCHEMA.exists(), reason="../shared/data is not beside the checkout")
def test_our_own_telegrams_are_valid_against_the_schema() -> None:
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    good = [p for p in payloads("jma-telegram") if not p.name.startswith("ugly")]
    assert len(good) >= 14
    for path in good:
        schema.assertValid(etree.parse(str(path)))


@pytest.mark.parametrize(("word", "status"), [("通常", "actual"), ("訓練", "exercise"), ("試験", "test")])
def test_status(word: str, status: str) -> None:
    assert bulletin(t.warnings(t.RAIN, t.item(t.MINAMO, t.kind(status=t.NONE)), status=word)).status is Status(status)


@pytest.mark.parametrize(
    ("word", "kind"), [("発表", "issue"), ("訂正", "correction"), ("遅延", "delay"), ("取消", "cancel")]
)
def test_info_type(word: str, kind: str) -> None:
    found = bulletin(t.warnings(t.RAIN, t.item(t.MINAMO, t.kind("レベル２大雨注意報", "10")), info_type=word))
    assert found.info_type is InfoType(kind)
    assert bool(found.warnings) == (kind != "cancel"), "what a withdrawal repeats is not in force"


def test_times_are_utc_and_ids_are_texts() -> None:
    found = bulletin(t.telegram("台風情報", "<Notice/>", event_id="TC2615", serial="01-02"))
    assert found.reported_at == datetime(2026, 9, 18, 11, tzinfo=UTC)
    assert found.sent_at == datetime(2026, 9, 18, 11, 0, 30, tzinfo=UTC)
    assert (found.event_id, found.serial) == ("TC2615", "01-02")
    assert (found.type, found.office, found.headline) == (None, "架空地方気象台", "架空県の見出しです。")


def test_a_type_that_is_not_read_says_so() -> None:
    found = read(t.telegram("台風情報", "<Notice/>"))
    assert found.problems == ("Body: telegrams of the type '台風情報' are not read yet",)
    assert found.bulletin is not None


@pytest.mark.parametrize(
    ("was", "becomes", "where"),
    [
        ("<Status>通常", "<Status>演習", "Control/Status"),
        ("<InfoType>発表", "<InfoType>更新", "Head/InfoType"),
        ("<ReportDateTime>2026-09-18T20:00:00+09:00", "<ReportDateTime>2026-09-18T20:00:00", "Head/ReportDateTime"),
        ("<ReportDateTime>2026-09-18T20", "<ReportDateTime>0001-01-01T00", "Head/ReportDateTime"),
        ("<DateTime>2026-09-18T11:00:30Z", "<DateTime>", "Control/DateTime"),
        ('<Head xmlns="', '<Head xmlns="x', "Head"),
    ],
)
def test_an_envelope_that_is_not_understood_is_refused_by_name(was: str, becomes: str, where: str) -> None:
    body = t.warnings(t.RAIN, t.item(t.MINAMO, t.kind("レベル５大雨特別警報", "33"))).decode()
    assert was in body
    found = read(body.replace(was, becomes).encode())
    assert found.bulletin is None
    assert found.problems[0].startswith(where)


def test_only_the_municipal_block_of_the_body_counts() -> None:
    found = bulletin(t.warnings(t.RAIN, t.item(t.MINAMO, t.kind("レベル２大雨注意報", "10"))))
    assert [(w.area, w.level) for w in found.warnings] == [("9920100", 2)]


@pytest.mark.parametrize("code", ["31", "41", "51"])
def test_hours_to_come_are_not_now(code: str) -> None:
    """南城市, 2026-05-31: 注意報 in force, 警戒レベル４相当 from 17 to 20 o'clock next day."""
    kind = t.kind("レベル２高潮注意報", "19", more=t.tomorrow(code))
    assert [w.level for w in bulletin(t.warnings(t.SURGE, t.item(t.MINAMO, kind))).warnings] == [2]


@pytest.mark.parametrize(
    ("title", "hazard"),
    [
        (t.RAIN, "rain"), (t.LANDSLIDE, "landslide"), (t.SURGE, "surge"), (t.WIND, "wind"), (t.WAVE, "wave"),
        (t.SNOW, "snow"), (t.OTHER, "other"), (t.OLD53, "other"), (t.OLD54, "other"),
    ],
)  # fmt: skip
def test_an_unknown_code_is_raised_never_dropped(title: str, hazard: str) -> None:
    found = read(t.warnings(title, t.item(t.MINAMO, t.kind("架空現象警報", "97", "発表"))))
    assert found.bulletin is not None
    (row,) = found.bulletin.warnings
    assert (row.code, row.level, row.active, row.hazard) == ("97", None, True, hazard)
    assert found.problems == ("Body/Warning/Item[1]/Kind/Code: '97' (架空現象警報) is not known",)


@pytest.mark.parametrize("status", ["発表", "継続", "警報から注意報", "特別警報から危険警報", "まだ見ぬことば"])
def test_whatever_is_not_lifted_is_in_force(status: str) -> None:
    (row,) = bulletin(t.warnings(t.RAIN, t.item(t.MINAMO, t.kind("レベル３大雨警報", "03", status)))).warnings
    assert (row.active, row.change) == (True, status)


@pytest.mark.parametrize("status", ["解除", "発表警報・注意報はなし", "なし"])
def test_a_lifted_kind_keeps_its_name_and_is_not_in_force(status: str) -> None:
    (row,) = bulletin(t.warnings(t.RAIN, t.item(t.MINAMO, t.kind("レベル３大雨警報", "03", status)))).warnings
    assert (row.active, row.name, row.code) == (False, "レベル３大雨警報", "03")


@pytest.mark.parametrize(
    ("code", "level", "active"),
    [("10", None, False), ("20", 2, True), ("21", 2, True), ("22", 2, True), ("30", 3, True), ("31", 3, True),
     ("40", 4, True), ("41", 4, True), ("51", 5, True), ("53", 5, True)],
)  # fmt: skip
def test_levels_of_rivers(code: str, level: int | None, active: bool) -> None:
    found = read(river("<Notice/>", code=code))
    assert found.bulletin is not None
    (area,) = found.bulletin.rivers
    assert (area.area, area.level, area.active) == ("990099000100", level, active)
    assert not found.problems


def test_observed_and_forecast_stand_apart() -> None:
    """１０分後 may be the minute of the report itself, and is a forecast all the same."""
    values = [t.value(str(n), column=n) for n in range(1, 5)]
    found = read(river(t.series(HOURS, t.gauge("99009900010000001", "みなも橋", *values))))
    assert not found.problems
    assert [(o.value, o.basis) for o in found.observations] == [
        (1.0, Basis.OBSERVED), (2.0, Basis.OBSERVED), (3.0, Basis.FORECAST), (4.0, Basis.FORECAST),
    ]  # fmt: skip
    assert [o.issued_at for o in found.observations[1:3]] == [None, datetime(2026, 9, 18, 11, tzinfo=UTC)]
    assert {s.river for s in found.stations} == {"990099000100"}


@pytest.mark.parametrize(
    ("text", "condition", "quality"),
    [("", "欠測", Quality.MISSING), ("", "未計算", Quality.NOT_COMPUTED), ("0.00", "欠測", Quality.MISSING)],
)
def test_no_value_is_never_zero(text: str, condition: str, quality: Quality) -> None:
    found = read(river(t.series(HOURS, t.gauge("1", "橋", t.value(text, condition=condition)))))
    assert [(o.value, o.quality) for o in found.observations] == [(None, quality)]
    assert not found.problems


@pytest.mark.parametrize(
    "value",
    [
        t.value("", condition="正常"), t.value("たくさん"), t.value("NaN"), t.value("inf"), t.value("1", column=9),
        t.value("1", condition="推定"), t.value("1", kind_of="潮位"), t.value("1").replace('"m"', '"尺"'),
    ],
)  # fmt: skip
def test_a_value_that_is_not_understood_is_said_and_not_guessed(value: str) -> None:
    found = read(river(t.series(HOURS, t.gauge("1", "橋", value, t.value("2.5", column=2)))))
    assert [o.value for o in found.observations if o.value is not None] == [2.5]
    assert len(found.problems) == 1
    assert found.problems[0].startswith("水位・流量情報/Item[1]/WaterLevel[")


def test_thresholds_that_are_invalid_are_absent() -> None:
    part = t.station_part(
        "1",
        "橋",
        t.threshold("2.00", "レベル２氾濫注意水位"),
        t.threshold("", "レベル４計画高水位等", condition="無効"),
    )
    found = read(river(t.additions(part)))
    assert [dict(s.thresholds) for s in found.stations] == [{"advisory": 2.0}]
    assert not found.problems


@pytest.mark.parametrize(
    "threshold",
    [t.threshold("", "レベル２氾濫注意水位"), t.threshold("2", "レベル９架空水位"), t.threshold("x", "氾濫注意水位")],
)
def test_thresholds_that_are_not_understood_are_said(threshold: str) -> None:
    found = read(river(t.additions(t.station_part("1", "橋", threshold))))
    assert [dict(s.thresholds) for s in found.stations] == [{}]
    assert len(found.problems) == 1


def test_stations_that_share_a_code_keep_their_own_series() -> None:
    """JMA's own samples give every station the code 12345678901234567."""
    gauges = (t.gauge("1", "上橋", t.value("1.0")), t.gauge("1", "下橋", t.value("2.0")))
    parts = (t.station_part("1", "下橋", t.threshold("3", "レベル２氾濫注意水位")),)
    found = read(river(t.series(HOURS, *gauges) + t.additions(*parts)))
    told = [(s.name, dict(s.thresholds), [o.value for o in values]) for s, values in found.series]
    assert told == [("上橋", {}, [1.0]), ("下橋", {"advisory": 3.0}, [2.0])]


def test_a_station_named_a_little_differently_is_the_same_by_its_code() -> None:
    part = t.station_part("1", "みなも橋観測所", t.threshold("3", "レベル２氾濫注意水位"))
    found = read(river(t.series(HOURS, t.gauge("1", "みなも橋", t.value("1.0"))) + t.additions(part)))
    assert [(s.name, dict(s.thresholds)) for s in found.stations] == [("みなも橋", {"advisory": 3.0})]


def test_a_forecast_without_an_area_is_said() -> None:
    found = read(t.telegram(t.RIVER, "<Notice/>"))
    assert found.problems == ("Headline/Information: no area in a block 指定河川洪水予報（予報区域）",)
