"""What stands in force, from everything that was said."""

from __future__ import annotations

import pytest

from disaster_hub.rules.official import TAKEN_BACK, of_municipality, of_river
from disaster_hub.rules.standing import Said
from disaster_hub.terms.bulletin import Hazard, InfoType, Status
from disaster_hub.terms.level import Official
from tests.rules.said import CITY, NEIGHBOUR, OFFICE, RIVER, at, flood, telegram, warning

CANCEL, CORRECTION, DELAY = InfoType.CANCEL, InfoType.CORRECTION, InfoType.DELAY


def words(*said: Said) -> dict[str, Official]:
    return {word.hazard: word for word in of_municipality(CITY, said)}


def levels(*said: Said) -> dict[str, int | None]:
    return {hazard: word.level for hazard, word in words(*said).items()}


def test_the_newest_telegram_is_the_whole_state_of_its_hazard() -> None:
    rain = words(telegram("VPWW55", 0, "10"), telegram("VPWW55", 30, "03"), telegram("VPWW55", 60, "03"))["rain"]
    assert (rain.level, rain.name, rain.issuer) == (3, "レベル３大雨警報", OFFICE)
    assert (rain.since, rain.confirmed) == (at(30), at(60))
    assert rain.evidence.endswith("VPWW55_60_60_issue.xml")


def test_a_kind_that_vanishes_is_off_with_and_without_a_word() -> None:
    assert levels(telegram("VPWW55", 0, "03"), telegram("VPWW55", 30, ""))["rain"] == 0
    lifted = warning("03", status="解除")
    assert levels(telegram("VPWW55", 0, "03"), telegram("VPWW55", 30, lifted))["rain"] == 0
    assert levels(telegram("VPWW55", 0, "03"), telegram("VPWW55", 30, warning("", NEIGHBOUR)))["rain"] == 0


def test_a_telegram_without_any_area_and_another_office_lift_nothing() -> None:
    assert levels(telegram("VPWW55", 0, "03"), telegram("VPWW55", 30))["rain"] == 3
    elsewhere = telegram("VPWW55", 30, warning("", "0420100"), office=OFFICE)
    assert levels(telegram("VPWW55", 0, "03"), elsewhere)["rain"] == 3
    other = telegram("VPWW55", 30, warning("", NEIGHBOUR), office="別の気象台")
    assert levels(telegram("VPWW55", 0, "03"), other)["rain"] == 3


def test_an_office_that_stands_in_for_another_is_believed() -> None:
    assert levels(telegram("VPWW55", 0, "03"), telegram("VPWW55", 30, "43", office="代行気象台"))["rain"] == 4


def test_two_jump_to_four_in_one_step() -> None:
    landslide = words(telegram("VPWW56", 0, "29"), telegram("VPWW56", 20, "49"))["landslide"]
    assert (landslide.level, landslide.since) == (4, at(20))


def test_exercises_and_tests_change_nothing() -> None:
    real = telegram("VPWW55", 0, "10")
    for status in (Status.EXERCISE, Status.TEST):
        assert words(real, telegram("VPWW55", 30, "33", status=status)) == words(real)
        cancel = telegram("VPWW55", 40, info_type=CANCEL, status=status)
        assert words(real, cancel) == words(real)


def test_a_correction_repeats_time_and_serial_and_wins_by_its_sending() -> None:
    first = telegram("VPWW55", 0, "33", sent=1)
    second = telegram("VPWW55", 0, "10", sent=6, info_type=CORRECTION)
    third = telegram("VPWW55", 0, "03", sent=12, info_type=CORRECTION)
    assert levels(third, first, second)["rain"] == 3


def test_an_older_report_that_arrives_later_changes_nothing() -> None:
    late = telegram("VPWW55", 10, "33", sent=50, info_type=DELAY)
    assert levels(telegram("VPWW55", 20, "10"), late)["rain"] == 2
    assert levels(telegram("VPWW55", 0, "10"), late)["rain"] == 5


def test_serials_are_numbers() -> None:
    said = [flood(0, "30", serial="9", sent=2), flood(0, "40", serial="10", sent=1)]
    word = of_river(RIVER, said)
    assert word is not None
    assert word.level == 4


class TestWithdrawal:
    def test_restores_what_stood_before(self) -> None:
        rain = words(
            telegram("VPWW55", 0, "10"), telegram("VPWW55", 30, "43"), telegram("VPWW55", 35, info_type=CANCEL)
        )["rain"]
        assert (rain.level, rain.since) == (2, at(0))

    def test_takes_the_corrections_with_it(self) -> None:
        said = [
            telegram("VPWW55", 0, "10"),
            telegram("VPWW55", 30, "43"),
            telegram("VPWW55", 30, "33", sent=33, info_type=CORRECTION),
            telegram("VPWW55", 40, info_type=CANCEL),
        ]
        assert levels(*said)["rain"] == 2

    def test_with_nothing_before_leaves_not_known_and_never_calm(self) -> None:
        rain = words(telegram("VPWW55", 30, "43"), telegram("VPWW55", 35, info_type=CANCEL))["rain"]
        assert (rain.level, rain.name, rain.since) == (None, TAKEN_BACK, at(35))

    def test_with_nothing_before_leaves_the_copies_word(self) -> None:
        said = [
            telegram("VPWW53", 29, "03"),
            telegram("VPWW55", 30, "43"),
            telegram("VPWW55", 35, info_type=CANCEL),
        ]
        assert levels(*said)["rain"] == 3

    def test_said_twice_withdraws_once(self) -> None:
        said = [
            telegram("VPWW55", 0, "03"),
            telegram("VPWW55", 30, "43"),
            telegram("VPWW55", 35, info_type=CANCEL),
            telegram("VPWW55", 35, sent=36, info_type=CANCEL),
        ]
        assert levels(*said)["rain"] == 3

    def test_reaches_neither_another_type_nor_another_office(self) -> None:
        rain = telegram("VPWW55", 30, "43")
        assert levels(rain, telegram("VPWW56", 35, info_type=CANCEL)) == {"rain": 4}
        assert levels(rain, telegram("VPWW55", 35, info_type=CANCEL, office="別の気象台")) == {"rain": 4}
        copies = [telegram("VPWW53", 0, "18"), telegram("VPWW53", 30, "04"), telegram("VPWW54", 30, "04")]
        assert levels(*copies, telegram("VPWW53", 35, info_type=CANCEL))["flood"] == 3

    def test_means_the_newest_of_a_serial_that_starts_again_with_every_event(self) -> None:
        event = {"event_id": "架空県土砂災害警戒情報"}
        alert = warning("3", level=4)
        off = warning("1", level=None, status="解除")
        said = [
            telegram("VPWW56", 0, "49"),
            telegram("VXWW50", 0, alert, serial="1", **event),
            telegram("VPWW56", 100, ""),
            telegram("VXWW50", 100, off, serial="2", **event),
            telegram("VXWW50", 5000, alert, serial="1", **event),
            telegram("VXWW50", 5010, serial="1", info_type=CANCEL, **event),
        ]
        assert levels(*said)["landslide"] == 0

    def test_of_a_flood_may_name_the_river_in_its_event_alone(self) -> None:
        said = [flood(0, "20"), flood(30, "51", serial="2"), flood(35, "", serial="2", info_type=CANCEL)]
        word = of_river(RIVER, said)
        assert word is not None
        assert (word.level, word.since) == (2, at(0))
        gone = of_river(RIVER, said[1:])
        assert gone is not None
        assert (gone.level, gone.name) == (None, TAKEN_BACK)


class TestTwoSystems:
    def test_the_new_lineage_decides_where_it_is_known(self) -> None:
        old = telegram("VPWW53", 31, warning("03", level=3), warning("08", level=4))
        new = [telegram("VPWW55", 30, "10"), telegram("VPWW56", 30, "29"), telegram("VPWW57", 30, "08")]
        assert levels(old, *new) == {"rain": 2, "landslide": 2, "surge": 3}

    def test_a_copy_never_lowers(self) -> None:
        assert (
            levels(telegram("VPWW55", 30, "43"), telegram("VPWW53", 31, "03"), telegram("VPWW54", 32, ""))["rain"] == 4
        )

    def test_copies_speak_where_no_new_telegram_is_known(self) -> None:
        assert levels(telegram("VPWW53", 0, warning("08", level=4), "10")) == {"surge": 4, "rain": 2}

    def test_a_new_telegram_about_other_areas_does_not_silence_the_copy(self) -> None:
        new = telegram("VPWW55", 30, warning("10", NEIGHBOUR), office="別の気象台")
        assert levels(telegram("VPWW53", 0, "03"), new)["rain"] == 3

    def test_old_floods_have_no_successor(self) -> None:
        new = [telegram("VPWW55", 30, "10"), telegram("VPWW56", 30, "")]
        assert levels(telegram("VPWW53", 31, "04"), *new)["flood"] == 3
        assert levels(telegram("VPWW53", 31, "04"), *new, telegram("VPWW53", 60, ""))["flood"] == 0

    def test_two_copies_of_one_issue_count_as_one(self) -> None:
        assert levels(telegram("VPWW53", 0, "04"), telegram("VPWW54", 0, "18", sent=1))["flood"] == 3
        assert levels(telegram("VPWW53", 0, "04"), telegram("VPWW54", 10, "18"))["flood"] == 2

    def test_the_old_rain_stands_for_landslides_where_only_the_new_rain_is_known(self) -> None:
        assert levels(telegram("VPWW53", 0, "03"), telegram("VPWW55", 0, "10")) == {"rain": 2, "landslide": 3}
        assert levels(telegram("VPWW53", 0, warning("03", level=None)), telegram("VPWW55", 0, "10")) == {"rain": 2}

    def test_the_supplement_raises_and_never_lowers(self) -> None:
        event = {"event_id": "架空県土砂災害警戒情報", "serial": "1"}
        alert = telegram("VXWW50", 31, warning("3", level=4), **event)
        none = telegram("VXWW50", 31, warning("0", level=None, status="解除"), **event)
        assert levels(telegram("VPWW56", 30, "09"), alert)["landslide"] == 4
        assert levels(telegram("VPWW56", 30, "39"), alert)["landslide"] == 5
        assert levels(telegram("VPWW56", 30, "09"), none)["landslide"] == 3
        assert levels(none) == {}


class TestUnknownCodes:
    def test_stand_without_a_level(self) -> None:
        rain = words(telegram("VPWW55", 0, warning("99")))["rain"]
        assert (rain.level, rain.unknown, rain.name) == (None, True, "未知の情報99")

    def test_are_named_beside_a_level_that_is_known(self) -> None:
        rain = words(telegram("VPWW55", 0, "03", warning("99")))["rain"]
        assert (rain.level, rain.unknown) == (3, True)
        assert "未知の情報99" in rain.name

    def test_of_a_copy_are_not_silenced_by_the_new_telegrams(self) -> None:
        other = words(telegram("VPWW53", 0, warning("98")), telegram("VPWW61", 1, "14"))["other"]
        assert (other.level, other.unknown) == (None, True)
        assert "未知の情報98" in other.name

    def test_of_a_known_hazard_in_the_wrong_telegram_still_count(self) -> None:
        assert levels(telegram("VPWW56", 0, "10"))["landslide"] == 2


def test_wind_and_thunder_have_no_level() -> None:
    said = words(telegram("VPWW58", 0, "05"), telegram("VPWW61", 0, "14"))
    assert (said["wind"].level, said["wind"].name, said["wind"].unknown) == (0, "暴風警報", False)
    assert said["other"].name == "雷注意報"


class TestRivers:
    def level(self, *said: Said) -> int | None:
        word = of_river(RIVER, said)
        assert word is not None
        return word.level

    def test_twenty_two_is_still_level_two(self) -> None:
        assert self.level(flood(0, "40"), flood(60, "22", serial="2")) == 2

    def test_ten_is_the_only_all_clear(self) -> None:
        assert self.level(flood(0, "20"), flood(60, "10", serial="2")) == 0

    def test_does_not_expire(self) -> None:
        word = of_river(RIVER, [flood(0, "40"), flood(480, "40", serial="2"), flood(60_000, "20", area="990099000200")])
        assert word is not None
        assert (word.level, word.since, word.confirmed) == (4, at(0), at(480))

    def test_an_unknown_code_stands(self) -> None:
        word = of_river(RIVER, [flood(0, "30"), flood(60, "61", serial="2")])
        assert word is not None
        assert (word.level, word.unknown) == (None, True)

    def test_nothing_said_is_no_word(self) -> None:
        assert of_river(RIVER, []) is None
        assert of_municipality(CITY, []) == []


@pytest.mark.parametrize("hazard", [Hazard.RAIN, Hazard.LANDSLIDE])
def test_every_word_names_its_evidence(hazard: Hazard) -> None:
    word = words(telegram("VPWW55", 0, "03"), telegram("VPWW56", 5, "09"))[hazard.value]
    assert word.evidence.startswith("https://feed.invalid/")
    assert word.until is None
