"""The record of messages: what came to this household and to no other, and why or why not at any minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from shapely import box
from sqlalchemy import insert, select

from disaster_hub.config import City
from disaster_hub.portal.resident.record import KINDS, STATES, WAYS
from disaster_hub.store import alerts, households, outbox
from disaster_hub.store.session import Transaction
from disaster_hub.store.tables import attempt, delivery
from disaster_hub.store.tables import notice as notices
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Audience, Because, Told
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.way import Word
from tests.portal import town
from tests.portal.resident.alerted import BRIEF, alert_of, desk_of, household_of, spread
from tests.portal.resident.hamlet import Hamlet, Phone
from timelines.phrases import LANGUAGES, table

PAGE = "/my/record"


def text_of(phone: Phone, path: str = PAGE) -> str:
    answer = phone.get(path)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def deliver(hamlet: Hamlet, alert: Alert, channel: str, state: str) -> None:
    """Write a delivery of an alert to the household as it stands after a try."""
    now = desk_of(hamlet).now
    with hamlet.store.write() as tx:
        if tx.execute(select(notices.c.id).where(notices.c.key == f"alert:{alert.id}")).first() is None:
            notice = Notice(
                f"alert:{alert.id}", alert.world, "order", "x", "x", now, alert.expires_at, 7, alert=alert.id
            )
            outbox.enqueue(tx, notice, [(channel, f"contact:{channel}")])
        else:
            _more(tx, alert, channel)
        number = tx.execute(select(delivery.c.id).where(delivery.c.address == f"contact:{channel}")).scalar_one()
        tx.execute(delivery.update().where(delivery.c.id == number).values(state=state, household=household_of(hamlet)))
        if state == "sent":
            tx.execute(insert(attempt).values(delivery_id=number, at=now, outcome="sent", reason="", worker="w"))


def _more(tx: Transaction, alert: Alert, channel: str) -> None:
    number = tx.execute(select(notices.c.id).where(notices.c.key == f"alert:{alert.id}")).scalar_one()
    tx.execute(
        insert(delivery).values(notice_id=number, channel=channel, address=f"contact:{channel}", urgency=7, state="due",
                                due_at=alert.decided_at, tries=0)
    )  # fmt: skip


def test_nothing_came_yet_and_that_is_not_called_safe(phone: Phone) -> None:
    phone.walk()
    text = text_of(phone)
    assert "この家への知らせは、まだありません" in text
    assert "安全ということではありません" in text
    assert PAGE in text_of(phone, "/my/plan"), "the plan leads there"


def test_the_plan_shows_the_city_s_order_while_it_holds(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    before = phone.get("/my/mark").get_json()["mark"]
    assert 'id="order"' not in text_of(phone, "/my/plan")
    token = spread(hamlet, alert_of(hamlet, area_name="西部"))
    plan = text_of(phone, "/my/plan")
    first, said = plan[plan.index('class="now') :].split("</section>")[0], plan[plan.index('id="order"') :]
    assert 'data-level="4"' in first, "the plan names no lower level than the city"
    assert "みなも市" in first, "and says whose word it is"
    assert said.index('data-level="4"') < said.index("西部") < said.index(f"/a/{token}")
    assert phone.get("/my/mark").get_json()["mark"] != before, "a page that lies open fetches itself anew"
    with hamlet.store.write() as tx:
        alerts.cancelled(tx, "a1")
    assert 'id="order"' not in text_of(phone, "/my/plan")
    assert phone.get("/my/mark").get_json()["mark"] == before


def test_who_has_no_way_of_being_reached_is_led_to_one_from_both_places(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    hamlet.later(minutes=10)
    one = alert_of(hamlet)
    with hamlet.store.write() as tx:
        alerts.add(tx, one)
        alerts.tell(tx, [Told(one.id, household_of(hamlet), Because.NO_CHANNEL, 1, at=one.decided_at)])
        alerts.done(tx, one.id, one.decided_at)
    hamlet.later(minutes=5)
    assert text_of(phone, f"{PAGE}?at=2026-09-18T18:12").count('href="/my/8"') == 2


def test_what_came_stands_newest_first_with_its_ways_and_its_answer(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    first = alert_of(hamlet)
    token = spread(hamlet, first)
    deliver(hamlet, first, "email", "sent")
    deliver(hamlet, first, "sms", "refused")
    phone.post(f"/a/{token}", word="left", nonce="1")
    hamlet.later(minutes=5)
    spread(hamlet, alert_of(hamlet, "a2", AlertKind.INFORMATION, level=None, area_name="西部", urgency=3))
    text = text_of(phone)
    order = [
        "西部",
        "今すぐ北小学校へ",
        "メール: 送り先に渡りました（9月18日(金) 18:00）",
        "SMS: 送れませんでした",
        "「出た」と答えました",
    ]
    said = text.partition("<main")[2]
    assert [said.index(one) for one in order] == sorted(said.index(one) for one in order)
    assert f"/a/{token}" in said
    assert "自宅" not in text
    assert "家が北部・東部の中にあり" in text


def test_a_drill_says_so_in_every_row(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    spread(hamlet, alert_of(hamlet))
    assert '<strong class="drill-mark">訓練</strong>' in text_of(phone)


def test_what_was_withdrawn_or_corrected_is_plainly_marked(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    spread(hamlet, alert_of(hamlet))
    with hamlet.store.write() as tx:
        alerts.cancelled(tx, "a1")
    hamlet.later(minutes=1)
    spread(hamlet, alert_of(hamlet, "a1~cancel2", AlertKind.CANCEL, earlier="a1"))
    hamlet.later(minutes=1)
    spread(hamlet, alert_of(hamlet, "a2"))
    hamlet.later(minutes=1)
    spread(hamlet, alert_of(hamlet, "a2~update2", AlertKind.UPDATE, earlier="a2"))
    text = text_of(phone)
    for said in ("取り消しの知らせ", "この知らせは取り消されました", "訂正", "この後に、新しい知らせが出ています"):
        assert said in text
    assert text.index("訂正") < text.index("この後に") < text.index("取り消しの知らせ") < text.index("取り消されました")


def test_a_household_without_any_channel_reads_why_nothing_was_sent(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    one = alert_of(hamlet)
    with hamlet.store.write() as tx:
        alerts.add(tx, one)
        alerts.tell(tx, [Told(one.id, household_of(hamlet), Because.NO_CHANNEL, 1)])
    text = text_of(phone)
    assert "受け取り方が決まっていないので、送れませんでした" in text
    assert "なぜ届かなかったのですか" in text
    assert "/my/8" in text


@pytest.mark.parametrize(
    ("because", "said"),
    [
        (Because.HAZARD, "この家は、その区域の外です"),
        (Because.DOUBLE, "すでに送っていました"),
        (Because.UNREADABLE, "わかりませんでした"),
        (None, "この家は、知らせの範囲（西部）の外です"),
    ],
)
def test_for_any_minute_it_says_why_nothing_came(
    hamlet: Hamlet, phone: Phone, because: Because | None, said: str
) -> None:
    phone.walk()
    hamlet.later(minutes=10)
    far = Audience(shape=box(100, 10, 101, 11)) if because is None else Audience()
    one = alert_of(hamlet, area_name="西部", audience=far)
    with hamlet.store.write() as tx:
        alerts.add(tx, one)
        if because is not None:
            alerts.tell(tx, [Told(one.id, household_of(hamlet), because, 1, at=one.decided_at)])
        alerts.done(tx, one.id, one.decided_at)
    hamlet.later(minutes=5)
    assert said not in text_of(phone)
    text = text_of(phone, f"{PAGE}?at=2026-09-18T18:12")
    assert said in text
    assert "この家には送りませんでした" in text
    assert "その時刻に出ていた知らせはありませんでした" in text_of(phone, f"{PAGE}?at=2026-09-18T18:05")


@pytest.mark.parametrize(
    "wish", ["yesterday", "2026-09-18", "2999-01-01T00:00", "0001-01-01T00:00", "<script>", "9" * 500]
)
def test_a_time_that_is_none_is_said(phone: Phone, wish: str) -> None:
    phone.walk()
    text = text_of(phone, f"{PAGE}?at={wish}")
    assert "日と時刻を入れてください" in text or "出ていた知らせはありませんでした" in text
    assert "<script>" not in text


def test_messages_of_others_are_never_seen(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    own = household_of(hamlet)
    here = desk_of(hamlet)
    with hamlet.store.write() as tx:
        other = households.create(tx, here.keys, None, here.now).household
        named = alert_of(hamlet, "named", area_name="隣の家", audience=Audience(households=(other,)))
        after = alert_of(hamlet, "after", AlertKind.CANCEL, area_name="隣の家", audience=Audience(same_as="named"))
        for one in (named, after):
            alerts.add(tx, one)
            alerts.tell(tx, [Told(one.id, other, Because.CHOSEN, 1, at=here.now)])
            alerts.done(tx, one.id, here.now)
    hamlet.later(minutes=1)
    assert own != other
    for path in (PAGE, f"{PAGE}?at=2026-09-18T18:00"):
        assert "隣の家" not in text_of(phone, path)
    assert hamlet.phone().get(PAGE).status_code == 404, "whose phone it is not sees nothing"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_whole_page(hamlet: Hamlet, phone: Phone, language: str) -> None:
    phone.walk()
    one = alert_of(hamlet)
    spread(hamlet, one, replace(BRIEF, language=language, word=Word.LEAVE_NOW))
    for channel, state in (
        ("email", "sent"),
        ("sms", "expired"),
        ("webpush", "due"),
        ("line", "held"),
        ("voice", "unknown"),
    ):
        deliver(hamlet, one, channel, state)
    hamlet.later(minutes=1)
    text = text_of(phone, f"{PAGE}?lang={language}&at=2026-09-18T18:01")
    assert "record." not in text
    assert "{" not in text.partition("<main")[2].partition("</main>")[0]


def test_who_signs_is_named_in_the_readers_language_where_the_city_wrote_it(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    spread(hamlet, alert_of(hamlet))
    spread(hamlet, alert_of(hamlet, "a2", AlertKind.AUTOMATIC, issuer="架空地方気象台"))
    text = text_of(phone, f"{PAGE}?lang=en")
    assert "Minamo City, issued" in text
    assert "架空地方気象台, issued" in text, "nobody wrote its name: nothing is made up"
    assert "みなも市" not in text.partition("<main")[2].partition("</main>")[0]


def test_a_lift_ends_it_only_where_it_was_told(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    spread(hamlet, alert_of(hamlet))
    elsewhere = alert_of(hamlet, "lift", AlertKind.LIFT, earlier="a1")
    with hamlet.store.write() as tx:
        alerts.add(tx, elsewhere)
    assert "解除されました" not in text_of(phone), "it was lifted elsewhere, and here the order stands"
    with hamlet.store.write() as tx:
        alerts.tell(tx, [Told("lift", household_of(hamlet), Because.CHOSEN, 1)])
    assert "解除されました" in text_of(phone)
    assert AlertState.CANCELLED.value == "cancelled"
    assert isinstance(hamlet.config.city, City)
    assert desk_of(hamlet).now + timedelta(0) >= town.NOW


def test_every_kind_and_every_reason_has_its_words() -> None:
    said = table("ja")
    assert set(KINDS) == set(AlertKind) - {AlertKind.HELPER}
    assert {one for one in Because if f"record.because_{one.value}" not in said} == set()
    assert {one for one in STATES if f"record.state_{one}" not in said} == set()
    assert {one for one in WAYS if f"record.by_{one}" not in said} == set()
