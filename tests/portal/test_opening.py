"""Personal data: only with the right and a typed reason, and every view is a row that names who, what, why and which."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from disaster_hub.portal import accounts
from disaster_hub.portal.doors import Room
from disaster_hub.portal.hq import opening
from disaster_hub.portal.hq.opening import opened
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import journal, persons
from disaster_hub.terms.errors import Unreachable
from disaster_hub.terms.role import Right, Role
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.test_entrance import WORD, come, post

WHY = "折り返しの電話のため"


@pytest.fixture(name="kept")
def somebody(site: Site) -> str:
    for role in (Role.AUTHOR, Role.DEPARTMENT):
        accounts.add(site.store, f"a-{role}", WORD, role, town.NOW)
    with site.app.test_request_context("/"), site.store.write() as tx:
        return persons.keep(tx, desk().keys, {"name": "架空 一郎", "phone": "0000-00-0000"})


def views(site: Site) -> list[journal.JournalEntry]:
    with site.store.read() as tx:
        return journal.entries(tx, kinds=(opening.KIND,))


def test_without_a_reason_nothing_is_shown_or_written(site: Site, kept: str) -> None:
    client = site.client
    come(client, "a-author", WORD)
    page = client.get(f"/hq/open/note/{kept}").get_data(as_text=True)
    assert "個人情報を見る理由" in page
    for reason in ("", "  電  話 ", "090-1234-5678 に折り返す", "taro@example.jp に返信", "あ" * 101):
        answer = post(client, f"/hq/open/note/{kept}", reason=reason)
        assert answer.status_code == 400, reason
        assert "一郎" not in answer.get_data(as_text=True)
    assert views(site) == []


def test_each_view_is_a_row_and_the_reason_is_remembered_for_a_while(site: Site, kept: str) -> None:
    client = site.client
    come(client, "a-author", WORD)
    assert "架空 一郎" in post(client, f"/hq/open/note/{kept}", reason=WHY).get_data(as_text=True)
    assert "架空 一郎" in client.get(f"/hq/open/note/{kept}").get_data(as_text=True)
    found = views(site)
    assert [(row.who, row.where, row.because) for row in found] == [("a-author", kept, WHY)] * 2
    assert "一郎" not in str(found)
    assert "個人情報を見る理由" in client.get("/hq/open/note/p0").get_data(as_text=True), "another id, another reason"
    site.wall[0] += timedelta(minutes=16)
    assert "個人情報を見る理由" in client.get(f"/hq/open/note/{kept}").get_data(as_text=True)


def test_whoever_has_no_right_is_turned_away(site: Site, kept: str) -> None:
    client = site.client
    come(client, "a-department", WORD)
    assert post(client, f"/hq/open/note/{kept}", reason=WHY).status_code == 403
    assert views(site) == []


def test_a_wide_door_does_not_help(site: Site, kept: str) -> None:
    loose = Room("loose", __name__, door=Right.SEE, url_prefix="/hq")
    loose.add_url_rule("/loose", view_func=lambda: str(opened("x", kept)), methods=["GET", "POST"])
    site.app._got_first_request = False
    site.app.register_blueprint(loose)
    client = site.client
    come(client, "a-department", WORD)
    assert post(client, "/hq/loose", reason=WHY).status_code == 403


def test_what_cannot_be_written_down_is_not_shown(site: Site, kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise Unreachable("store: disk full")

    client = site.client
    come(client, "a-author", WORD)
    with monkeypatch.context() as disk:
        disk.setattr(site.store, "write", full)
        answer = post(client, f"/hq/open/note/{kept}", reason=WHY)
    assert answer.status_code == 503
    assert "一郎" not in answer.get_data(as_text=True)


def test_what_was_deleted_stays_deleted_and_the_row_stays(site: Site, kept: str) -> None:
    client = site.client
    come(client, "a-author", WORD)
    with site.app.test_request_context("/"), site.store.write() as tx:
        persons.empty(tx, desk().keys, kept)
    assert "消去されています" in post(client, f"/hq/open/note/{kept}", reason=WHY).get_data(as_text=True)
    assert len(views(site)) == 1


def test_what_lies_behind_nothing_is_not_found(site: Site, kept: str) -> None:
    client = site.client
    come(client, "a-author", WORD)
    assert client.get(f"/hq/open/report/{kept}").status_code == 404
    assert client.get(f"/hq/open/other/{kept}").status_code == 404


def test_the_record_is_filtered_and_exported(site: Site, kept: str) -> None:
    client, boss = site.client, site.client
    come(client, "a-author", WORD)
    post(client, f"/hq/open/note/{kept}", reason="=折り返しの電話")
    come(boss, "admin", site.password)
    assert client.get("/hq/audit").status_code == 403
    page = boss.get("/hq/audit").get_data(as_text=True)
    assert "=折り返しの電話" in page
    assert kept in page
    for wish, there in (
        (f"who=a-author&about={kept}&since=2026-09-18&until=2026-09-18", True),
        ("who=somebody", False),
        ("about=p1", False),
        ("since=2026-09-19", False),
        ("until=2026-09-17", False),
    ):
        assert ("=折り返しの電話" in boss.get(f"/hq/audit?{wish}").get_data(as_text=True)) is there, wish
    assert boss.get("/hq/audit?since=yesterday").status_code == 400
    rows = list(csv.reader(io.StringIO(boss.get("/hq/audit.csv").get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[1][1:] == ["a-author", "個人情報を見た：クロノロジーの氏名・連絡先", kept, "'=折り返しの電話"]
    assert len(rows) == 2
