"""The night's telegrams: valid, in plain words made up, and level 2 or more from before 15:00 to the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from disaster_hub.rehearsal.city import ENDS, EXERCISE, STARTS, moment
from disaster_hub.rehearsal.night import SCENES, UNKNOWN_CODE
from disaster_hub.rehearsal.telegrams import Telegram, telegrams

SCHEMA = Path(__file__).parents[3] / "shared/data/jma_codes/schema_20250630/jmx.xsd"
NIGHT = telegrams()
BROKEN = [t for t in NIGHT if "105026" in t.name]
LEVEL = {"10": 2, "03": 3, "43": 4, "33": 5, "29": 2, "09": 3, "49": 4, "39": 5}


def document(one: Telegram) -> etree._Element:
    return etree.fromstring(one.body)


def kinds(one: Telegram, area: str) -> list[tuple[str | None, str]]:
    """Give (code, status) of one municipality."""
    found = []
    for warning in document(one).iterfind(".//{*}Body/{*}Warning"):
        if "（市町村等）" in warning.get("type", ""):
            for item in warning:
                if item.findtext("{*}Area/{*}Code") == area:
                    found += [(k.findtext("{*}Code"), k.findtext("{*}Status")) for k in item.iterfind("{*}Kind")]
    return found


def named(kind: str, at: str, office: str = "990000") -> Telegram:
    """Give the telegram of *kind* published in the minute *at*."""
    minute = moment(at)
    fits = (t for t in NIGHT if f"_{kind}_{office}" in t.name and minute <= t.at < minute + timedelta(minutes=1))
    return next(fits)


@pytest.mark.shared_data
def test_every_telegram_is_valid() -> None:
    if not SCHEMA.exists():
        pytest.skip("the JMA's jmx.xsd (../shared/data) is not here")
    schema = etree.XMLSchema(etree.parse(str(SCHEMA)))
    for one in NIGHT:
        if one not in BROKEN:
            assert schema.validate(document(one)), f"{one.name}: {schema.error_log.last_error}"


def test_one_telegram_breaks_off_and_no_other() -> None:
    assert len(BROKEN) == 1
    for one in NIGHT:
        if one in BROKEN:
            with pytest.raises(etree.XMLSyntaxError):
                document(one)
        else:
            document(one)


def test_every_telegram_says_in_plain_words_that_it_is_made_up() -> None:
    for one in NIGHT:
        assert EXERCISE in one.content
        assert EXERCISE in one.body.decode("utf-8", errors="ignore")


def test_the_address_tells_time_kind_and_office() -> None:
    assert len({one.name for one in NIGHT}) == len(NIGHT)
    assert [one.at for one in NIGHT] == sorted(one.at for one in NIGHT)
    for one in NIGHT:
        stamp, number, kind, office = one.name.removesuffix(".xml").split("_")
        assert datetime.strptime(f"{stamp}+0000", "%Y%m%d%H%M%S%z") == one.at
        assert number.isdigit()
        assert office in {"990000", "990900"}
        assert kind[:4] in {"VPWW", "VXKO", "VXWW"}


def actual(area: str) -> Iterator[tuple[datetime, str, list[tuple[str | None, str]]]]:
    """Give what the R06 telegrams of status 通常 say of one area; what a 取消 withdraws never came."""
    said = [t for t in NIGHT if t not in BROKEN and "990000" in t.name and "_VPWW5" in t.name]
    for one in said:
        if document(one).findtext(".//{*}Status") == "通常" and kinds(one, area):
            yield one.at, one.name.split("_")[2], kinds(one, area)


def test_level_two_or_more_is_in_force_in_every_minute_of_the_night() -> None:
    standing: dict[str, int] = {}
    events = [e for e in actual("9920100") if e[1] in {"VPWW55", "VPWW56"}]
    minute = moment(STARTS)
    while minute <= moment(ENDS):
        while events and events[0][0] <= minute:
            _, kind, rows = events.pop(0)
            live = [LEVEL[code] for code, status in rows if code and status != "解除"]
            standing[kind] = max(live, default=0)
        assert max(standing.values()) >= 2, minute
        minute += timedelta(minutes=1)


def test_a_drill_and_a_test_change_nothing_that_follows() -> None:
    drill = named("VPWW55", "17:30")
    assert document(drill).findtext(".//{*}Status") == "訓練"
    assert kinds(drill, "9920100") == [("33", "発表")]
    assert kinds(named("VPWW55", "18:10"), "9920100") == [("03", "発表")]
    test = document(named("VXKO50", "17:32"))
    assert test.findtext(".//{*}Control/{*}Status") == "試験"
    assert test.findtext(".//{*}Head/{*}Serial") == "1"
    assert document(named("VXKO50", "17:40")).findtext(".//{*}Head/{*}Serial") == "2"


def test_a_correction_repeats_the_time_of_report_and_is_sent_later() -> None:
    first, second = named("VPWW56", "19:00"), named("VPWW56", "19:25")
    times = [document(one).findtext(".//{*}ReportDateTime") for one in (first, second)]
    assert times[0] == times[1]
    assert second.updated - first.updated == timedelta(minutes=25)
    assert document(second).findtext(".//{*}InfoType") == "訂正"
    assert kinds(first, "9930100") == [("09", "発表")]
    assert kinds(second, "9930100") == [("29", "継続")]


def test_a_withdrawn_warning_never_was() -> None:
    wrong, withdrawn = named("VPWW55", "20:50"), named("VPWW55", "20:58")
    assert kinds(wrong, "9920200") == [("43", "発表")]
    assert document(withdrawn).findtext(".//{*}InfoType") == "取消"
    assert kinds(withdrawn, "9920200") == []
    assert kinds(named("VPWW55", "21:30"), "9920200") == [("03", "継続")]


def test_levels_go_down_in_the_words_of_the_format() -> None:
    assert kinds(named("VPWW55", "22:30"), "9920100") == [("10", "警報から注意報")]
    assert kinds(named("VPWW56", "22:35"), "9920100") == [("09", "危険警報から警報")]
    assert kinds(named("VPWW56", "01:30"), "9920100") == [("29", "解除")]


def test_old_formats_follow_seconds_later_and_never_say_level_four() -> None:
    new, old = named("VPWW56", "20:35"), named("VPWW54", "20:35")
    assert timedelta(0) < old.at - new.at < timedelta(seconds=10)
    codes = {
        code for one in NIGHT if "_VPWW53_" in one.name or "_VPWW54_" in one.name for code, _ in kinds(one, "9920100")
    }
    assert codes == {"10", "18", "14", "15", "03", "04"}
    assert "〈レベル４土砂災害危険警報〉みなも市" in old.body.decode()


def test_the_story_has_its_traps() -> None:
    types = Counter(one.name.split("_")[2] for one in NIGHT)
    assert {"VPWW53", "VPWW54", "VPWW55", "VPWW56", "VPWW58", "VPWW61", "VXKO50", "VXWW50"} == set(types)
    assert (UNKNOWN_CODE, "発表") in kinds(named("VPWW61", "19:40"), "9930100")
    bodies = Counter(one.body for one in NIGHT)
    assert sum(count > 1 for count in bodies.values()) == sum(s.again is not None for s in SCENES) >= 4
    late = document(named("VPWW58", "18:25"))
    assert late.findtext(".//{*}InfoType") == "遅延"
    ahead = document(named("VPWW55", "18:10")).findtext(".//{*}CriteriaClass/{*}Code")
    assert ahead == "41"


def test_the_flood_forecast_has_silent_stations_and_a_missing_threshold() -> None:
    forecasts = [one for one in NIGHT if "_VXKO50_" in one.name]
    conditions: Counter[str | None] = Counter()
    for one in forecasts:
        for value in document(one).iterfind(".//{*}WaterLevelPart/{*}WaterLevel[@condition]"):
            conditions[value.get("condition")] += 1
            assert (value.text is None) == (value.get("condition") != "正常")
    assert conditions["欠測"] >= 1
    assert conditions["未計算"] >= 3
    criteria = document(forecasts[0]).iterfind(".//{*}Criteria/{*}WaterLevel")
    assert Counter(c.get("condition") for c in criteria) == {"有効": 14, "無効": 1}
    codes = [
        document(one).findtext(".//{*}Headline//{*}Code")
        for one in forecasts
        if document(one).findtext(".//{*}Control/{*}Status") == "通常"
    ]
    story = [code for code, before in zip(codes, [None, *codes], strict=False) if code != before]
    assert story == ["20", "30", "40", "51", "41", "30", "22"]
