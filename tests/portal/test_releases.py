"""Hand-over texts on the desk, what the public reads, the CAP feed, and the receipt of a canary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import etree

from disaster_hub.alerts import issuing
from disaster_hub.config_outside import Canary
from disaster_hub.portal.app import create_app
from disaster_hub.store import canary
from disaster_hub.store import releases as kept
from disaster_hub.store.prepare import prepare
from disaster_hub.terms.alert import AlertKind, Audience
from disaster_hub.terms.release import Form
from disaster_hub.terms.world import World, WorldKind
from tests.portal import town
from tests.portal.conftest import Site, site_of
from tests.portal.staff import signed_in, token
from tests.timelines.releases.decided import order

DECIDED = replace(
    order(), world=WorldKind.REPLAY, decided_at=town.NOW, expires_at=town.NOW + timedelta(hours=6), issuer="みなも市"
)
REAL = World(WorldKind.REAL, "本番")
ATOM = "{http://www.w3.org/2005/Atom}"
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


@pytest.fixture(name="told")
def a_site_with_an_order(site: Site) -> Site:
    issue(site)
    return site


@pytest.fixture(name="real")
def a_real_site(tmp_path: Path) -> Iterator[Site]:
    config = town.config_for(tmp_path, REAL)
    store = prepare(config.store, REAL)
    wall = [town.NOW]
    yield Site(config, store, create_app(config, store, wall=lambda: wall[0]), "", wall)
    store.close()


def issue(site: Site, one=DECIDED) -> None:
    with site.store.write() as tx:
        assert issuing.issue(tx, replace(one, world=site.config.world.kind), site.config, town.NOW)


def text(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_every_text_stands_there_with_its_length_and_its_limit(told: Site) -> None:
    said = plain(text(signed_in(told, "viewer"), "/hq/releases/a1b2"))
    for word in (
        "緊急速報メール",
        "防災行政無線",
        "Lアラート",
        "SNS",
        "市のホームページ",
        "CAP",
        "/ 15字",
        "/ 200字",
        "/ 140字",
    ):
        assert word in said
    assert "長すぎます" not in said
    assert re.search(r"読むのに約 \d+秒", said)
    assert "フォルダーにはまだありません" in said


def test_a_text_is_ticked_once_by_somebody_of_the_desk(told: Site) -> None:
    author, approver = signed_in(told, "author"), signed_in(told, "approver")
    path = "/hq/releases/a1b2"
    said = {"csrf_token": token(author, path)}
    assert author.post(f"{path}/loudspeaker/handed", data=said).status_code == 303
    again = approver.post(f"{path}/loudspeaker/handed", data={"csrf_token": token(approver, path)})
    assert again.status_code == 303
    assert "ほかの人がもう渡しています" in text(approver, path)
    assert "author" in plain(text(author, path))
    with told.store.read() as tx:
        one = kept.find(tx, "a1b2", Form.LOUDSPEAKER)
    assert one is not None
    assert one.handed_by == "author"
    for form in ("cap", "web", "nothing"):
        assert author.post(f"{path}/{form}/handed", data=said).status_code == 404


def test_who_may_only_look_cannot_tick(told: Site) -> None:
    viewer = signed_in(told, "viewer")
    page = text(viewer, "/hq/releases/a1b2")
    assert "/handed" not in page
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    answer = viewer.post("/hq/releases/a1b2/lalert/handed", data={"csrf_token": found[1]})
    assert answer.status_code == 403


def test_a_file_is_loaded_as_it_was_written(told: Site) -> None:
    viewer = signed_in(told, "viewer")
    answer = viewer.get("/hq/releases/a1b2/lalert/file")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a1b2-lalert.csv"
    with told.store.read() as tx:
        one = kept.find(tx, "a1b2", Form.LALERT)
    assert one is not None
    assert answer.get_data() == one.content.encode()
    text(viewer, "/hq/releases/a1b2/nothing/file", 404)
    text(viewer, "/hq/releases/nothing", 404)


def test_what_goes_to_single_households_has_no_texts_and_says_so(site: Site) -> None:
    issue(site, replace(DECIDED, audience=Audience(households=("h1",))))
    assert "公開する文面はありません" in text(signed_in(site, "viewer"), "/hq/releases/a1b2")
    assert "北部" not in text(site.client, "/alerts")


def test_everybody_reads_what_the_city_says_now_in_their_language(told: Site) -> None:
    for language, word in (
        ("ja", "避難指示"),
        ("en", "Evacuation Instruction"),
        ("vi", "Lý do"),
        ("ja-easy", "ばしょ"),
    ):
        page = text(told.client, f"/alerts?lang={language}")
        first = page[page.index("<article") : page.index("<details")]
        assert word in first
        assert "北部・東部" in first
        assert "【訓練】" in first
    others = page[page.index("<details") :]
    assert others.count("<h3>") == 7


def test_nothing_in_force_is_not_called_safe(site: Site) -> None:
    said = plain(text(site.client, "/alerts"))
    assert "お知らせはありません" in said
    assert "安全ということではありません" in said


def test_a_cancelled_order_is_gone_and_the_cancel_stands_there(told: Site) -> None:
    with told.store.write() as tx:
        issuing.cancel(tx, "a1b2", told.config, town.NOW, why="区域を誤りました", who="sato")
    page = text(told.client, "/alerts")
    assert page.count("<article") == 1
    assert "取り消し" in page
    entries = feed(told)
    assert len(entries) == 1
    assert "cancel" in entries[0].find(f"{ATOM}link").get("href")


def feed(site: Site) -> list[etree._Element]:
    return etree.fromstring(site.client.get("/api/cap.atom").get_data()).findall(f"{ATOM}entry")


def test_the_feed_leads_to_each_message_and_answers_not_modified(told: Site) -> None:
    answer = told.client.get("/api/cap.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    (entry,) = feed(told)
    link = entry.find(f"{ATOM}link").get("href")
    message = told.client.get(link[link.index("/api") :])
    assert message.content_type == "application/cap+xml; charset=utf-8"
    root = etree.fromstring(message.get_data())
    assert root.findtext(f"{CAP}identifier") == "a1b2"
    for one in (answer, message):
        again = told.client.get(one.request.path, headers={"If-None-Match": one.headers["ETag"]})
        assert again.status_code == 304
    text(told.client, "/api/cap/nothing.xml", 404)
    text(told.client, "/api/cap/..%2fa1b2.xml", 404)


def test_an_exercise_is_an_exercise_in_the_feed(told: Site) -> None:
    title = etree.fromstring(told.client.get("/api/cap.atom").get_data()).findtext(f"{ATOM}title")
    assert title.startswith("【訓練】")
    assert "<status>Exercise</status>" in text(told.client, "/api/cap/a1b2.xml")


def test_the_real_worlds_feed_holds_only_what_is_actual(real: Site) -> None:
    issue(real)
    assert len(feed(real)) == 1
    body = text(real.client, "/api/cap/a1b2.xml")
    assert "<status>Actual</status>" in body
    assert "訓練" not in body
    assert body.count("<info>") == 1, "no language that nobody has reviewed"
    assert "訓練" not in text(real.client, "/api/cap.atom")


def test_what_was_superseded_can_still_be_followed(told: Site) -> None:
    with told.store.write() as tx:
        issuing.cancel(tx, "a1b2", told.config, town.NOW, why="誤り", who="sato")
    assert "a1b2" in text(told.client, "/api/cap/a1b2.xml")
    assert "<msgType>Cancel</msgType>" in text(told.client, "/api/cap/a1b2~cancel2.xml")


def test_an_automatic_one_is_no_order_in_the_feed(site: Site) -> None:
    issue(site, replace(DECIDED, kind=AlertKind.AUTOMATIC, rule="level@1", issuer="気象庁", city_order=None))
    body = text(site.client, "/api/cap/a1b2.xml")
    assert "<value>equivalent</value>" in body
    assert "municipal order" not in body


@pytest.fixture(name="handset")
def a_token(site: Site) -> str:
    wall = site.wall[0]
    with site.store.write() as tx:
        canary.refuse(tx, "email", "x", "", town.NOW, wall, wall + timedelta(seconds=60))
        tx.exec_driver_sql("UPDATE canary SET token = ?", (canary.digest("t" * 32),))
    return "t" * 32


def test_opening_counts_for_nothing_and_the_button_counts_once(site: Site, handset: str) -> None:
    path = f"/api/canary/{handset}"
    page = text(site.client, path)
    assert f'action="{path}"' in page
    assert '<a href="?lang' not in page or "届いた" in page
    site.wall[0] += timedelta(seconds=7)
    with site.store.read() as tx:
        assert canary.last_received(tx, "email", "x") is None
    assert "記録しました" in site.client.post(path).get_data(as_text=True)
    site.wall[0] += timedelta(seconds=7)
    assert "もう記録" in site.client.post(path).get_data(as_text=True)
    with site.store.read() as tx:
        one = canary.last_received(tx, "email", "x")
    assert one is not None
    assert one.seconds == 7
    assert site.client.post("/api/canary/" + "u" * 32).status_code == 404
    assert site.client.post("/api/canary/short").status_code == 404


def test_a_channel_that_nobody_measured_is_shown_and_is_not_red(tmp_path: Path) -> None:
    with site_of(tmp_path) as site:
        config = replace(site.config, canaries=(Canary("email", "a@example.jp", "本部の端末"),))
        site.app.extensions["disaster_hub"].config = config
        viewer = signed_in(site, "viewer")
        said = plain(text(viewer, "/hq/sirens"))
        assert "メール" in said
        assert "未確認" in said
        board = text(viewer, "/hq/watch/part")
        assert "data-siren" not in board
        assert "知らせの経路 メール" in plain(board)
        assert "a@example.jp" not in text(viewer, "/hq/sirens")


def test_a_leader_sees_neither(site: Site) -> None:
    leader = signed_in(site, "leader")
    assert leader.get("/hq/sirens").status_code == 403
    assert leader.get("/hq/releases/a1b2").status_code == 403
