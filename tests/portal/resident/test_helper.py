"""A household asks a helper; they agree on their own page, by a press, and stop whenever they like."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import select

from disaster_hub.portal.resident.desk import NAME
from disaster_hub.rehearsal.twins.mailbox import Mailbox
from disaster_hub.store import household_helpers
from disaster_hub.store.tables import delivery, notice
from disaster_hub.terms.helping import Helper
from tests.portal.resident.hamlet import Hamlet, hamlet_of

MAIL = "sato@example.test"


def named(hamlet: Hamlet, token: str) -> Helper:
    with hamlet.store.read() as tx:
        found = household_helpers.by_token(tx, hamlet.app.extensions[NAME].keys, token)
    assert found is not None
    return found


def test_a_helper_is_asked_by_mail_agrees_by_a_press_and_stops(tmp_path: Path) -> None:
    with Mailbox() as box, hamlet_of(tmp_path, mail=box.port) as hamlet:
        phone, other = hamlet.phone(), hamlet.phone()
        phone.walk()
        assert "/my/helper" in phone.get("/my/plan").get_data(as_text=True)
        assert phone.post("/my/helper", called="となりの佐藤さん", mail="not a mail").status_code == 200
        assert phone.post("/my/helper", called="となりの佐藤さん", mail=MAIL).status_code == 303
        page = phone.get("/my/helper").get_data(as_text=True)
        assert "となりの佐藤さん" in page
        assert MAIL not in page
        link = re.search(r"/h/([\w-]{22})", page)
        assert link is not None
        with hamlet.store.read() as tx:
            (row,) = tx.execute(select(notice, delivery).join(delivery, delivery.c.notice_id == notice.c.id)).all()
        assert row.kind == "helper_invitation"
        assert not {link[1], MAIL, "佐藤"} & set(re.split(r"[\s/:]", str(row)))
        assert other.get(link[0]).status_code == 200
        assert not named(hamlet, link[1]).ready, "looking agrees to nothing"
        assert other.post(link[0], go="yes", mail="").status_code == 200
        assert other.post(link[0], go="yes", mail=MAIL, others="yes").status_code == 303
        helper = named(hamlet, link[1])
        assert (helper.ready, helper.channel, helper.address, helper.load) == (True, "email", MAIL, 2)
        assert link[0] not in phone.get("/my/helper").get_data(as_text=True), "who agreed needs no link any more"
        assert other.post(link[0], go="stop").status_code == 303
        helper = named(hamlet, link[1])
        assert (helper.ready, helper.address) == (False, "")
        other.post(link[0], go="yes", mail=MAIL)
        assert not named(hamlet, link[1]).ready, "who has stopped is asked anew by the household alone"


def test_at_most_three_and_the_household_takes_them_back(tmp_path: Path) -> None:
    with hamlet_of(tmp_path) as hamlet:
        phone = hamlet.phone()
        phone.walk()
        for n in range(4):
            phone.post("/my/helper", called=f"人{n}")
        page = phone.get("/my/helper").get_data(as_text=True)
        ids = re.findall(r'name="id" value="([0-9a-f]{32})"', page)
        assert 0 < len(ids) <= 3
        assert phone.post("/my/helper/remove", id=ids[0]).status_code == 303
        assert ids[0] not in phone.get("/my/helper").get_data(as_text=True)
        assert hamlet.phone().get("/my/helper").status_code == 404, "a stranger has nothing here"
