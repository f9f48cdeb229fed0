"""The plan on paper comes back exactly, whatever people type; a damaged one is refused."""

from __future__ import annotations

import base64
import dataclasses
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Destination, Home, Household, Kind, Mode, Need, Plan, Structure
from disaster_hub.terms.place import LonLat
from tests.timelines.sheets import IDS, PLAN, say
from timelines import hub1, qr, qrtext

PHRASE_OF_THE_REST = "の続きは紙にあります"

words = st.text(max_size=60) | st.sampled_from(
    ["", " ", "a: b", "HUB1 ABC", "\\n", "\n\n", "👨‍👩‍👧‍👦", "\u202e", "髙橋", "~\\"]
)
spots = st.builds(LonLat, st.floats(-180, 180), st.floats(-90, 90))
places = st.none() | st.builds(
    Destination, st.sampled_from(Kind), st.none() | words, words, st.none() | spots, st.booleans()
)
plans = st.builds(
    Plan,
    home=st.builds(Home, spots, words, st.integers(1, 50), st.integers(1, 50), st.sampled_from(Structure)),
    household=st.builds(
        Household,
        people=st.integers(1, 20),
        needs=st.frozensets(st.sampled_from(Need)),
        mode=st.sampled_from(Mode),
        ten_minutes_m=st.none() | st.integers(0, 2000),
        stairs=st.booleans(),
        pram=st.booleans(),
        prepare_min=st.integers(0, 600),
        endure_hours=st.none() | st.integers(0, 1000),
    ),
    first=places,
    second=places,
    leave_level=st.integers(1, 5),
    steps=st.dictionaries(st.integers(1, 5), st.lists(st.text(max_size=12), max_size=4).map(tuple)),
    own_words=st.dictionaries(st.integers(1, 5), words, max_size=2),
    made_for=st.sampled_from(["self", "parent"]),
    seen_by=st.frozensets(st.sampled_from(["family", "neighbours"])),
    helper=words,
    language=st.sampled_from(["ja", "ja-easy", "en", "zh-Hans", "pt"]),
    reviewed_on=st.none() | st.dates(),
)


@given(plans)
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_back(plan: Plan) -> None:
    try:
        text = qrtext.write(plan, say)
    except BadInput as refused:
        assert "too long" in str(refused)  # noqa: PT017
        return
    assert qr.fits(text)
    assert qrtext.read(text) == plan
    assert qrtext.read(text.replace("\n", "\r\n\r\n") + "\n") == plan


def test_a_person_can_read_it() -> None:
    lines = qrtext.write(PLAN, say).split("\n")
    assert lines[0] == "避難の計画（マイ・タイムライン）"
    assert lines[1] == "家：鶴川市馬場町9番25号"
    assert lines[2] == "38.72713,139.82678"
    assert "上の階だけ" in lines[3]
    assert lines[3].endswith("朝日第一小学校")
    assert "レベル３で家を出る" in lines
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    assert [words for words in IDS.values() if words.translate(wide) not in "\n".join(lines)] == []
    assert lines[-1].startswith("HUB1 ")


def test_the_way_in_short_is_there_where_there_is_room() -> None:
    few = dataclasses.replace(PLAN, steps={3: PLAN.steps[3]})
    assert "道　北へ８０m" in qrtext.write(few, say, ["道 北へ80m 右へ90m"])


def test_what_does_not_fit_is_counted_and_still_comes_back() -> None:
    many = dataclasses.replace(PLAN, steps={level: tuple(IDS) for level in range(1, 6)})
    text = qrtext.write(many, say)
    assert "＋" in text
    assert PHRASE_OF_THE_REST in text
    assert qrtext.read(text) == many


def test_own_words_that_fit_no_code_are_refused_and_nothing_is_cut_silently() -> None:
    with pytest.raises(BadInput, match="shorten the own words"):
        qrtext.write(dataclasses.replace(PLAN, own_words={1: "長い" * 600}), say)


def test_a_person_may_copy_it_by_hand_and_by_mail() -> None:
    text = qrtext.write(PLAN, say)
    *lines, last = text.split("\n")
    mark, letters, check = last.split(" ")
    wrapped = "\n".join([letters[at : at + 40] for at in range(0, len(letters), 40)])
    assert qrtext.read("\n\n".join(lines) + f"\n{mark} {wrapped}\n{check}\n") == PLAN
    assert (
        qrtext.read("\n".join([*lines, last.lower().replace("0", "o").replace("1", "l").replace("hubl", "hub1")]))
        == PLAN
    )


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_one_wrong_letter_is_refused_in_one_sentence(data: st.DataObject) -> None:
    text = qrtext.write(PLAN, say)
    carries = [at for at, letter in enumerate(text) if at >= text.index("HUB1 ") + 5 and letter != " "]
    carries += list(range(text.index("鶴川市"), text.index("鶴川市") + 10))
    at = data.draw(st.sampled_from(carries))
    other = data.draw(st.sampled_from("23456789ABCDEFGHJKMNPQRSTVWXYZ"))
    if text[at] == other:
        return
    with pytest.raises(BadInput, match=r"^plan: the text is damaged"):
        qrtext.read(text[:at] + other + text[at + 1 :])


@given(st.text() | st.text(alphabet="HUB1 \n0123456789ABCDEFGHJKMNPQRSTVWXYZ").map("a\nHUB1 ".__add__))
@settings(deadline=None)
def test_anything_else_is_refused_too(text: str) -> None:
    with pytest.raises(BadInput, match=r"^plan: "):
        qrtext.read(text)


def test_a_bomb_is_not_unpacked() -> None:
    press = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=hub1.TEXT)
    raw = press.compress(b"[" * 10_000_000) + press.flush()
    letters = base64.b32encode(raw[:4000]).rstrip(b"=").translate(qrtext.BASE32).decode()
    with pytest.raises(BadInput):
        qrtext.read(f"a\nHUB1 {letters} ABCDEF")
    with pytest.raises(BadInput, match="more than any"):
        qrtext.read("a" * 100_000)


def test_another_version_says_so() -> None:
    with pytest.raises(BadInput, match="another version"):
        qrtext.read(qrtext.write(PLAN, say).replace("HUB1", "HUB7"))


def test_a_code_that_names_no_place_on_earth_is_refused() -> None:
    away = dataclasses.replace(PLAN, home=Home(LonLat(500.0, 38.0)))
    with pytest.raises(BadInput, match="damaged"):
        qrtext.read(qrtext.write(away, say))


def test_nothing_hidden_stays_hidden() -> None:
    text = qrtext.write(dataclasses.replace(PLAN, helper="\u202eevil\x1b[31m\nHUB1 X "), say)
    assert not set(text) & {"\u202e", "\x1b"}
    assert len([line for line in text.split("\n") if line.startswith("HUB1")]) == 1


def test_a_sheet_printed_long_ago_is_still_read() -> None:
    """Where this fails, `hub1.py` or the order of the fields was changed: make it HUB2 and keep reading HUB1."""
    printed = (Path(__file__).parent / "printed_hub1.txt").read_text(encoding="utf-8")
    assert qrtext.read(printed) == PLAN
