"""One place at a glance."""

from __future__ import annotations

from datetime import datetime

from disaster_hub.rules.official import of_municipality
from disaster_hub.rules.situation import Source, Standing, highest
from disaster_hub.rules.standing import Said
from disaster_hub.terms.bulletin import InfoType
from disaster_hub.terms.clock import JAPAN
from tests.rules.said import CITY, at, telegram, warning


def source(minutes: float | None, *, healed: bool = True) -> Source:
    return Source(None if minutes is None else at(minutes), healed, 600)


def stand(*said: Said, heard: Source, now: datetime) -> Standing:
    return highest(of_municipality(CITY, said), heard, now, JAPAN)


def test_the_highest_hazard_decides_and_says_who_said_so_and_when() -> None:
    said = [telegram("VPWW55", 0, "03"), telegram("VPWW56", 30, "49")]
    found = stand(*said, heard=source(40), now=at(41))
    assert (found.level, found.issuer, found.since, found.stale) == (4, "架空地方気象台", at(30), False)
    assert found.reason.startswith("レベル４土砂災害危険警報（架空地方気象台 17:30発表）")
    assert "レベル３大雨警報" in found.reason
    assert found.age_s == 60


def test_calm_needs_a_fresh_source_that_was_read_whole() -> None:
    calm = [telegram("VPWW55", 0, "")]
    assert stand(*calm, heard=source(40), now=at(41)).level == 0
    assert stand(heard=source(40), now=at(41)).level == 0
    assert stand(*calm, heard=source(40, healed=False), now=at(41)).level is None
    old = stand(*calm, heard=source(30), now=at(41))
    assert (old.level, old.stale, old.since) == (None, True, at(30))
    never = stand(*calm, heard=source(None), now=at(41))
    assert (never.level, never.age_s) == (None, None)
    assert "不明" in never.reason


def test_a_level_in_force_stays_when_its_source_falls_silent() -> None:
    found = stand(telegram("VPWW55", 0, "43"), heard=source(10), now=at(600))
    assert (found.level, found.stale) == (4, True)


def test_an_unknown_code_alone_is_not_known_and_beside_a_level_it_is_named() -> None:
    alone = stand(telegram("VPWW55", 0, warning("99")), heard=source(1), now=at(1))
    assert alone.level is None
    assert "未知の情報99" in alone.reason
    beside = stand(telegram("VPWW55", 0, warning("99")), telegram("VPWW56", 0, "09"), heard=source(1), now=at(1))
    assert beside.level == 3
    assert "未知の情報99" in beside.reason


def test_taken_back_with_nothing_before_is_not_known() -> None:
    said = [telegram("VPWW55", 0, "43"), telegram("VPWW55", 5, info_type=InfoType.CANCEL)]
    assert stand(*said, heard=source(6), now=at(6)).level is None


def test_wind_alone_is_no_level_but_is_named() -> None:
    found = stand(telegram("VPWW58", 0, "05"), heard=source(1), now=at(1))
    assert found.level == 0
    assert "暴風警報" in found.reason
