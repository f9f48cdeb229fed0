"""The composer and the approval: status chosen, two people, a name typed, one alone twice, and a way back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from disaster_hub.alerts import issuing
from disaster_hub.alerts.plan_updates import MARK
from disaster_hub.config import Staff
from disaster_hub.config_outside import LineBot, Sibling
from disaster_hub.desk import deciding
from disaster_hub.store import chronology, drafts, journal, outbox, staff
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import AlertKind, AlertState, Audience, Status
from disaster_hub.terms.decision import DecisionState, EvacuationArea
from disaster_hub.terms.draft import Draft, DraftState
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.role import Role
from disaster_hub.terms.world import World, WorldKind
from tests.portal import town
from tests.portal.composed import act, composed, draft, form, furnish, live, real_site, sent, wrong
from tests.portal.conftest import Site
from tests.portal.staff import signed_in, token
from timelines import messages
from timelines.channels import line
from timelines.channels.line import Quota
from timelines.phrases import Reviews


@pytest.fixture(name="three")
def a_site_of_three_areas(site: Site) -> Site:
    furnish(site.store, site.config)
    return site


def journal_of(site: Site, kind: str):
    with site.store.read() as tx:
        return journal.entries(tx, kinds=[kind])


@pytest.mark.parametrize("status", ["", "real", "Actual", "ACTUAL ", "実際", "0", "None", "exercise,actual"])
def test_a_status_that_was_not_chosen_is_refused_and_nothing_is_kept(three: Site, status: str) -> None:
    author = signed_in(three, "author")
    answer = author.post("/hq/compose", data=form(author, status=status, why="雨が続く"))
    assert answer.status_code == 400
    assert "実際・訓練・試験のどれかを選んでください" in wrong(answer)
    assert 'value="雨が続く"' in answer.get_data(as_text=True), "what was typed stays"
    with three.store.read() as tx:
        assert drafts.since(tx, town.NOW - timedelta(days=1)) == []


def test_no_status_is_chosen_beforehand(three: Site) -> None:
    page = signed_in(three, "author").get("/hq/compose?area=A1").get_data(as_text=True)
    start = page.index('name="status"')
    assert "checked" not in page[start : page.index("</fieldset>", start)]


@pytest.mark.parametrize("status", ["actual", "test"])
def test_a_world_that_is_not_configured_is_refused_in_words(three: Site, status: str) -> None:
    author = signed_in(three, "author")
    answer = author.post("/hq/compose", data=form(author, status=status))
    assert answer.status_code == 400
    assert "起案を置く世界が設定されていません" in wrong(answer)


def test_homes_people_differences_and_words_are_shown_before_anything_is_kept(three: Site) -> None:
    author = signed_in(three, "author")
    sent_ = form(author, "A1", "A2") | {"do": "look"}
    page = author.post("/hq/compose", data=sent_, headers={"X-Part": "1"}).get_data(as_text=True)
    assert '<strong class="big">5</strong>世帯 <strong>10</strong>人' in page
    assert "北部・東部" in page
    assert "新たに" in page
    assert "【訓練】" in page
    assert "○○小学校" in page
    assert "緊急速報メール" in page
    english = author.post("/hq/compose", data=sent_ | {"language": "en"}, headers={"X-Part": "1"})
    assert "Evacuat" in english.get_data(as_text=True)
    with three.store.read() as tx:
        assert drafts.waiting(tx, town.NOW) == []


def test_two_people_send_one_order_for_two_areas_and_answer_every_proposal_in_them(three: Site) -> None:
    with three.store.write() as tx:
        for code, order in (("A1", 4), ("A1", 3), ("A2", 4), ("A3", 4)):
            area = EvacuationArea(code, code, None, frozenset())
            deciding.begin(tx, order, Hazard.FLOOD, area, "増水", "author", town.NOW)
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    identity = composed(author, "A1", "A2")
    assert sent(three) == []
    page = approver.get(f"/hq/compose/{identity}").get_data(as_text=True)
    assert "北部・東部" in page
    assert "まとめて答える案" in page
    answer = act(approver, identity, "approve", "approve", typed=" 北部　東部 ")
    assert answer.status_code == 303
    standing = {(d.area, d.order): d.state for d in live(three)}
    assert standing == {
        ("A1", 4): DecisionState.ISSUED, ("A2", 4): DecisionState.ISSUED, ("A3", 4): DecisionState.OPEN,
    }  # fmt: skip
    (alert,) = sent(three)
    assert (alert.kind, alert.level, alert.area_name, alert.urgency) == (AlertKind.ORDER, 4, "北部・東部", 7)
    assert (alert.author, alert.approver, alert.city_order) == ("author", "approver", 4)
    assert answer.headers["Location"].endswith(f"/hq/alerts/{alert.id}")
    assert [entry.kind for entry in journal_of(three, "alert_decided")] == ["alert_decided"]
    assert len(journal_of(three, "order_issued")) == 2
    assert "承認 approver" in approver.get(f"/hq/alerts/{alert.id}").get_data(as_text=True)
    assert "届き方を見る" in author.get(f"/hq/compose/{identity}").get_data(as_text=True)


def test_the_author_cannot_approve_even_with_the_right(three: Site) -> None:
    approver = signed_in(three, "approver")
    identity = composed(approver)
    answer = act(approver, identity, "approve", "approve", typed="北部")
    assert answer.status_code == 400
    assert "起案した本人は承認できません" in wrong(answer)
    assert sent(three) == []


@pytest.mark.parametrize("typed", ["", "　", "南部", "北", "北部・東部"])
def test_a_wrong_name_is_refused(three: Site, typed: str) -> None:
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    answer = act(approver, composed(author), "approve", "approve", typed=typed)
    assert answer.status_code == 400
    assert "「北部」と入力してください" in wrong(answer)
    assert sent(three) == []


def test_a_draft_from_before_midnight_is_never_sent(three: Site) -> None:
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    identity = composed(author)
    three.wall[0] += timedelta(minutes=three.config.sending.draft_minutes)
    answer = act(approver, identity, "approve", "approve", typed="北部")
    assert answer.status_code == 400
    assert "期限が切れています" in wrong(answer)
    page = approver.get(f"/hq/compose/{identity}").get_data(as_text=True)
    assert "承認も発信もできません" in page
    assert 'name="typed"' not in page
    assert sent(three) == []
    assert live(three) == []
    again = author.get("/hq/compose?kind=4&hazard=flood&area=A1").get_data(as_text=True)
    assert 'value="A1" checked' in again


def test_of_two_approvals_at_once_the_second_is_told(three: Site) -> None:
    author = signed_in(three, "author")
    first, second = signed_in(three, "approver"), signed_in(three, "approver", "other")
    identity = composed(author)
    assert act(first, identity, "approve", "approve", typed="北部").status_code == 303
    answer = act(second, identity, "approve", "approve", typed="北部")
    assert answer.status_code == 409
    assert "もう approver が発信しました" in wrong(answer)
    assert len(sent(three)) == 1


def test_what_is_sent_back_is_not_sent(three: Site) -> None:
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    identity = composed(author)
    assert act(approver, identity, "approve", "back").status_code == 400
    assert act(approver, identity, "approve", "back", reason="南部も要る").status_code == 303
    assert draft(three, identity).state is DraftState.SENT_BACK
    assert "南部も要る" in author.get(f"/hq/compose/{identity}").get_data(as_text=True)
    assert act(approver, identity, "approve", "approve", version=2, typed="北部").status_code == 409
    assert sent(three) == []


def test_raising_lowering_and_lifting_are_orders_of_their_own(three: Site) -> None:
    author, approver = signed_in(three, "author"), signed_in(three, "approver")

    def done(areas: tuple[str, ...], typed: str, **said: str) -> None:
        identity = composed(author, *areas, **said)
        page = approver.get(f"/hq/compose/{identity}").get_data(as_text=True)
        words.append([word for word in ("新たに", "引き上げ", "引き下げ", "終わります") if word in page])
        answer = act(approver, identity, "approve", "approve", typed=typed)
        assert answer.status_code == 303, wrong(answer)
        three.wall[0] += timedelta(minutes=1)

    words: list[list[str]] = []
    done(("A1", "A2"), "北部・東部", kind="3")
    done(("A1",), "北部", kind="4")
    assert {(d.area, d.order) for d in live(three)} == {("A1", 4), ("A2", 3)}
    done(("A1",), "北部", kind="3")
    assert {(d.area, d.order) for d in live(three)} == {("A1", 3), ("A2", 3)}
    done(("A1", "A2"), "北部・東部", kind="lift", why="水位が下がった")
    assert live(three) == []
    assert words == [["新たに"], ["引き上げ"], ["引き下げ"], ["終わります"]]
    lift = sent(three)[0]
    assert (lift.kind, lift.level, lift.why) == (AlertKind.LIFT, 3, "水位が下がった")
    assert lift.audience.shape is not None, "it goes to everybody in the areas, whoever got the order"
    again = author.post("/hq/compose", data=form(author, kind="lift"))
    assert "解除するものがありません" in wrong(again)


def test_the_same_order_twice_is_refused(three: Site) -> None:
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    act(approver, composed(author), "approve", "approve", typed="北部")
    answer = author.post("/hq/compose", data=form(author))
    assert answer.status_code == 400
    assert "同じ避難情報がもう発令されています" in wrong(answer)


def test_one_officer_alone_confirms_twice_and_it_is_written_large(three: Site) -> None:
    three.app.extensions["disaster_hub"].config = replace(three.config, staff=(Staff("console", "staff"),))
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    identity = composed(author, kind="5")
    assert act(author, identity, "author", "first", typed="北部").status_code == 400
    assert act(author, identity, "author", "first", typed="北部", reason="承認者と連絡がとれない").status_code == 303
    assert sent(three) == []
    early = act(author, identity, "author", "second", version=2, typed="北部")
    assert "あと60秒待ってください" in wrong(early)
    three.wall[0] += timedelta(seconds=59)
    assert act(author, identity, "author", "second", version=2, typed="北部").status_code == 400
    three.wall[0] += timedelta(seconds=1)
    assert act(author, identity, "author", "second", version=2, typed="東部").status_code == 400
    assert act(approver, identity, "author", "second", version=2, typed="北部").status_code == 400
    assert sent(three) == []
    assert act(author, identity, "author", "second", version=2, typed="北部").status_code == 303
    (alert,) = sent(three)
    assert (alert.author, alert.approver, alert.level) == ("author", "author", 5)
    with three.store.read() as tx:
        pinned = [chronology.find(tx, number) for number in chronology.pins(tx)]
        told = outbox.counts(tx)
    assert "一人で緊急に発信しました" in pinned[0].entry.what
    assert told == {"due": 1}
    assert "一人で緊急発信" in approver.get("/hq/watch").get_data(as_text=True)
    assert act(author, identity, "approve", "seen", version=3).status_code == 403
    assert act(approver, identity, "approve", "seen", version=3).status_code == 303
    three.wall[0] += timedelta(seconds=6)
    assert "一人で緊急発信" not in approver.get("/hq/watch").get_data(as_text=True)


def test_an_approver_may_still_confirm_what_one_began_alone(three: Site) -> None:
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    identity = composed(author)
    act(author, identity, "author", "first", typed="北部", reason="つながらない")
    assert act(approver, identity, "approve", "approve", version=2, typed="北部").status_code == 303
    assert not draft(three, identity).alone


def test_a_wrong_area_is_cancelled_by_one_and_what_was_before_stands_again(three: Site) -> None:
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    act(approver, composed(author, kind="3"), "approve", "approve", typed="北部")
    three.wall[0] += timedelta(minutes=1)
    identity = composed(author, kind="4")
    act(approver, identity, "approve", "approve", typed="北部")
    alert = draft(three, identity).alert
    said = {"csrf_token": token(author, "/hq/compose"), "why": "区域を間違えた"}
    answer = author.post(f"/hq/alerts/{alert}/cancel", data=said | {"typed": "はい"})
    assert answer.status_code == 400
    assert "「取消」と入力してください" in wrong(answer)
    assert 'value="区域を間違えた"' in answer.get_data(as_text=True)
    three.wall[0] += timedelta(minutes=1)
    answer = author.post(f"/hq/alerts/{alert}/cancel", data=said | {"typed": "取消"})
    assert answer.status_code == 303
    cancel = sent(three)[0]
    assert (cancel.kind, cancel.earlier, cancel.audience.same_as, cancel.urgency) == (AlertKind.CANCEL, alert, alert, 9)
    assert next(a for a in sent(three) if a.id == alert).state is AlertState.CANCELLED
    assert [(d.area, d.order, d.state) for d in live(three)] == [("A1", 3, DecisionState.ISSUED)]
    assert "引き続き" in cancel.why
    sent_list, taken_back = (author.get(f"/hq/alerts{end}").get_data(as_text=True) for end in ("", f"/{cancel.id}"))
    assert sent_list.count('data-status="exercise"') == 3, "what no draft stands behind says so too"
    assert 'data-status="exercise"' in taken_back
    assert "<dt>返事</dt>" not in taken_back, "nobody is asked to answer a cancel"
    page = author.get(f"/hq/alerts/{alert}").get_data(as_text=True)
    assert "取り消した" in page
    assert "取消を出す" not in page
    again = author.post(f"/hq/alerts/{alert}/cancel", data=said | {"typed": "取消"})
    assert again.status_code == 400


def test_an_order_is_not_taken_back_through_an_update_of_plans(three: Site) -> None:
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    identity = composed(author)
    act(approver, identity, "approve", "approve", typed="北部")
    first = sent(three)[0]
    changed = Audience(households=("0" * 32,))
    new = replace(first, id=f"{first.id}{MARK}1", kind=AlertKind.UPDATE, earlier=first.id, audience=changed)
    with three.store.write() as tx:
        assert issuing.issue(tx, new, three.config, first.decided_at)
    said = {"csrf_token": token(author, "/hq/compose"), "why": "区域を間違えた", "typed": "取消"}
    answer = author.post(f"/hq/alerts/{new.id}/cancel", data=said)
    assert answer.status_code == 400
    assert "もとの知らせから" in wrong(answer)
    assert [(d.area, d.order) for d in live(three)] == [("A1", 4)]


def test_a_correction_wants_two_people_and_goes_to_the_same_homes(three: Site) -> None:
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    first = composed(author, note="市民体育館を開けました")
    act(approver, first, "approve", "approve", typed="北部")
    alert = draft(three, first).alert
    said = {"csrf_token": token(author, "/hq/compose"), "note": "市民体育館は開いていません。北小学校へ", "why": ""}
    three.wall[0] += timedelta(minutes=1)
    answer = author.post(f"/hq/alerts/{alert}/update", data=said)
    assert answer.status_code == 303
    identity = answer.headers["Location"].rpartition("/")[2]
    page = approver.get(f"/hq/compose/{identity}").get_data(as_text=True)
    assert "<del>市民体育館を開けました</del>" in page
    assert "前の知らせが届いた人たち" in page
    assert act(approver, identity, "approve", "approve", typed="北部").status_code == 303
    update = sent(three)[0]
    assert (update.kind, update.earlier, update.audience.same_as) == (AlertKind.UPDATE, alert, alert)
    assert [(d.area, d.order) for d in live(three)] == [("A1", 4)], "a correction moves no order"
    assert "訂正" in author.get(f"/hq/alerts/{alert}").get_data(as_text=True)


def test_a_telephone_number_and_too_long_a_text_are_refused(three: Site) -> None:
    author = signed_in(three, "author")
    for said in ({"why": "090-1234-5678 の佐藤さんから"}, {"note": "090-1234-5678 へ"}, {"note": "あ" * 201}):
        answer = author.post("/hq/compose", data=form(author, **said))
        assert answer.status_code == 400
        assert next(iter(said.values())) in answer.get_data(as_text=True)


@pytest.fixture(name="drill")
def a_drill_store(tmp_path: Path) -> Iterator[Store]:
    folder = tmp_path / "drill"
    folder.mkdir()
    config = town.config_for(folder, World(WorldKind.DRILL, "訓練の世界"))
    store = prepare(config.store, config.world)
    furnish(store, config)
    yield store
    store.close()


def kept(store: Store) -> list[Draft]:
    with store.read() as tx:
        return drafts.since(tx, town.NOW - timedelta(days=9))


def test_an_exercise_goes_into_the_drills_own_store_and_never_into_the_real_one(tmp_path: Path, drill: Store) -> None:
    sibling = Sibling("exercise", "訓練の世界", f"sqlite:///{drill.engine.url.database}", "https://drill.example")
    with real_site(tmp_path / "real", siblings=(sibling,)) as real:
        author = signed_in(real, "author")
        refused = author.post("/hq/compose", data=form(author, status="exercise"))
        assert "権限がありません" in wrong(refused), "who is unknown there drafts nothing there"
        with drill.write() as tx:
            staff.add(tx, "author", "x", Role.AUTHOR, town.NOW)
        answer = author.post("/hq/compose", data=form(author, status="exercise"))
        assert answer.status_code == 303
        page = author.get(answer.headers["Location"]).get_data(as_text=True)
        assert "訓練の世界" in page
        assert "https://drill.example/hq/compose/" in page
        (one,) = kept(drill)
        assert (one.status, one.world, one.author) == (Status.EXERCISE, WorldKind.DRILL, "author")
        assert kept(real.store) == []
        assert draft(real, composed(author, status="actual")).status is Status.ACTUAL
        assert len(kept(drill)) == 1


def test_a_sibling_that_is_the_wrong_world_gets_nothing(tmp_path: Path) -> None:
    """Somebody wrote the real store's address into the line for exercises."""
    with real_site(tmp_path / "actual") as actual:
        signed_in(actual, "author")
        with real_site(tmp_path / "here", siblings=(Sibling("exercise", "訓練", actual.config.store),)) as here:
            author = signed_in(here, "author")
            answer = author.post("/hq/compose", data=form(author, status="exercise"))
        assert answer.status_code == 400
        assert "別の世界" in wrong(answer)
        assert kept(actual.store) == []


def test_unreviewed_japanese_is_not_sent_in_the_real_world(tmp_path: Path) -> None:
    with real_site(tmp_path / "real") as real:
        author, approver = signed_in(real, "author"), signed_in(real, "approver")
        identity = composed(author, status="actual")
        answer = act(approver, identity, "approve", "approve", typed="北部")
        assert answer.status_code == 400
        assert "まだ確認されていないため、本番では送れません" in wrong(answer)
        assert sent(real) == []


def test_an_actual_order_waits_until_the_words_of_its_cancel_are_reviewed_too(tmp_path: Path) -> None:
    reviews = Reviews(tmp_path / "real" / "reviews.toml")
    with real_site(tmp_path / "real", source=tmp_path / "real" / "config.toml") as real:
        keys = {one.value: messages.unreviewed(reviews, one, 4) for one in (AlertKind.ORDER, AlertKind.CANCEL)}
        only = sorted(set(keys["cancel"]["ja"]) - set(keys["order"]["ja"]))
        assert only, "a cancel has words of its own"
        for language in ("ja", "vi"):
            reviews.sign("鈴木", language, keys["order"][language])
        author, approver = signed_in(real, "author"), signed_in(real, "approver")
        identity = composed(author, status="actual")
        answer = act(approver, identity, "approve", "approve", typed="北部")
        assert answer.status_code == 400
        assert f"取消に使う日本語の定型文 {len(only)} 件がまだ確認されていない" in wrong(answer)
        assert only[0] in wrong(answer)
        assert sent(real) == []
        reviews.sign("鈴木", "ja", keys["cancel"]["ja"])
        page = approver.get(f"/hq/compose/{identity}").get_data(as_text=True)
        assert f"取消だけは日本語で送る言葉（取消の定型文の確認がまだ）：Tiếng Việt {len(only)}件" in page
        assert act(approver, identity, "approve", "approve", typed="北部").status_code == 303
        assert len(sent(real)) == 1


@pytest.mark.parametrize("role", ["viewer", "department", "field", "administrator", "leader"])
def test_others_neither_compose_nor_cancel(three: Site, role: str) -> None:
    author, approver = signed_in(three, "author"), signed_in(three, "approver")
    identity = composed(author)
    client = signed_in(three, role)
    assert client.get("/hq/compose").status_code == 403
    assert client.get(f"/hq/compose/{identity}").status_code == 403
    act(approver, identity, "approve", "approve", typed="北部")
    alert = draft(three, identity).alert
    said = {"csrf_token": token(client, "/hq/password"), "why": "x", "typed": "取消"}
    assert client.post(f"/hq/alerts/{alert}/cancel", data=said).status_code == 403
    assert len(sent(three)) == 1


def test_proposals_of_many_areas_lead_to_one_draft(three: Site) -> None:
    with three.store.write() as tx:
        ids = [
            deciding.begin(tx, 4, Hazard.FLOOD, EvacuationArea(code, code, None, frozenset()), "増水", "x", town.NOW).id
            for code in ("A1", "A2", "A3")
        ]
    author = signed_in(three, "author")
    listed = author.get("/hq/decisions").get_data(as_text=True)
    assert "3区域をまとめて起案する" in listed
    page = author.get("/hq/compose?" + "&".join(f"decision={one}" for one in ids)).get_data(as_text=True)
    assert page.count('" checked><span class="area-name">') == 3
    assert 'value="増水"' in page
    assert "みなも市全域" in page, "all areas have one short name"
    composed(author, "A1", "A2", "A3")
    assert "承認待ち：" in author.get("/hq/decisions").get_data(as_text=True)
    assert "承認待ちの起案あり" in author.get(f"/hq/decisions/{ids[0]}").get_data(as_text=True)


def test_lines_quota_is_said_before_approval_and_a_slow_line_holds_nobody_up(
    three: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = three.app.extensions["disaster_hub"]
    hub.config = replace(three.config, line_bot=LineBot("token", "secret"))
    author = signed_in(three, "author")
    answered = threading.Event()

    def slowly(*_: object) -> Quota:
        answered.wait(20)
        return Quota(5000, 4997)

    monkeypatch.setattr(line, "quota", slowly)
    look = form(author) | {"do": "look"}
    page = author.post("/hq/compose", data=look, headers={"X-Part": "1"}).get_data(as_text=True)
    assert "今月の残り" not in page, "LINE has not answered, and the page came"
    answered.set()
    for asking in threading.enumerate():
        if asking.name == "line quota":
            asking.join(20)
    page = author.post("/hq/compose", data=look, headers={"X-Part": "1"}).get_data(as_text=True)
    assert "LINE 今月の残り <b>3</b>通" in page
