"""Why a message came or did not: found by a contact, only with a reason that is kept, told in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from disaster_hub.alerts import issuing
from disaster_hub.alerts.spread import Moment, Spreader
from disaster_hub.portal import accounts
from disaster_hub.portal.hq import opening
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import journal, outbox
from disaster_hub.terms.alert import Audience
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.role import Role
from tests.desk.alert_town import OUTSIDE, SQUARE, Folk, order, settle
from tests.portal import town
from tests.portal.conftest import Site
from tests.portal.test_entrance import WORD, come, post

WHY = "本人から問い合わせがあったため"


@dataclass
class Told:
    """Three households by what became of them."""

    chosen: str
    dry: str
    away: str


@pytest.fixture(name="told")
def an_order_in_force(site: Site) -> Told:
    for role in (Role.AUTHOR, Role.ADMINISTRATOR, Role.VIEWER):
        accounts.add(site.store, f"a-{role}", WORD, role, town.NOW)
    with site.app.app_context():
        here = desk()
    now = here.now
    with site.store.write() as tx:
        made = Told(
            settle(tx, here.keys, Folk(channels=[("email", "in@example.jp")]), now),
            settle(tx, here.keys, Folk(hazards=(), channels=[("email", "dry@example.jp")]), now),
            settle(tx, here.keys, Folk(spot=OUTSIDE, channels=[("email", "out@example.jp")]), now),
        )
        world = here.shared.config.world.kind
        one = order(now, world=world, audience=Audience(SQUARE, frozenset({Hazard.FLOOD})))
        issuing.issue(tx, one, here.shared.config, now)
    Spreader(site.store, here.keys).run(Moment(now, now))
    with site.store.write() as tx:
        batch = outbox.claim(tx, now, wall=now, lease=timedelta(seconds=9), limit=9, worker="p", channel="email")
        assert [outbox.settle(tx, d.id, "sent", "", now, "p", wall=now) for d in batch] == [True]
    return made


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("in@example.jp", ("送りました", "自宅が北部の中にあり", "メール：送りました")),
        ("dry@example.jp", ("対象外でした", "洪水の区域にある家に送る知らせで")),
        ("out@example.jp", ("範囲の外でした", "自宅は北部の外にありました")),
    ],
)
def test_it_says_why(site: Site, told: Told, address: str, words: tuple[str, ...]) -> None:
    assert told
    client = site.client
    come(client, "a-author", WORD)
    answer = post(client, "/hq/ledger/find", how="email", said=address, reason=WHY)
    assert answer.status_code == 303
    assert address not in answer.headers["Location"]
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    for word in (*words, "もう一度あてはめた結果も同じです"):
        assert word in page
    assert "一致しません" not in page
    with site.store.read() as tx:
        rows = journal.entries(tx, kinds=(opening.KIND,))
    assert [row.because for row in rows] == [WHY, WHY]
    assert address not in str(rows)


def test_at_a_minute_before_the_order_nothing_was_in_force(site: Site, told: Told) -> None:
    client = site.client
    come(client, "a-author", WORD)
    post(client, "/hq/ledger/find", how="email", said="in@example.jp", reason=WHY)
    page = client.get(f"/hq/ledger/{told.chosen}?at=2020-01-01T00:00").get_data(as_text=True)
    assert "この時刻に有効だった知らせはありません" in page
    assert "計画はまだ保存されていません" in page


def test_without_a_reason_nobody_is_looked_for(site: Site, told: Told) -> None:
    client = site.client
    come(client, "a-author", WORD)
    for reason in ("", "短い", "090-1234-5678 のため"):
        assert post(client, "/hq/ledger/find", how="email", said="in@example.jp", reason=reason).status_code == 400
    assert "個人情報を見る理由" in client.get(f"/hq/ledger/{told.chosen}").get_data(as_text=True)
    with site.store.read() as tx:
        assert journal.entries(tx, kinds=(opening.KIND,)) == []


def test_who_is_not_found_is_looked_for_on_the_record_too(site: Site, told: Told) -> None:
    assert told
    client = site.client
    come(client, "a-author", WORD)
    answer = post(client, "/hq/ledger/find", how="sms", said="090-0000-0000", reason=WHY)
    assert answer.status_code == 404
    with site.store.read() as tx:
        rows = journal.entries(tx, kinds=(opening.KIND,))
    assert "0件" in rows[0].what


@pytest.mark.usefixtures("told")
def test_no_field_bears_the_name_of_the_pages_own_words(site: Site) -> None:
    client = site.client
    come(client, "a-author", WORD)
    page = client.get("/hq/ledger").get_data(as_text=True)
    assert 'name="said"' in page
    assert page.count('id="said"') == 1, "the clock of the page and all that is live read them"


def test_the_administrator_sees_numbers_and_nobody(site: Site, told: Told) -> None:
    client = site.client
    come(client, "a-administrator", WORD)
    page = client.get("/hq/ledger").get_data(as_text=True)
    assert "避難指示 北部" in page
    assert 'name="said"' not in page
    assert client.get(f"/hq/ledger/{told.chosen}").status_code == 403
    assert post(client, "/hq/ledger/find", how="email", said="in@example.jp", reason=WHY).status_code == 403


def test_others_see_nothing(site: Site, told: Told) -> None:
    assert told
    client = site.client
    come(client, "a-viewer", WORD)
    assert client.get("/hq/ledger").status_code == 403
