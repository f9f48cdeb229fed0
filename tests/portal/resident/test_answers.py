"""Answers given offline: each once, in order, with the time and place at which they were given."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from disaster_hub.portal.resident.answers import read
from disaster_hub.portal.resident.desk import NAME
from disaster_hub.store import households
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Answer
from disaster_hub.terms.place import LonLat
from tests.portal import town
from tests.portal.resident.hamlet import Hamlet, Phone

OURS = {"X-Hub": "answers"}


def row(n: int, word: str = "left", **more: Any) -> dict[str, Any]:
    at = (town.NOW + timedelta(minutes=n)).isoformat()
    return {"id": f"{n:032x}", "word": word, "at": at, "spot": {"lon": 139.3 + n / 1000, "lat": 38.9}, **more}


def kept(hamlet: Hamlet) -> list[Answer]:
    keys = hamlet.app.extensions[NAME].keys
    with hamlet.store.read() as tx:
        ((name, _),) = households.everyone(tx, keys)
        return households.answers(tx, keys, name)


def test_five_answers_sent_twice_are_five(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    rows = [row(n, word) for n, word in enumerate(("staying", "help", "left", "arrived", "left"))]
    hamlet.later(hours=3)
    for queue in (rows[:2], rows, rows[3:]):
        answer = phone.client.post("/my/answers", json={"answers": queue}, headers=OURS)
        assert answer.get_json()["taken"] == [r["id"] for r in queue]
    found = kept(hamlet)
    assert [a.word for a in found] == ["staying", "help", "left", "arrived", "left"]
    assert [a.given_at for a in found] == [town.NOW + timedelta(minutes=n) for n in range(5)]
    assert found[3].spot == LonLat(139.303, 38.9)


def test_what_can_never_be_taken_does_not_hold_up_the_rest(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    bad = [{"id": "x"}, "nothing", row(7, "fly"), row(8, at="yesterday")]
    answer = phone.client.post("/my/answers", json={"answers": [*bad, row(1)]}, headers=OURS).get_json()
    assert row(1)["id"] in answer["taken"]
    assert len(answer["refused"]) == 4
    assert [a.word for a in kept(hamlet)] == ["left"]


@pytest.mark.parametrize(
    "wrong",
    [None, {}, {"id": "0" * 32}, row(1, "left", at="2026-09-18T10:00:00"), row(1, at="2126-01-01T00:00:00+00:00"),
     row(1, about="<b>"), {**row(1), "id": "G" * 32}],
)  # fmt: skip
def test_a_wrong_answer_is_refused_by_name(wrong: object) -> None:
    with pytest.raises(BadInput, match="answer"):
        read(wrong, town.NOW)


@pytest.mark.parametrize(
    "spot", [None, "here", {"lon": True, "lat": 1}, {"lon": 999, "lat": 1}, {"lon": "1", "lat": 2}]
)
def test_an_answer_without_a_readable_place_is_still_an_answer(spot: object) -> None:
    assert read(row(1, spot=spot), town.NOW).spot is None


def test_another_site_cannot_answer_for_a_household(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    for headers in ({}, {**OURS, "Sec-Fetch-Site": "cross-site"}):
        assert phone.client.post("/my/answers", json={"answers": [row(1)]}, headers=headers).status_code == 403
    hamlet.app.config["WTF_CSRF_ENABLED"] = True
    assert phone.post("/my/answers", word="left").status_code == 400
    assert kept(hamlet) == []


def test_without_javascript_a_press_is_an_answer_too(hamlet: Hamlet, phone: Phone) -> None:
    phone.walk()
    assert phone.post("/my/answers", word="help").status_code == 303
    assert [a.word for a in kept(hamlet)] == ["help"]
    assert "119" in phone.get("/my/plan?told=help").get_data(as_text=True), "nobody is told yet, and the page says so"
