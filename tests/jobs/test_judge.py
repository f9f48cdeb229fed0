"""From bulletins to levels, changes and notices: once, in one commit, the same however they arrived."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.jobs import judge as judging
from disaster_hub.jobs.judge import judge_waiting
from disaster_hub.rules.standing import Said
from disaster_hub.store import bulletins, journal, levels, outbox
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from disaster_hub.terms.bulletin import InfoType, Status
from tests.jobs.hub import REPLAY, config, url
from tests.rules.said import CITY, NEIGHBOUR, RIVER, at, flood, telegram, warning


def hear(store: Store, *said: Said) -> None:
    with store.write() as tx:
        for identity, bulletin in said:
            bulletins.add(tx, identity, "extra", None, bulletin, bulletin.sent_at)


def judge(store: Store, *said: Said) -> int:
    hear(store, *said)
    return judge_waiting(store, config(store.url))


def changes(store: Store, area: str = CITY) -> list[tuple[int | None, int | None]]:
    with store.read() as tx:
        return [(c.before, c.after) for c in levels.changes(tx, area)]


def facts(store: Store) -> dict[str, Any]:
    """Everything that judging writes."""
    with store.read() as tx:
        return {
            "officials": levels.officials(tx),
            "changes": levels.changes(tx),
            "journal": sorted((e.key or "", e.what, e.at) for e in journal.entries(tx, limit=10_000)),
            "due": outbox.counts(tx),
        }


NIGHT = [
    telegram("VPWW55", 0, "10", warning("", NEIGHBOUR)),
    telegram("VPWW53", 0, "10", sent=0.1),
    flood(5, "20"),
    telegram("VPWW56", 10, "29"),
    telegram("VPWW55", 20, "03", warning("10", NEIGHBOUR)),
    telegram("VPWW55", 22, "33", status=Status.EXERCISE),
    flood(25, "40", serial="2"),
    telegram("VPWW56", 30, "49"),
    telegram("VPWW56", 33, info_type=InfoType.CANCEL),
    telegram("VPWW55", 40, "", warning("", NEIGHBOUR)),
    telegram("VPWW56", 41, ""),
    flood(50, "22", serial="3"),
    flood(60, "10", serial="4"),
]


def test_a_night_gives_its_changes(store: Store) -> None:
    assert judge(store, *NIGHT) == len(NIGHT)
    assert changes(store) == [(None, 2), (2, 3), (3, 4), (4, 3), (3, 2), (2, 0)]
    assert changes(store, NEIGHBOUR) == [(None, 0), (0, 2), (2, 0)]
    assert changes(store, RIVER) == [(None, 2), (2, 4), (4, 2), (2, 0)]
    with store.read() as tx:
        first = levels.changes(tx, CITY)[2]
    assert first.reason.startswith("レベル４土砂災害危険警報（架空地方気象台 17:30発表）")
    assert (first.at, first.area_name) == (at(30), "みなも市")


def test_one_by_one_or_all_at_once_or_in_pieces_gives_the_same(tmp_path: Path) -> None:
    def run(name: str, parts: Iterable[list[Said]]) -> dict[str, Any]:
        (tmp_path / name).mkdir()
        made = prepare(url(tmp_path / name), REPLAY)
        for part in parts:
            judge(made, *part)
        found = facts(made)
        made.close()
        return found

    wanted = run("single", [[one] for one in NIGHT])
    assert run("at-once", [random.Random(1).sample(NIGHT, k=len(NIGHT))]) == wanted
    assert run("pieces", [NIGHT[:4], NIGHT[4:5], NIGHT[5:]]) == wanted
    assert run("again", [NIGHT, NIGHT]) == wanted


@pytest.mark.parametrize("step", ["append_change", "mark_judged", "enqueue", "put_official"])
def test_dying_anywhere_changes_nothing_in_the_end(store: Store, tmp_path: Path, step: str) -> None:
    (tmp_path / "calm").mkdir()
    calm = prepare(url(tmp_path / "calm"), REPLAY)
    judge(calm, *NIGHT)
    hear(store, *NIGHT)
    room = {"append_change": levels, "mark_judged": bulletins, "enqueue": outbox, "put_official": levels}[step]
    whole = getattr(room, step)
    for die_at in range(1, 6):
        calls = 0

        def dying(*args: Any, _die_at: int = die_at, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            done = whole(*args, **more)
            if calls == _die_at:
                raise KeyboardInterrupt
            return done

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(room, step, dying)
            with pytest.raises(KeyboardInterrupt):
                judge_waiting(store, config(store.url))
    judge_waiting(store, config(store.url))
    assert facts(store) == facts(calm)
    calm.close()


def test_an_exercise_changes_no_level_but_stands_in_the_journal(store: Store) -> None:
    judge(store, telegram("VPWW55", 0, "33", status=Status.EXERCISE), telegram("VPWW55", 1, "33", status=Status.TEST))
    assert changes(store) == []
    with store.read() as tx:
        assert sorted(e.what[:6] for e in journal.entries(tx)) == ["【訓練電文】", "【試験電文】"]


def test_what_came_late_joins_what_is_known(store: Store) -> None:
    judge(store, telegram("VPWW55", 30, "43"))
    judge(store, telegram("VPWW55", 0, "10"))
    assert changes(store) == [(None, 4)]
    with store.read() as tx:
        assert levels.officials(tx)[0].level == 4


def test_other_areas_and_other_types_are_not_judged(store: Store) -> None:
    judge(
        store,
        telegram("VPWW55", 0, warning("33", "9930100")),
        telegram("VPHW51", 1),
        flood(2, "40", area="990099000900"),
    )
    assert facts(store)["officials"] == []
    assert judge_waiting(store, config(store.url)) == 0


def test_a_withdrawal_by_another_office_leaves_the_city_alone(store: Store) -> None:
    judge(store, telegram("VPWW55", 0, "43"))
    judge(store, telegram("VPWW55", 5, info_type=InfoType.CANCEL, office="別の気象台"))
    assert changes(store) == [(None, 4)]


def test_a_flood_stands_after_weeks_without_a_word(store: Store) -> None:
    judge(store, flood(0, "40"))
    judge(store, flood(60 * 24 * 40, "20", area="990099000200"))
    assert changes(store, RIVER) == [(None, 4)]
    judge(store, flood(60 * 24 * 41, "10", serial="2"))
    assert changes(store, RIVER) == [(None, 4), (4, 0)]


def sent(store: Store, minutes: float) -> list[tuple[str, int]]:
    with store.write() as tx:
        batch = outbox.claim(tx, at(minutes), wall=at(minutes), lease=timedelta(0), limit=50, worker="t")
        return [(d.notice.headline, d.notice.urgency) for d in batch]


def test_staff_are_told_of_changes_and_not_that_all_was_calm_at_the_start(store: Store) -> None:
    judge(store, telegram("VPWW55", 0, ""))
    assert sent(store, 0) == []
    judge(store, telegram("VPWW55", 10, "03"))
    assert sent(store, 10) == [("【訓練】みなも市 警戒レベル3（架空地方気象台）", 3)]
    with store.read() as tx:
        entry = journal.entries(tx, kinds=["level_changed"])[0]
    assert entry.where == CITY
    assert entry.because is not None
    assert entry.because.endswith("VPWW55_10_10_issue.xml")


def test_a_report_dated_ahead_of_its_sending_is_told_at_once(store: Store) -> None:
    judge(store, telegram("VPWW55", 10, "03", sent=7))
    assert len(sent(store, 7)) == 1


def test_a_level_still_in_force_after_hours_of_downtime_is_told(store: Store) -> None:
    judge(store, telegram("VPWW55", 0, "43"))
    assert len(sent(store, 60 * 8)) == 1
    assert sent(store, 60 * 13) == []


def test_the_change_and_its_notice_are_one_commit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(judging.outbox, "enqueue", fail)
    with pytest.raises(RuntimeError):
        judge(store, telegram("VPWW55", 0, "43"))
    assert changes(store) == []
    monkeypatch.undo()
    judge_waiting(store, config(store.url))
    assert changes(store) == [(None, 4)]
