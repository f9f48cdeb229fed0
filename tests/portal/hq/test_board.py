"""The board of those who have not answered, a leader's page, the call sheet, the helper's pages; and who sees what."""

from __future__ import annotations

import re
from datetime import timedelta

import pypdfium2
import pytest

from disaster_hub.portal.hq import opening
from disaster_hub.store import alerts, help_calls, household_helpers, journal
from disaster_hub.terms.helping import CallState
from disaster_hub.terms.role import Right, Role, may
from tests.portal import unheard
from tests.portal.conftest import Site
from tests.portal.staff import signed_in, token
from tests.portal.unheard import Evening, desk_of

WHY = "電話で声をかけるため"


@pytest.fixture(name="evening")
def an_evening(site: Site) -> Evening:
    made = unheard.fill(site)
    unheard.look(site)
    return made


def words_of(body: bytes) -> str:
    book = pypdfium2.PdfDocument(body)
    text = "".join(page.get_textpage().get_text_bounded() for page in book)
    book.close()
    return text.replace("\r", "").replace("\n", "")


def order_of(page: str) -> list[str]:
    return re.findall(r'data-household="([0-9a-f]{32})"', page)


def test_the_least_minutes_stand_on_top_and_no_address_anywhere(site: Site, evening: Evening) -> None:
    client = signed_in(site, "department")
    page = client.get("/hq/board").get_data(as_text=True)
    found = [next(called for called, name in evening.homes.items() if name == one) for one in order_of(page)]
    assert found == ["calls", "over", "unknown", "soon", "helped", "bare", "later", "stays"]
    assert "架空町" not in page
    assert "佐藤" not in page
    assert "届いていない" in page
    assert '返事なし</span> <span class="v">7 / 9世帯' in page
    one = client.get("/hq/board?area=A2").get_data(as_text=True)
    assert 0 < len(order_of(one)) < len(found)
    part = client.get("/hq/board", headers={"X-Part": "1"}).get_data(as_text=True)
    assert "<html" not in part
    assert order_of(part) == order_of(page)


def test_an_answer_by_telephone_is_one_and_takes_the_line_away(site: Site, evening: Evening) -> None:
    client = signed_in(site, "author")
    name = evening.homes["soon"]
    said = {"csrf_token": token(client, f"/hq/board/{name}"), "word": "left"}
    assert client.post(f"/hq/board/{name}/answer", data=said | {"word": "gone"}).status_code == 400
    assert client.post(f"/hq/board/{name}/answer", data=said).status_code == 303
    assert name not in order_of(client.get("/hq/board").get_data(as_text=True))
    with site.store.read() as tx:
        kept = alerts.answers(tx, [evening.alert.id])[evening.alert.id, name]
    assert (kept.word, kept.via) == ("left", "desk")
    assert client.get(f"/hq/board/{name}").status_code == 404


def test_address_and_telephone_want_the_right_and_a_reason(site: Site, evening: Evening) -> None:
    name = evening.homes["soon"]
    paths = (f"/hq/board/{name}/open", "/hq/board-sheet")
    other = signed_in(site, "department")
    for path in paths:
        assert other.get(path).status_code == 403
    client = signed_in(site, "approver")
    for path in paths:
        assert "架空町" not in client.get(path).get_data(as_text=True)
    said = {"csrf_token": token(client, paths[0]), "reason": WHY}
    page = client.post(paths[0], data=said).get_data(as_text=True)
    assert "みなも市架空町1番地" in page
    assert unheard.PHONE in page
    with site.store.read() as tx:
        (row,) = journal.entries(tx, kinds=(opening.KIND,))
    assert (row.who, row.where, row.because) == ("approver", name, WHY)
    assert "架空町" not in str(row)


def test_the_call_sheet_is_by_minutes_and_written_down(site: Site, evening: Evening) -> None:
    client = signed_in(site, "author")
    said = {"csrf_token": token(client, "/hq/board-sheet"), "reason": WHY}
    answer = client.post("/hq/board-sheet", data=said)
    assert answer.mimetype == "application/pdf"
    text = words_of(answer.data)
    places = [text.index(f"架空町{n}番地") for n in (8, 4, 5, 1, 2, 9, 3, 6)]
    assert places == sorted(places), "help first, then least minutes"
    assert "架空町7番地" not in text, "they have answered"
    assert "これは訓練です。実際の災害情報ではありません。" in text, "the band has every letter of its words"
    assert evening.homes["soon"][:8] in text
    with site.store.read() as tx:
        (row,) = journal.entries(tx, kinds=(opening.KIND,))
        assert "8世帯" in row.what
        assert journal.entries(tx, kinds=("paper_made",))


def test_a_leader_sees_only_those_who_agreed_in_their_own_area(site: Site, evening: Evening) -> None:
    client = signed_in(site, "leader", "sato")
    page = client.get("/hq/neighbours").get_data(as_text=True)
    shown = {called for called, name in evening.homes.items() if name in page}
    assert shown == {"soon", "later", "left"} & {c for n, c in enumerate(evening.homes) if n % 2 == 0}
    assert "みなも市架空町1番地" in page
    hidden = evening.homes["helped"]
    said = {"csrf_token": token(client, "/hq/neighbours"), "word": "left"}
    assert client.post(f"/hq/neighbours/{hidden}/answer", data=said).status_code == 404
    assert client.post(f"/hq/neighbours/{evening.homes['soon']}/answer", data=said).status_code == 303
    with site.store.read() as tx:
        kept = alerts.answers(tx, [evening.alert.id])
        assert kept[evening.alert.id, evening.homes["soon"]].via == "leader"
        assert len(journal.entries(tx, kinds=(opening.KIND,))) == 1, "one look is one row"
    for path in ("/hq/board", f"/hq/board/{hidden}", "/hq/board-sheet"):
        assert client.get(path).status_code == 403
    stranger = signed_in(site, "leader", "ito")
    assert "架空町" not in stranger.get("/hq/neighbours").get_data(as_text=True), "no area, nobody"


@pytest.mark.parametrize("role", [one for one in Role if not may(one, Right.PERSONAL) and one is not Role.LEADER])
def test_no_other_role_reads_an_address_on_any_of_these_pages(site: Site, evening: Evening, role: Role) -> None:
    client = signed_in(site, role.value)
    name = evening.homes["soon"]
    for path in ("/hq/board", f"/hq/board/{name}", f"/hq/board/{name}/open", "/hq/board-sheet", "/hq/neighbours",
                 "/hq/watch", "/hq/papers/handover.pdf", "/hq/log", "/hq/neighbours/areas"):  # fmt: skip
        answer = client.get(path)
        body = answer.data
        if answer.mimetype == "application/pdf":
            body = words_of(body).encode()
        assert "架空町".encode() not in body, (role, path)
        assert b"helper@example.test" not in body
        assert "佐藤".encode() not in body


def test_the_next_helper_is_one_tap_away_when_the_first_cannot(site: Site, evening: Evening) -> None:
    client = signed_in(site, "author")
    name = evening.homes["soon"]
    signed_in(site, "leader", "sato")
    page = client.get(f"/hq/board/{name}").get_data(as_text=True)
    assert "staff:sato" in page
    said = {"csrf_token": token(client, f"/hq/board/{name}"), "helper": "staff:sato"}
    assert client.post(f"/hq/board/{name}/helper", data=said).status_code == 303
    leader = site.client
    from tests.portal.staff import PASSWORD

    leader.post(
        "/hq/sign-in", data={"csrf_token": token(leader, "/hq/sign-in"), "name": "sato", "password": PASSWORD}
    )  # fmt: skip
    mine = leader.get("/hq/neighbours").get_data(as_text=True)
    (call,) = set(re.findall(r'data-call="([0-9a-f]+)"', mine))
    tap = {"csrf_token": token(leader, "/hq/neighbours"), "state": "together"}
    assert leader.post(f"/hq/neighbours/calls/{call}", data=tap).status_code == 303
    with site.store.read() as tx:
        kept = alerts.answers(tx, [evening.alert.id])[evening.alert.id, name]
    assert (kept.word, kept.via) == ("left", "leader")


def test_a_household_that_agreed_to_nobody_has_nobody_to_ask(site: Site, evening: Evening) -> None:
    client = signed_in(site, "author")
    signed_in(site, "leader", "sato")
    name = evening.homes["unknown"]
    page = client.get(f"/hq/board/{name}").get_data(as_text=True)
    assert "頼める支援者がいません" in page
    said = {"csrf_token": token(client, f"/hq/board/{name}"), "helper": "staff:sato"}
    client.post(f"/hq/board/{name}/helper", data=said)
    with site.store.read() as tx:
        assert [one.helper for one in help_calls.of_household(tx, name) if one.helper] == []


def test_a_helpers_page_counts_a_tap_and_never_a_look(site: Site, evening: Evening) -> None:
    here, client = desk_of(site), site.client
    with site.store.read() as tx:
        (call,) = (one for one in help_calls.of_household(tx, evening.homes["helped"]) if one.helper)
    path = f"/h/go/{household_helpers.token_of(here.keys.key(call.household), f'call {call.id}')}"
    page = client.get(path).get_data(as_text=True)
    assert "みなも市架空町2番地" in page, "they named this helper"
    client.head(path)
    with site.store.read() as tx:
        assert help_calls.find(tx, call.id).state is CallState.ASKED  # type: ignore[union-attr]
    assert client.post(path, data={"csrf_token": token(client, path), "state": "ended"}).status_code == 400
    assert client.post(path, data={"csrf_token": token(client, path), "state": "together"}).status_code == 303
    with site.store.read() as tx:
        assert help_calls.find(tx, call.id).state is CallState.TOGETHER  # type: ignore[union-attr]
        assert alerts.answers(tx, [evening.alert.id])[evening.alert.id, call.household].word == "left"
    after = client.get(path).get_data(as_text=True)
    assert "架空町" not in after
    assert client.get("/h/go/abcdefghijklmnopqrstuv").status_code == 404


def test_when_it_is_too_late_the_helpers_page_says_do_not_go(site: Site, evening: Evening) -> None:
    here, client = desk_of(site), site.client
    with site.store.read() as tx:
        (call,) = (one for one in help_calls.of_household(tx, evening.homes["helped"]) if one.helper)
    site.wall[0] += timedelta(minutes=21)
    page = client.get(f"/h/go/{household_helpers.token_of(here.keys.key(call.household), f'call {call.id}')}")
    assert "架空町" not in page.get_data(as_text=True)
    assert "行かないで" in page.get_data(as_text=True)


def test_only_an_administrator_says_whose_area_it_is(site: Site, evening: Evening) -> None:
    signed_in(site, "leader", "sato")
    client = signed_in(site, "administrator")
    said = {"csrf_token": token(client, "/hq/neighbours/areas"), "name": "sato", "area": ["A1", "A2"]}
    assert client.post("/hq/neighbours/areas", data=said).status_code == 303
    assert client.post("/hq/neighbours/areas", data=said | {"area": ["Z9"]}).status_code == 400
    with site.store.read() as tx:
        assert "芦原・東町" in journal.entries(tx, kinds=("staff_changed",))[0].what
    assert evening


def test_the_watch_board_and_the_handover_sheet_say_how_many(site: Site, evening: Evening) -> None:
    client = signed_in(site, "author")
    page = client.get("/hq/watch").get_data(as_text=True)
    assert "返事なし" in page
    assert "7世帯" in page
    paper = client.get("/hq/papers/handover.pdf")
    text = words_of(paper.data)
    assert "返事なし 7 / 9世帯" in text
    assert "芦原 過ぎた" in text or "東町 過ぎた" in text
    assert evening
