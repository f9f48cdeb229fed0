"""Laws that hold for every history of telegrams."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from disaster_hub.rules.official import of_municipality, of_river
from disaster_hub.rules.standing import Said
from disaster_hub.terms.bulletin import InfoType, Status
from disaster_hub.terms.level import Official
from tests.rules.said import CITY, NEIGHBOUR, RIVER, flood, telegram, warning

CODES = {
    "VPWW53": ["", "10", "03", "04", "18", "99"],
    "VPWW54": ["", "10", "03", "04", "18"],
    "VPWW55": ["", "10", "03", "43", "33", "99"],
    "VPWW56": ["", "29", "09", "49", "39"],
    "VPWW58": ["", "05", "15"],
    "VXWW50": ["3", "1"],
}
INFO = st.sampled_from([InfoType.ISSUE] * 6 + [InfoType.CORRECTION, InfoType.DELAY, InfoType.CANCEL])


@st.composite
def one(draw: st.DrawFn, status: Status = Status.ACTUAL) -> Said:
    kind = draw(st.sampled_from(sorted(CODES)))
    info = draw(INFO)
    area = draw(st.sampled_from([CITY, CITY, NEIGHBOUR]))
    code = draw(st.sampled_from(CODES[kind]))
    level = (4 if code == "3" else None) if kind == "VXWW50" else -1
    rows = [] if info is InfoType.CANCEL else [warning(code, area, level=level)]
    minutes, late = draw(st.integers(0, 5)), draw(st.integers(0, 2))
    more = {"event_id": "架空県土砂災害警戒情報", "serial": draw(st.sampled_from("12"))} if kind == "VXWW50" else {}
    name = f"_{area}_{code}_{more.get('serial', '')}"
    return telegram(kind, minutes, *rows, sent=minutes + late, info_type=info, status=status, name=name, **more)


@st.composite
def rising(draw: st.DrawFn) -> Said:
    info = draw(INFO)
    code = "" if info is InfoType.CANCEL else draw(st.sampled_from(["10", "20", "22", "30", "40", "51", "61"]))
    minutes, serial = draw(st.integers(0, 6)), draw(st.sampled_from(["1", "2", "3"]))
    late = draw(st.integers(0, 2))
    return flood(minutes, code, serial=serial, sent=minutes + late, info_type=info, name=f"_{code}_{serial}")


HISTORY = st.lists(one(), max_size=8, unique_by=lambda said: said[0])
NIGHT = st.lists(rising(), max_size=8, unique_by=lambda said: said[0])


def of_city(said: list[Said]) -> list[Official]:
    return of_municipality(CITY, said)


@settings(deadline=None, max_examples=150)
@given(HISTORY, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_matters(said: list[Said], random) -> None:
    again = said + random.sample(said, k=len(said) // 2)
    random.shuffle(again)
    assert of_city(again) == of_city(said)


@settings(deadline=None, max_examples=150)
@given(NIGHT, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_matters_for_rivers(said: list[Said], random) -> None:
    again = said + random.sample(said, k=len(said) // 2)
    random.shuffle(again)
    assert of_river(RIVER, again) == of_river(RIVER, said)


@settings(deadline=None, max_examples=100)
@given(HISTORY, st.data())
def test_the_same_words_under_a_second_address_change_no_level(said: list[Said], data: st.DataObject) -> None:
    twins = [(f"{identity}?again", bulletin) for identity, bulletin in said if data.draw(st.booleans())]
    assert of_city(said + twins) == of_city(said)


@settings(deadline=None, max_examples=100)
@given(HISTORY, st.sampled_from([Status.EXERCISE, Status.TEST]).flatmap(one))
def test_a_drill_changes_nothing(said: list[Said], drill: Said) -> None:
    identity, bulletin = drill
    assert of_city([*said, (f"{identity}?drill", bulletin)]) == of_city(said)


@settings(deadline=None, max_examples=100)
@given(HISTORY, st.sampled_from(["", "10", "03", "43"]), st.integers(6, 9))
def test_a_higher_code_never_gives_a_lower_level(said: list[Said], code: str, minutes: int) -> None:
    ladder = ["", "10", "03", "43", "33"]
    higher = ladder[ladder.index(code) + 1]

    def level(last: str) -> int:
        found = {w.hazard: w.level for w in of_city([*said, telegram("VPWW55", minutes, last)])}
        return found["rain"] or 0

    assert level(higher) > level(code)


@settings(deadline=None, max_examples=100)
@given(HISTORY, st.sampled_from(["VPWW53", "VPWW54"]), st.sampled_from(["", "10", "03", "99"]), st.integers(0, 9))
def test_a_copy_never_lowers_the_new_lineage(said: list[Said], kind: str, code: str, minutes: int) -> None:
    new = telegram("VPWW55", 9, "43")
    before = {w.hazard: w.level for w in of_city([*said, new])}
    after = {w.hazard: w.level for w in of_city([*said, new, telegram(kind, minutes, code, name="_copy")])}
    assert before["rain"] == after["rain"] == 4
