"""The watch board: everything at once, the most urgent first, three things side by side, and nothing personal."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from disaster_hub.desk.watch import Seen, watch
from disaster_hub.rules.gauges import Standing
from disaster_hub.store import decide_bys, decisions, journal
from disaster_hub.terms.decision import DecisionState
from disaster_hub.terms.notice import JournalEntry
from tests.portal import evening, town
from tests.portal.conftest import Site


@pytest.fixture(name="board")
def the_board(site: Site) -> str:
    evening.fill(site.store)
    return evening.signed_in(site, "viewer").get("/hq/watch").get_data(as_text=True)


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_headquarters_begin_with_the_board(site: Site) -> None:
    assert evening.signed_in(site, "viewer").get("/hq/").headers["Location"] == "/hq/watch"


def test_strangers_and_leaders_do_not_see_it(site: Site) -> None:
    assert site.client.get("/hq/watch/part").status_code == 302
    assert evening.signed_in(site, "leader").get("/hq/watch").status_code == 403


def test_the_next_minute_to_decide_stands_first(board: str) -> None:
    said = plain(board[board.index('id="board"') :])
    assert said.index("18:25") < said.index("18:55") < said.index("警戒レベル")
    first = said[said.index("判断期限") : said.index("18:55")]
    for words in ("あと25分", "芦原", "洪水", "レベル3 高齢者等避難", "夜", "計画12世帯", "架空河川事務所"):
        assert words in first


def test_a_minute_that_is_over_says_who_will_not_make_it(site: Site) -> None:
    evening.fill(site.store)
    with site.store.write() as tx:
        decide_bys.put(tx, evening.minute("A1", -6, late=4))
    said = plain(evening.signed_in(site, "viewer").get("/hq/watch/part").get_data(as_text=True))
    first = said[: said.index("18:55")]
    assert "過ぎています" in first
    assert "4世帯が間に合いません" in first


def test_official_order_and_own_observation_are_three_things(site: Site, board: str) -> None:
    rows = re.findall(r'role="row" class="line">(.*?)</div>', board, re.DOTALL)
    city = next(row for row in rows if "みなも市" in row)
    cells = dict(re.findall(r'role="cell" class="(what|order|seen strong|reason)">(.*?)\n', city, re.DOTALL))
    assert 'data-level="4"' in cells["what"]
    assert "避難指示" in cells["order"]
    assert "不明＝危険側" in cells["seen strong"]
    assert "避難指示" not in cells["what"], "an order is no official information of the observatory"
    assert "40分前" in cells["what"], "the age of what stands"


def test_gauges_the_unknown_danger_first_then_by_the_time_left(board: str) -> None:
    said = plain(board[board.index("gauge-lines") :])
    assert said.index("東の水路") < said.index("柳橋") < said.index("上みなも")
    assert "不明＝危険側" in said
    assert "高いまま途絶。16:45から" in said
    assert "公式予測 19:00〜20:00" in said
    assert "17:40発表" in said


def test_the_rule_of_thumb_stays_in_the_headquarters(site: Site, board: str) -> None:
    del board
    public = [site.client.get(path).get_data(as_text=True) for path in ("/", "/api/situation", "/api/stations")]
    assert not any("目安 あと" in page or '"guide"' in page for page in public)


def test_what_changed_is_marked_and_what_is_older_is_not(board: str) -> None:
    changes = plain(board[board.index("change-list") :])
    assert "みなも川：レベル1→2" in changes
    assert "みなも市：レベル3→4" not in changes, "40 minutes ago"
    assert re.search(r"みなも川</b> <span class=\"changed\" data-change=\"\d+\"", board)


def test_no_name_behind_a_minute_and_no_person_is_on_the_board(site: Site) -> None:
    evening.fill(site.store)
    with site.store.write() as tx:
        said = evening.minute("A1", 25)
        slow = (("household-marker-7f", town.NOW),)
        decide_bys.put(tx, type(said)(_with(said.decide_by, slow), said.word, said.reckoned_at))
    assert "household-marker" not in evening.signed_in(site, "viewer").get("/hq/watch").get_data(as_text=True)


def _with(one, slowest):
    from dataclasses import replace  # only here

    return replace(one, slowest=slowest)


def test_everybody_gets_the_same_bytes_until_something_changes(site: Site) -> None:
    evening.fill(site.store)
    first, second = evening.signed_in(site, "viewer"), evening.signed_in(site, "author")
    before = first.get("/hq/watch/part").get_data()
    assert second.get("/hq/watch/part").get_data() == before
    with site.store.write() as tx:
        journal.add(tx, JournalEntry(town.NOW, "note", "author", "新しい記入"))
    assert "新しい記入" in second.get("/hq/watch/part").get_data(as_text=True) or _later(site, second)


def _later(site: Site, client) -> bool:
    site.wall[0] += timedelta(minutes=1)
    return "新しい記入" in client.get("/hq/watch/part").get_data(as_text=True)


def test_a_gauge_that_dies_while_high_is_dark_within_two_intervals(site: Site) -> None:
    def look(minutes: float) -> dict[str, Standing]:
        site.wall[0] = town.NOW + timedelta(minutes=minutes)
        shared = site.app.extensions["disaster_hub"]
        shared.board._made = shared.board._version = None  # the board looks at the wall clock
        shared.board._made = float("-inf")
        with site.app.app_context(), site.store.read() as tx:
            seen = Seen(shared.board.rows()["areas"], shared.board.facts().points, ())
            return {line.name: line.look.standing for line in watch(tx, shared.config, seen, shared.now).gauges}

    assert look(5)["上みなも"] is not Standing.SILENT_DANGER
    assert look(21)["上みなも"] is Standing.SILENT_DANGER
    assert look(21)["柳橋"] is Standing.SILENT_DANGER


def test_a_missing_level_is_not_known_and_never_calm(site: Site) -> None:
    site.wall[0] += timedelta(hours=2)
    said = evening.signed_in(site, "viewer").get("/hq/watch/part").get_data(as_text=True)
    there = said[said.index("たにかわ市") :]
    assert 'data-level="unknown"' in there[:400]
    assert "情報源 jma" in plain(said)


def test_the_counts_that_may_be_published(site: Site) -> None:
    evening.fill(site.store)
    client = evening.signed_in(site, "viewer")
    said = json.loads(client.get("/hq/numbers.json").get_data(as_text=True))
    assert said["reports_open"] == {"道路冠水": 2, "停電": 1, "救助要請": 1}
    assert (said["shelters"]["開設"], said["shelters"]["満員"], said["sheltered"]) == (1, 1, None)
    assert said["plans_about"]["すべて"] in {None, 0}, "a few plans are hidden by the veil"
    assert said["orders"][0]["area"] == "山手"
    assert said["exercise"] is True
    assert "公開できる数" in client.get("/hq/numbers").get_data(as_text=True)


def test_an_order_to_the_elderly_alone_takes_no_minute_out_of_sight(site: Site) -> None:
    evening.fill(site.store)
    with site.store.write() as tx:
        one = decisions.find(tx, "d1")
        assert one is not None
        order = replace(one, state=DecisionState.ISSUED, approver="approver", decided_at=town.NOW)
        one = decisions.change(tx, order, "approver", town.NOW, "")
    viewer = evening.signed_in(site, "viewer")
    said = plain(viewer.get("/hq/watch/part").get_data(as_text=True))
    assert "18:25" in said[: said.index("18:55")]
    assert "レベル3 発令済み" in said
    site.wall[0] = town.NOW + timedelta(minutes=31)
    said = plain(viewer.get("/hq/watch/part").get_data(as_text=True))
    assert "期限 18:25 は過ぎました。避難指示は出ていません" in said
    with site.store.write() as tx:
        decide_bys.put(tx, evening.minute("A1", 45))
        decisions.change(tx, replace(one, order=4), "approver", town.NOW, "")
    site.wall[0] = town.NOW + timedelta(minutes=33)
    said = plain(viewer.get("/hq/watch/part").get_data(as_text=True))
    assert "18:45" not in said, "everybody has been told"
