"""Who may see a plan: its own phone, and who was given a link. Guesses are refused, counted and written down."""

from __future__ import annotations

import logging
import re

import pytest

from disaster_hub.portal.resident.desk import NAME
from disaster_hub.store import household_doors, households, journal
from tests.portal.resident.hamlet import Hamlet, Phone

MARKERS = ("朝日町", "となりの佐藤", "薬の箱", "hana@example.jp")


def refusals(hamlet: Hamlet) -> int:
    with hamlet.store.read() as tx:
        return len(journal.entries(tx, limit=100, kinds=("door_refused",)))


def link_of(phone: Phone) -> str:
    text = phone.post("/my/share").get_data(as_text=True)
    found = re.search(r"/s/[\w-]{40,}", text)
    assert found is not None
    return found[0]


def test_a_guessed_token_gets_the_same_page_as_an_ended_one(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    link = link_of(phone)
    stranger = hamlet.phone()
    guessed = stranger.get("/s/" + "x" * 43)
    phone.post("/my/unshare")
    ended = stranger.get(link)
    assert guessed.status_code == ended.status_code == 404
    assert guessed.data == ended.data
    assert refusals(hamlet) == 2


def test_guessing_soon_costs_time(hamlet: Hamlet) -> None:
    stranger = hamlet.phone()
    answers = [stranger.get(f"/s/{n:043d}") for n in range(8)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert refusals(hamlet) <= 6, "a flood of guesses does not flood the journal"


def test_a_shared_link_shows_the_plan_and_nothing_to_press(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk(own="薬の箱")
    text = hamlet.phone().get(link_of(phone)).get_data(as_text=True)
    assert "北小学校" in text
    assert "薬の箱" in text
    assert "<form" not in text
    assert "/my/delete" not in text


@pytest.mark.parametrize("path", ["/my/plan", "/my/plan.pdf", "/my/8", "/my/delete", "/my/review.ics"])
def test_a_shared_link_opens_no_other_door(hamlet: Hamlet, phone: Phone, path: str) -> None:
    phone.walk()
    token = link_of(phone).removeprefix("/s/")
    stranger = hamlet.phone()
    stranger.client.set_cookie("hub_home_" + hamlet.app.config["SESSION_COOKIE_NAME"].removeprefix("hub_"), token)
    assert stranger.get(path).status_code == 404
    assert refusals(hamlet) == 1


def test_other_peoples_plans_are_not_to_be_had(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk(helper="となりの佐藤さん")
    other = hamlet.phone()
    other.walk()
    assert "となりの佐藤" not in other.get("/my/plan").get_data(as_text=True)
    with hamlet.store.read() as tx:
        names = [name for name, _ in households.everyone(tx, hamlet.app.extensions[NAME].keys)]
    for name in names:
        assert hamlet.phone().get(f"/s/{name}").status_code == 404
        assert hamlet.phone().get(f"/my/back/{name}").status_code in {200, 404}


def test_a_mailed_link_opens_once_and_only_when_pressed(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    with hamlet.store.write() as tx:
        ((name, _),) = households.everyone(tx, hamlet.app.extensions[NAME].keys)
        token = household_doors.give_door(tx, name, "mail", hamlet.wall[0].replace(year=2027))
    new = hamlet.phone()
    assert new.get(f"/my/back/{token}").status_code == 200, "a mail program that looks at links uses nothing up"
    assert new.post(f"/my/back/{token}").status_code == 303
    assert "北小学校" in new.get("/my/plan").get_data(as_text=True)
    assert hamlet.phone().post(f"/my/back/{token}").status_code == 404


def test_a_deleted_plan_is_gone_for_every_door(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    link = link_of(phone)
    assert phone.post("/my/delete").status_code == 200
    assert phone.get("/my/plan").status_code == 404
    assert hamlet.phone().get(link).status_code == 404
    with hamlet.store.read() as tx:
        assert list(households.everyone(tx, hamlet.app.extensions[NAME].keys)) == []


def test_the_cookie_is_for_this_portal_alone(hamlet: Hamlet, phone: Phone) -> None:
    answer = phone.client.post("/my/begin", data={"for": "self"}, base_url="https://hub.example.jp")
    said = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("hub_home"))
    for word in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"):
        assert word in said
    assert hamlet.app.config["SESSION_COOKIE_HTTPONLY"]


def test_nothing_personal_reaches_the_log_or_an_address(
    hamlet: Hamlet, phone: Phone, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    phone.walk(helper="となりの佐藤さん", own="薬の箱")
    link = link_of(phone)
    monkeypatch.setattr("disaster_hub.portal.resident.plan.shown", _break)
    assert hamlet.phone().get(link).status_code == 500
    assert phone.get("/my/plan").status_code == 500
    for record in caplog.records:
        said = record.getMessage()
        assert not [marker for marker in (*MARKERS, link.removeprefix("/s/")) if marker in said], said
    with hamlet.store.read() as tx:
        rows = " ".join(f"{e.who} {e.what} {e.where} {e.because}" for e in journal.entries(tx, limit=500))
    assert not [marker for marker in MARKERS if marker in rows]


def _break(*_arguments: object) -> None:
    raise RuntimeError("broken on purpose")


def test_these_pages_may_ask_where_the_phone_is_and_load_from_nobody_else(phone: Phone) -> None:
    answer = phone.get("/my")
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    policy = answer.headers["Content-Security-Policy"]
    assert "img-src 'self';" in policy
    assert "http" not in policy
    assert "geolocation=()" in phone.get("/").headers["Permissions-Policy"]
