"""Text that means harm is text: shown as it was typed, never run, never too long."""

from __future__ import annotations

from html import escape

import pytest

from disaster_hub.portal.resident.desk import NAME
from disaster_hub.store import households
from tests.portal.resident.hamlet import HOSTILE, Hamlet, Phone


@pytest.mark.parametrize("text", HOSTILE, ids=["script", "quotes", "bidi", "templates", "long"])
def test_hostile_words_are_only_words(hamlet: Hamlet, phone: Phone, text: str) -> None:
    phone.walk(helper=text, own=text)
    phone.post("/my/5", first="shelter:E9920100000", relatives=text, go="next")
    phone.post("/my/1", typed=text)
    for path in ("/my/1", "/my/5", "/my/6/1", "/my/7", "/my/plan"):
        said = phone.get(path).get_data(as_text=True)
        assert "<script>alert" not in said, path
        assert "<img src=x" not in said, path
        assert len(said) < 200_000, path
        assert " 49 " not in said, path
    keys = hamlet.app.extensions[NAME].keys
    with hamlet.store.read() as tx:
        ((_, version),) = households.everyone(tx, keys)
    assert len(version.plan.own_words[1]) <= 200
    assert len(version.plan.helper) <= 80
    assert "\u202e" not in version.plan.own_words[1], "marks that turn a line around are no words"


def test_a_place_of_open_data_may_be_hostile_too(hamlet: Hamlet, phone: Phone) -> None:
    name = HOSTILE[0]
    with hamlet.store.write() as tx:
        for table in ("shelter", "road"):
            tx.exec_driver_sql(f"UPDATE {table} SET name = '{name}'")
    phone.walk()
    for path in ("/my/2", "/my/4/pace", "/my/5", "/my/plan"):
        said = phone.get(path).get_data(as_text=True)
        assert name not in said, path
    assert escape(name) in phone.get("/my/5").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/my/back", "/my/1", "/my/7"])
def test_bytes_that_are_no_text_are_refused_kindly(phone: Phone, path: str) -> None:
    phone.begin()
    answer = phone.client.post(
        path, data=b"text=\xff\xfe%00%ED%A0%80&helper=\x00", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code in {200, 303, 400}
