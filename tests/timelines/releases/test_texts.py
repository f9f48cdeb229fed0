"""Hand-over texts: what each taker gets of every kind of alert, within its lengths, and marked where it is no real one."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.terms.alert import AlertKind, Audience
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.release import Form, Release
from disaster_hub.terms.world import WorldKind
from tests.timelines.releases.decided import TOWN, follow, matters, order
from timelines.phrases import LANGUAGES
from timelines.releases import area_mail, cap, lalert, loudspeaker, social
from timelines.releases.info import infos
from timelines.releases.words import Matter, clock, handle, innocent, public, width

WRITERS = {
    Form.AREA_MAIL: area_mail.write, Form.LOUDSPEAKER: loudspeaker.write, Form.LALERT: lalert.write,
    Form.SOCIAL: social.post,
}  # fmt: skip
EVERY = [pytest.param(m, id=f"{m.kind.value}-{m.level}") for m in matters()]
LONG = "北部・東部・" + "みなも川沿いの集落・" * 30
CITY_ONLY = {AlertKind.ORDER, AlertKind.LIFT, AlertKind.UPDATE, AlertKind.CANCEL}


def all_of(matter: Matter) -> list[Release]:
    found = [write(matter, TOWN) for write in WRITERS.values()]
    return [one for one in found if one] + [social.page(matter, TOWN, LANGUAGES), cap.write(matter, TOWN, LANGUAGES)]


def text(one: Release | None, number: int = 0) -> str:
    assert one is not None
    return one.parts[number].text


@pytest.mark.parametrize("world", [WorldKind.DRILL, WorldKind.REPLAY])
@pytest.mark.parametrize("number", range(len(EVERY)))
def test_every_text_of_another_world_says_so_in_its_first_words(world: WorldKind, number: int) -> None:
    for one in all_of(matters(world)[number]):
        if one.form is Form.LALERT:
            said = {part.name: part.text for part in one.parts}
            assert said["運用種別"] == "訓練"
            assert all(said[name].startswith("【訓練】") for name in ("見出し", "対象地区名", "理由", "本文"))
        elif one.form is Form.CAP:
            assert "<status>Exercise</status>" in one.content
        else:
            assert all(part.text.startswith("【訓練】") for part in one.parts), one.form


@pytest.mark.parametrize("matter", EVERY)
def test_no_actual_text_bears_a_mark(matter: Matter) -> None:
    for one in all_of(matter):
        assert "訓練" not in one.content, one.form


def test_actual_words_that_bear_a_mark_are_refused() -> None:
    for name in ("why", "note", "area_name", "issuer"):
        for mark in ("【訓練】", "【テスト】"):
            matter = Matter(order(**{name: f"北部{mark}"}))
            for write in WRITERS.values():
                with pytest.raises(BadInput, match="訓練・テスト"):
                    write(matter, TOWN)


@pytest.mark.parametrize("matter", EVERY)
def test_an_area_mail_rings_for_the_citys_own_orders_alone(matter: Matter) -> None:
    one = area_mail.write(matter, TOWN)
    assert (one is not None) == (matter.kind in CITY_ONLY)
    if one is not None:
        assert [part.most for part in one.parts] == [15, 200]
        assert not any(part.over for part in one.parts)


def test_an_area_mail_says_place_and_action_first_and_keeps_whole_sentences() -> None:
    body = text(area_mail.write(Matter(order()), TOWN), 1)
    assert body.startswith(
        "【北部・東部】警戒レベル4 避難指示を発令しました。危険な場所にいる方は、全員避難してください。"
    )
    assert body.endswith("（みなも市 午後8時29分）")
    tight = text(area_mail.write(Matter(order()), replace(TOWN, mail_body=50)), 1)
    assert tight.endswith(("。", "）"))
    assert "避難してください。" in tight
    assert width(tight) <= 50


@pytest.mark.parametrize("note", [
    "詳しくは https://example.jp/a", "電話 0235-25-2111", "電話０２３５（２５）２１１１", "www.example.jp", "a@example.jp",
])  # fmt: skip
def test_an_area_mail_bears_no_address_and_no_number(note: str) -> None:
    said = area_mail.write(Matter(order(note=note, why=note)), TOWN)
    assert said is not None
    assert note not in said.content
    assert all(innocent(part.text) for part in said.parts)


def test_a_long_list_of_areas_does_not_push_out_what_to_do() -> None:
    for level in (3, 4, 5):
        for world in (WorldKind.REAL, WorldKind.DRILL):
            matter = Matter(order(level, area_name=LONG, world=world))
            for one in (area_mail.write(matter, TOWN), social.post(matter, TOWN)):
                assert one is not None
                assert not any(part.over for part in one.parts)
                assert "ください" in one.parts[-1].text


@given(
    area=st.text(max_size=120), why=st.text(max_size=200), note=st.text(max_size=300), level=st.sampled_from([3, 4, 5])
)
def test_whatever_is_typed_the_lengths_hold(area: str, why: str, note: str, level: int) -> None:
    matter = Matter(order(level, area_name=area or "北部", why=why, note=note))
    try:
        found = [area_mail.write(matter, TOWN), social.post(matter, TOWN)]
    except BadInput:
        return  # a mark was typed
    assert all(one is not None and not any(part.over for part in one.parts) for one in found)


def test_the_loudspeaker_says_it_twice_and_in_words_that_are_heard() -> None:
    one = loudspeaker.write(Matter(order()), TOWN)
    said = text(one)
    assert said.splitlines()[0] == said.splitlines()[-1] == "こちらは、みなも市です。"
    assert said.count("警戒レベル4、避難指示、警戒レベル4、避難指示。") == 2
    assert said.count("午後8時29分、対象は、北部、東部です。") == 2
    assert said.count("全員避難してください") == 2
    assert "20:29" not in said
    assert one is not None
    spoken = sum(c not in " 　、。・（）「」【】\n" for c in said)
    assert one.seconds == pytest.approx(spoken / 5 + said.count("。") * 0.6, abs=0.1)
    drill = text(loudspeaker.write(Matter(order(world=WorldKind.DRILL)), TOWN))
    assert drill.count("これは訓練です。") == 3


def test_the_loudspeaker_is_silent_for_what_another_office_says() -> None:
    silent = {m.kind for m in matters() if loudspeaker.write(m, TOWN) is None}
    assert silent == {AlertKind.AUTOMATIC, AlertKind.CALM}


@pytest.mark.parametrize(("hour", "minute", "said"), [
    (11, 58, "午後8時58分"), (15, 0, "午前0時ちょうど"), (3, 0, "午後0時ちょうど"), (0, 5, "午前9時5分"), (11, 0, "午後8時"),
])  # fmt: skip
def test_a_time_is_said_as_it_is_read(hour: int, minute: int, said: str) -> None:
    assert clock(datetime(2026, 9, 18, hour, minute, tzinfo=UTC)) == said


def test_a_lift_is_no_cancel_and_a_cancel_names_the_minute_of_what_was_wrong() -> None:
    first = order()
    lift = follow(first, AlertKind.LIFT, why="水位が下がりました")
    lifted = text(area_mail.write(Matter(lift, first), TOWN), 1)
    assert "解除しました" in lifted
    assert "誤り" not in lifted
    cancelled = text(area_mail.write(Matter(follow(first, AlertKind.CANCEL), first), TOWN), 1)
    assert "午後8時29分の警戒レベル4 避難指示は誤りでした。取り消します。" in cancelled
    for said in (lifted, cancelled):
        assert "安全" not in said


def test_a_post_fits_and_leads_to_the_page() -> None:
    for matter in matters():
        one = social.post(matter, TOWN)
        assert one.parts[0].most == 140
        assert not one.parts[0].over
        assert f"{TOWN.address}/alerts" in one.parts[0].text
        assert "#みなも市" in one.parts[0].text


def test_what_another_office_says_is_no_order_and_says_that_there_is_none() -> None:
    by_rule = order(4, kind=AlertKind.AUTOMATIC, rule="level@1", issuer="気象庁", city_order=None)
    said = text(social.post(Matter(by_rule), TOWN))
    assert "市の避難情報は出ていません。" in said
    assert "避難指示" not in said
    assert "気象庁" in said
    with_order = text(social.post(Matter(replace(by_rule, city_order=3)), TOWN))
    assert "市の高齢者等避難が出ています。" in with_order


def test_a_correction_of_an_automatic_one_is_still_no_order() -> None:
    by_rule = order(4, kind=AlertKind.AUTOMATIC, rule="level@1", issuer="気象庁", city_order=None)
    again = follow(follow(by_rule, AlertKind.UPDATE), AlertKind.UPDATE)
    matter = Matter(again, follow(by_rule, AlertKind.UPDATE))
    assert not matter.orders
    assert area_mail.write(matter, TOWN) is None


def test_the_broadcasters_table_has_one_row_an_item_and_reckons_with_nothing() -> None:
    one = lalert.write(Matter(order(why="=HYPERLINK(1)", note="+補足")), TOWN)
    assert one is not None
    assert one.content.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(one.content.removeprefix("\ufeff"))))
    assert rows[0] == ["項目", "内容"]
    said = dict(rows[1:])
    assert said["警戒レベル"] == "4"
    assert said["避難情報の名称"] == "避難指示"
    assert said["全国地方公共団体コード（先頭5桁）"] == "99201"
    assert said["運用種別"] == "本番"
    assert not any(value.startswith(("=", "+", "-", "@")) for value in said.values())


def test_a_cancel_names_the_earlier_one_to_the_broadcasters() -> None:
    first = order()
    one = lalert.write(Matter(follow(first, AlertKind.CANCEL), first), TOWN)
    assert one is not None
    said = {part.name: part.text for part in one.parts}
    assert said["更新種別"] == "取消"
    assert said["もとの情報の番号"].startswith("a1b2")


def test_what_is_for_single_households_is_not_public() -> None:
    assert public(order())
    assert not public(order(audience=Audience(households=("h1",))))
    assert not public(order(kind=AlertKind.HELPER))


def test_different_ids_stay_different_as_names() -> None:
    odd = ["a/b", "a_b", "a b", "a,b", "a<b", "あ", "い", "x" * 90, "x" * 91, "a~cancel2"]
    names = [handle(one) for one in odd]
    assert len(set(names)) == len(odd)
    assert all(c.isascii() and (c.isalnum() or c in "._~-") for name in names for c in name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_web_text_says_action_place_and_who_in_every_language(language: str) -> None:
    page = social.page(Matter(order()), TOWN, LANGUAGES)
    mine = next(part.text for part in page.parts if part.name == language)
    assert "北部・東部" in mine
    assert "みなも市" in mine
    assert "20:29" in mine
    assert page.valid_until is None


def test_the_public_text_says_which_order_of_the_city_stands_and_never_waits_for_a_lower_one() -> None:
    by_rule = order(4, kind=AlertKind.AUTOMATIC, rule="level@1", issuer="気象庁", city_order=None)
    none, lower, same = (infos(Matter(replace(by_rule, city_order=n)), TOWN, ["ja"])[0] for n in (None, 3, 4))
    assert "市の避難情報は出ていません" in none.description
    assert "市からは警戒レベル3 高齢者等避難が出ています" in lower.description
    assert "市からは警戒レベル4 避難指示が出ています" in same.description
    assert [("市の発令を待たずに" in one.instruction) for one in (none, lower, same)] == [True, True, False]
