"""The page behind a message's link: looking counts for nothing, a press counts once, and nobody else learns anything."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from disaster_hub.store import alerts, briefs, help_calls, households, journal, unsubscribe
from disaster_hub.terms.alert import AlertAnswer, AlertKind, Brief
from disaster_hub.terms.helping import CallState, HelpCall
from disaster_hub.terms.way import Word
from tests.portal import town
from tests.portal.resident.alerted import BRIEF, alert_of, desk_of, household_of, spread
from tests.portal.resident.hamlet import Hamlet, Phone

OURS = {"X-Hub": "answers"}


def given(hamlet: Hamlet, alert: str = "a1") -> AlertAnswer | None:
    with hamlet.store.read() as tx:
        return alerts.answer_of(tx, alert, household_of(hamlet))


def count(hamlet: Hamlet) -> int:
    with hamlet.store.read() as tx:
        return len([one for one in journal.entries(tx, limit=500) if one.kind == "alert_answered"])


@pytest.fixture(name="token")
def a_token(hamlet: Hamlet, phone: Phone) -> str:
    phone.walk()
    return spread(hamlet, alert_of(hamlet))


def test_the_page_says_action_minutes_way_and_who(hamlet: Hamlet, token: str) -> None:
    answer = hamlet.phone().get(f"/a/{token}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    order = [
        "今すぐ北小学校へ",
        "18:29 までに出る・あと 29 分",
        "出た",
        "着いた",
    ]
    assert [text.index(one) for one in order] == sorted(text.index(one) for one in order)
    for one in (
        "警戒レベル4 避難指示：北部・東部",
        "みなも市",
        "川の水位が上がっています",
        "道：",
        "助けて",
        "残る",
    ):
        assert one in text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("purpose", [{}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}])
def test_scanners_and_previews_answer_nothing(hamlet: Hamlet, token: str, method: str, purpose: dict[str, str]) -> None:
    client = hamlet.app.test_client()
    assert client.open(f"/a/{token}?word=left&nonce=1", method=method, headers=purpose).status_code == 200
    assert given(hamlet) is None
    assert count(hamlet) == 0


def test_a_press_counts_without_a_cookie_and_a_double_tap_once(hamlet: Hamlet, token: str) -> None:
    hamlet.app.config["WTF_CSRF_ENABLED"] = True
    for _ in range(2):
        answer = hamlet.app.test_client().post(f"/a/{token}", data={"word": "left", "nonce": "n1"})
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith(f"/a/{token}")
    found = given(hamlet)
    assert found is not None
    assert (found.word, found.via, count(hamlet)) == ("left", "link", 1)
    here = desk_of(hamlet)
    with hamlet.store.read() as tx:
        kept = households.answers(tx, here.keys, household_of(hamlet))
    assert [(one.word, one.about) for one in kept] == [("left", "alert:a1")]
    assert "「出た」を記録しました" in hamlet.phone().get(f"/a/{token}").get_data(as_text=True)


def test_an_answer_can_be_changed_and_changed_back(hamlet: Hamlet, token: str) -> None:
    for word in ("left", "help", "left"):
        hamlet.later(seconds=20)
        hamlet.phone().post(f"/a/{token}", word=word, nonce="the same page")
        found = given(hamlet)
        assert found is not None
        assert found.word == word


def test_the_journal_and_the_log_say_nothing_of_the_household(
    hamlet: Hamlet, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    hamlet.phone().post(f"/a/{token}", word="help", nonce="1")
    with hamlet.store.read() as tx:
        said = " ".join(str(one) for one in journal.entries(tx, limit=500) if one.kind == "alert_answered")
    assert "助けて" in said
    for secret in (household_of(hamlet), token):
        assert secret not in said
        assert secret not in caplog.text


def test_what_waited_on_a_phone_keeps_its_time_and_place_and_counts_once(hamlet: Hamlet, token: str) -> None:
    rows = [
        {"id": f"{n:032x}", "word": word, "at": (town.NOW + timedelta(minutes=n)).isoformat(),
         "spot": {"lon": 139.3, "lat": 38.9}}
        for n, word in enumerate(("help", "left"))
    ]  # fmt: skip
    hamlet.later(hours=2)
    client = hamlet.app.test_client()
    for _ in range(2):
        answer = client.post(f"/a/{token}", json={"answers": [*rows, {"id": "x", "word": "left"}]}, headers=OURS)
        assert answer.get_json()["taken"] == [rows[0]["id"], rows[1]["id"], "x"]
    found = given(hamlet)
    assert found is not None
    assert (found.word, found.given_at, count(hamlet)) == ("left", town.NOW + timedelta(minutes=1), 2)


def test_another_site_cannot_press(hamlet: Hamlet, token: str) -> None:
    client = hamlet.app.test_client()
    for site in ("cross-site", "same-site"):
        answer = client.post(f"/a/{token}", data={"word": "left"}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    assert client.post(f"/a/{token}", json={"answers": []}).status_code == 403
    assert client.post(f"/a/{token}", data={"word": "safe"}).status_code == 400
    assert given(hamlet) is None


def test_every_link_that_opens_nothing_looks_the_same(hamlet: Hamlet, token: str) -> None:
    old = spread(hamlet, alert_of(hamlet, "old", decided_at=town.NOW - timedelta(days=30),
                                  expires_at=town.NOW - timedelta(days=29)))  # fmt: skip
    pages = {hamlet.app.test_client().get(f"/a/{one}").get_data() for one in (old, "A" * 22, "x", token[:-1])}
    assert len(pages) == 1
    for _ in range(20):
        hamlet.app.test_client().get("/a/nothing")
    assert hamlet.app.test_client().get("/a/nothing").status_code == 429
    assert hamlet.app.test_client().get(f"/a/{token}").status_code == 200, "a right link never waits for a guesser"


def test_the_plan_is_one_tap_away_on_the_households_own_phone_alone(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    token = spread(hamlet, alert_of(hamlet))
    assert "計画と地図を見る" in phone.get(f"/a/{token}").get_data(as_text=True)
    assert "計画と地図を見る" not in hamlet.phone().get(f"/a/{token}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("present", "said", "never"),
    [
        ({"leave_at": timedelta(minutes=10)}, "あと 10 分", "あと 29 分"),
        ({"leave_at": timedelta(minutes=90)}, "あと 29 分", "あと 90 分"),
        ({"word": Word.GO_UP, "leave_at": None}, "外へ出ない。2階へ", "までに出る"),
        ({"word": Word.STAY, "leave_at": None, "place": ""}, "あと 29 分", "今は家にいる"),
        ({"leave_at": timedelta(minutes=20), "place": "北公民館"}, "今すぐ北公民館へ", "北小学校"),
    ],
)
def test_a_newer_plan_is_shown_where_it_gives_no_more_time(
    hamlet: Hamlet, token: str, present: dict[str, Any], said: str, never: str
) -> None:
    here, household = desk_of(hamlet), household_of(hamlet)
    leave = present.get("leave_at")
    changes = {**present, "leave_at": None if leave is None else here.now + leave}
    newest: Brief = replace(BRIEF, cause="newer", **changes)
    with hamlet.store.write() as tx:
        briefs.put(tx, here.keys, household, newest)
    text = hamlet.phone().get(f"/a/{token}").get_data(as_text=True)
    assert said in text.partition("<form")[0]
    assert never not in text.partition("<form")[0].replace("data-words", "")


def test_once_the_minute_is_over_nobody_is_sent_out(hamlet: Hamlet, token: str) -> None:
    hamlet.later(minutes=30)
    text = hamlet.phone().get(f"/a/{token}").get_data(as_text=True)
    assert "外へ出ない。2階へ" in text
    assert "今すぐ" not in text


def seen(phone: Phone, path: str) -> str:
    """Give what a reader without a script sees: whatever is hidden is not there."""
    text = phone.get(path).get_data(as_text=True).partition("<main")[2].partition("</main>")[0]
    text = re.sub(r"<(section|div)\b[^>]* hidden>.*?</\1>", "", text, flags=re.DOTALL)
    return re.sub(r"<details(?![^>]* open).*?</details>", "", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("word", "said", "never"),
    [
        ("left", ("北小学校へ向かってください", "道：", "道に水があったら"), ("今すぐ", "までに出る", "外へ出ない")),
        ("arrived", ("そこにいてください", "家にもどらないでください", "係の人"), ("今すぐ", "までに出る", "道：")),
        ("help", ("2階へ", "119番", "伝えました"), ("今すぐ", "までに出る", "道：")),
        ("staying", ("残ると危ない家です", "今すぐ北小学校へ", "18:29 までに出る"), ()),
    ],
)
def test_after_an_answer_the_page_says_what_to_do_next(
    hamlet: Hamlet, token: str, word: str, said: tuple[str, ...], never: tuple[str, ...]
) -> None:
    phone = hamlet.phone()
    phone.post(f"/a/{token}", word=word, nonce="1")
    text = seen(phone, f"/a/{token}")
    for one in said:
        assert one in text
    for one in never:
        assert one not in text
    assert "答えを変える" in text
    assert text.count('name="word"') == 4, "an answer can be changed with one tap"
    assert "18:00 に「" in text


def test_who_left_and_is_still_out_once_the_minute_is_over_is_not_sent_on(hamlet: Hamlet, token: str) -> None:
    phone = hamlet.phone()
    phone.post(f"/a/{token}", word="left", nonce="1")
    hamlet.later(minutes=40)
    text = seen(phone, f"/a/{token}")
    assert "すぐ近くの丈夫な建物" in text
    assert "向かってください" not in text


def test_a_call_for_help_says_whether_a_helper_was_asked_and_comes(hamlet: Hamlet, token: str) -> None:
    phone = hamlet.phone()
    phone.post(f"/a/{token}", word="help", nonce="1")
    assert "手助けをする人" not in seen(phone, f"/a/{token}"), "nobody was asked, and nothing is promised"
    with hamlet.store.write() as tx:
        call = HelpCall("c1", "a1", household_of(hamlet), "staff:x", CallState.ASKED, desk_of(hamlet).now)
        assert help_calls.add(tx, call)
    assert "手助けをする人に連絡しました" in seen(phone, f"/a/{token}")
    with hamlet.store.write() as tx:
        assert help_calls.move(tx, "c1", CallState.GOING, desk_of(hamlet).now)
    assert "「見に行く」と答えました" in seen(phone, f"/a/{token}")


@pytest.mark.parametrize("answered", ["", "arrived"])
@pytest.mark.parametrize("how", ["cancelled", "lifted", "corrected", "over"])
def test_an_alert_that_ended_sends_nobody_out_whatever_was_answered(
    hamlet: Hamlet, token: str, how: str, answered: str
) -> None:
    phone = hamlet.phone()
    if answered:
        phone.post(f"/a/{token}", word=answered, nonce="1")
    if how == "cancelled":
        with hamlet.store.write() as tx:
            alerts.cancelled(tx, "a1")
    if how == "lifted":
        spread(hamlet, alert_of(hamlet, "a2", AlertKind.LIFT, earlier="a1"))
    if how == "corrected":
        spread(hamlet, alert_of(hamlet, "a2", AlertKind.UPDATE, earlier="a1"))
    hamlet.later(hours=7 if how == "over" else 0)
    text = seen(phone, f"/a/{token}")
    first = {
        "cancelled": "この知らせは取り消されました", "lifted": "解除されました",
        "corrected": "新しい知らせのとおりにしてください", "over": "この知らせは終わりました",
    }[how]  # fmt: skip
    assert first in text
    assert "urgent" not in text
    if how != "corrected":
        assert "今すぐ" not in text
        assert "向かってください" not in text
    assert ("「着いた」と答えました" in text) is (answered == "arrived")
    assert "/alerts" in text


def test_a_withdrawn_alert_says_so_and_a_cancel_asks_for_nothing(hamlet: Hamlet, token: str) -> None:
    with hamlet.store.write() as tx:
        alerts.cancelled(tx, "a1")
    assert "この知らせは取り消されました" in hamlet.phone().get(f"/a/{token}").get_data(as_text=True)
    wrong = alert_of(hamlet, "a2", AlertKind.CANCEL, earlier="a1", why="区域をまちがえました")
    text = hamlet.phone().get(f"/a/{spread(hamlet, wrong)}").get_data(as_text=True)
    assert "さきほどの知らせは誤りです" in text
    assert "区域をまちがえました" in text
    assert 'name="word"' not in text


def test_the_households_language_is_spoken_and_can_be_changed(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    brief = replace(BRIEF, language="vi", leave_at=desk_of(hamlet).now + timedelta(minutes=29))
    token = spread(hamlet, alert_of(hamlet), brief)
    text = hamlet.phone().get(f"/a/{token}").get_data(as_text=True)
    assert "Đến 北小学校 ngay bây giờ" in text
    assert '<html lang="vi"' in text
    assert "Go to 北小学校 now" in hamlet.phone().get(f"/a/{token}?lang=en").get_data(as_text=True)


def test_an_answer_on_the_plan_counts_to_what_is_in_force_and_to_nothing_decided_later(
    hamlet: Hamlet, phone: Phone
) -> None:
    phone.walk()
    spread(hamlet, alert_of(hamlet))
    hamlet.later(minutes=1)
    phone.post("/my/answers", word="left")
    hamlet.later(minutes=5)
    spread(hamlet, alert_of(hamlet, "a2"))
    late = {"id": "f" * 32, "word": "arrived", "at": (town.NOW + timedelta(minutes=2)).isoformat()}
    phone.client.post("/my/answers", json={"answers": [late]}, headers=OURS)
    first, second = given(hamlet), given(hamlet, "a2")
    assert first is not None
    assert (first.word, first.via) == ("arrived", "plan")
    assert second is None, "what was said before an order was decided does not answer it"
    cry = {**late, "id": "e" * 32, "word": "help"}
    phone.client.post("/my/answers", json={"answers": [cry]}, headers=OURS)
    called = given(hamlet, "a2")
    assert called is not None
    assert called.word == "help", "a call for help always counts"


def test_one_click_ends_one_address_and_looking_ends_none(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    here, household = desk_of(hamlet), household_of(hamlet)
    with hamlet.store.write() as tx:
        ids = [
            households.add_contact(tx, here.keys, household, "email", f"{n}@example.jp", town.NOW) for n in "ab"
        ]  # fmt: skip
        for one in ids:
            households.confirm_contact(tx, here.keys, household, one, town.NOW)
    link = f"/u/{unsubscribe.token(here.keys.key(household), ids[0])}"

    def ended() -> list[bool]:
        with hamlet.store.read() as tx:
            known = {one.id: one.confirmed_at is None for one in households.contacts(tx, here.keys, household)}
            return [known[one] for one in ids]

    hamlet.app.config["WTF_CSRF_ENABLED"] = True
    for method in ("GET", "HEAD"):
        assert hamlet.app.test_client().open(link, method=method).status_code == 200
    assert ended() == [False, False]
    for _ in range(2):
        answer = hamlet.app.test_client().post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "止めました" in answer.get_data(as_text=True)
    assert ended() == [True, False]
    wrong = {
        hamlet.app.test_client().post(one).status_code for one in (link[:-1], link + "x", f"/u/{ids[1]}.{'A' * 22}")
    }
    assert wrong == {404}
    assert ended() == [True, False]
