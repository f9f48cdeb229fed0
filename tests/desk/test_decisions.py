"""From facts to a proposal, from two people to an order: once, never by the machine, never by one alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from disaster_hub.config import Staff
from disaster_hub.desk import approving, composing, criteria_desk, deciding, decisions
from disaster_hub.desk.acting import Act
from disaster_hub.desk.composing import Wish
from disaster_hub.desk.criteria_past import last_day
from disaster_hub.desk.proposing import look, see
from disaster_hub.jobs.decide import decide
from disaster_hub.rules.criteria_text import read
from disaster_hub.store import criteria, journal, levels, outbox
from disaster_hub.store import decisions as kept
from disaster_hub.store.decisions import Conflict
from disaster_hub.store.session import Store
from disaster_hub.terms.decision import DecisionState, EvacuationArea
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import Judgement
from tests.portal import town

NOW = town.NOW
TEXT = f"""
[posture]
stages = ["警戒", "一次"]

[[criteria]]
id = "slope-3"
order = 3
hazard = "landslide"
title = "土砂災害 高齢者等避難"
area = "{town.CITY}"
any = [{{ kind = "level", hazard = "landslide", level = 3 }}]

[[criteria]]
id = "slope-4"
order = 4
hazard = "landslide"
title = "土砂災害 避難指示"
area = "{town.CITY}"
any = [{{ kind = "level", hazard = "landslide", level = 4 }}]

[[criteria]]
id = "coast-3"
order = 3
hazard = "surge"
title = "高潮 高齢者等避難"
area = "{town.CITY}"
any = [{{ kind = "level", hazard = "surge", level = 3 }}]
"""


@pytest.fixture(name="config")
def a_config(store: Store, tmp_path):
    config = replace(town.config_for(tmp_path), staff=(Staff("console", "staff"),))
    with store.write() as tx:
        town._facts(tx, config)  # the same readings and words as the portal's tests
    return config


@pytest.fixture(name="ruled")
def a_store_with_criteria(store: Store, config) -> Store:
    with store.write() as tx:
        criteria_desk.save(tx, TEXT, "はじめの版", "admin", NOW)
    return store


def live(store: Store):
    with store.read() as tx:
        return kept.live(tx)


def kinds(store: Store) -> list[str]:
    with store.read() as tx:
        return [entry.kind for entry in journal.entries(tx, limit=500)]


def level(store: Store, number: int, name: str) -> None:
    with store.write() as tx:
        levels.put_official(tx, town.official(number, name))


def one_proposal(store: Store, config, order: int = 4):
    decide(store, config, NOW)
    return next(d for d in live(store) if d.order == order)


def act(one, who: str, minutes: float = 1) -> Act:
    return Act(one.id, one.version, who, NOW + timedelta(minutes=minutes))


def drafted(store: Store, config, kind: str, minutes: float = 1, who: str = "sato"):
    wish = Wish("exercise", kind, "landslide", (town.CITY,))
    return composing.compose(store, wish, config, who, NOW + timedelta(minutes=minutes)).draft


def approved(store: Store, config, one, minutes: float, who: str = "ito", typed: str = "みなも市全域"):
    moment = NOW + timedelta(minutes=minutes)
    with store.write() as tx:
        return approving.approve(tx, Act(one.id, one.version, who, moment), typed, config, moment)


def issued(store: Store, config):
    one = one_proposal(store, config)
    approved(store, config, drafted(store, config, "4"), 2)
    return next(d for d in live(store) if d.id == one.id)


def killed(store: Store, seen, config) -> None:
    with store.write() as tx:
        assert len(look(tx, seen, config, NOW)) == 2
        raise RuntimeError("killed")


def test_without_criteria_nothing_is_proposed(store: Store, config) -> None:
    assert decide(store, config, NOW) == 0
    assert live(store) == []


def test_what_is_met_is_proposed_once_and_the_staff_is_told(ruled: Store, config) -> None:
    assert decide(ruled, config, NOW) == 2
    assert [(d.order, d.hazard, d.area_name, d.state) for d in live(ruled)] == [
        (4, Hazard.LANDSLIDE, "みなも市全域", DecisionState.OPEN),
        (3, Hazard.LANDSLIDE, "みなも市全域", DecisionState.OPEN),
    ]
    assert "レベル４土砂災害危険警報" in live(ruled)[0].because
    for minute in range(1, 5):
        assert decide(ruled, config, NOW + timedelta(minutes=minute)) == 0
    assert len(live(ruled)) == 2
    assert kinds(ruled).count("proposal_opened") == 2
    with ruled.read() as tx:
        assert sum(outbox.counts(tx).values()) == 2


def test_a_look_killed_before_its_commit_gives_the_same_when_it_is_run_again(ruled: Store, config) -> None:
    with ruled.read() as tx:
        seen = see(tx, config, NOW)
    with pytest.raises(RuntimeError, match="killed"):
        killed(ruled, seen, config)
    assert live(ruled) == []
    with ruled.write() as tx:
        look(tx, seen, config, NOW)
    with ruled.write() as tx:  # killed after the commit, before anybody noted it
        assert look(tx, seen, config, NOW) == []
    assert len(live(ruled)) == 2
    assert kinds(ruled).count("proposal_opened") == 2


def test_a_calm_look_writes_nothing(ruled: Store, config) -> None:
    decide(ruled, config, NOW)
    with ruled.read() as tx:
        assert not see(tx, config, NOW + timedelta(seconds=5)).stir


def test_a_proposal_stays_when_the_level_falls_and_says_so(ruled: Store, config) -> None:
    decide(ruled, config, NOW)
    level(ruled, 2, "レベル２土砂災害注意報")
    decide(ruled, config, NOW + timedelta(minutes=5))
    assert [d.state for d in live(ruled)] == [DecisionState.OPEN] * 2
    with ruled.read() as tx:
        standing = {a.criterion: a for a in decisions.standing(tx, config, NOW).assessments}
    assert standing["slope-4"].verdict is Judgement.NOT_MET
    assert standing["slope-3"].verdict is Judgement.NEAR
    assert standing["slope-4"].since == NOW + timedelta(minutes=5)
    assert "criterion_stands" in kinds(ruled)


def test_when_the_feed_falls_silent_calm_is_not_known_but_a_warning_stands(ruled: Store, config) -> None:
    later = NOW + timedelta(minutes=30)
    with ruled.read() as tx:
        verdicts = {a.criterion: a.verdict for a in decisions.evaluate(tx, config, later)}
    assert verdicts == {"slope-3": Judgement.MET, "slope-4": Judgement.MET, "coast-3": Judgement.NOT_KNOWN}


def test_an_order_wants_two_people_and_the_name_of_the_area(ruled: Store, config) -> None:
    one = one_proposal(ruled, config)
    said = drafted(ruled, config, "4", who="ito")
    with ruled.read() as tx:
        assert decisions.in_force(tx, config) == []
    for who, typed, wrong in (("ito", said.area_name, "本人"), ("sato", "みなも", "区域の名前")):
        with pytest.raises(BadInput, match=wrong):
            approved(ruled, config, said, 1, who, typed)
    approved(ruled, config, said, 1, "sato", " みなも市 全域 ")
    one = next(d for d in live(ruled) if d.id == one.id)
    assert (one.state, one.who, one.approver) == (DecisionState.ISSUED, "ito", "sato")
    with ruled.read() as tx:
        order = decisions.highest(decisions.in_force(tx, config))
        steps = [step.state for step in kept.steps(tx, one.id)]
    assert order is not None
    assert (order.level, order.by, order.since) == (4, "みなも市", NOW + timedelta(minutes=1))
    assert steps == [DecisionState.OPEN, DecisionState.ISSUED]
    assert {"alert_drafted", "order_issued", "alert_decided"} <= set(kinds(ruled))


def test_the_second_of_two_officers_is_told(ruled: Store, config) -> None:
    one = one_proposal(ruled, config)
    until = NOW + timedelta(minutes=30)
    with ruled.write() as tx:
        deciding.wait(tx, act(one, "sato"), until, "次の予測を待つ", "18:30")
    with pytest.raises(Conflict, match=r"sato.*あとで見直す"), ruled.write() as tx:
        deciding.decline(tx, act(one, "ito"), "まだ")
    assert [d.state for d in live(ruled) if d.id == one.id] == [DecisionState.WAITING]


def test_an_order_answers_the_lower_proposal_too_and_neither_comes_back(ruled: Store, config) -> None:
    issued(ruled, config)
    assert [(d.order, d.state) for d in live(ruled)] == [(4, DecisionState.ISSUED)]
    assert decide(ruled, config, NOW + timedelta(minutes=5)) == 0


def test_a_lifted_order_is_not_proposed_again_while_the_criterion_stands(ruled: Store, config) -> None:
    one = issued(ruled, config)
    said = drafted(ruled, config, "lift", 3)
    with ruled.read() as tx:
        assert len(decisions.in_force(tx, config)) == 1
    with pytest.raises(BadInput, match="本人"):
        approved(ruled, config, said, 4, "sato")
    approved(ruled, config, said, 4)
    with ruled.read() as tx:
        ended = kept.find(tx, one.id)
    assert (ended.state, ended.ended_at) == (DecisionState.LIFTED, NOW + timedelta(minutes=4))
    assert decide(ruled, config, NOW + timedelta(minutes=5)) == 0
    level(ruled, 3, "レベル３土砂災害警報")
    decide(ruled, config, NOW + timedelta(minutes=6))
    level(ruled, 4, "レベル４土砂災害危険警報")
    assert decide(ruled, config, NOW + timedelta(minutes=7)) == 1


def test_what_waits_comes_back_at_its_time(ruled: Store, config) -> None:
    one = one_proposal(ruled, config)
    until = NOW + timedelta(minutes=30)
    with pytest.raises(BadInput, match="理由"), ruled.write() as tx:
        deciding.wait(tx, act(one, "sato"), until, " ", "18:30")
    with ruled.write() as tx:
        deciding.wait(tx, act(one, "sato"), until, "次の予測を待つ", "18:30")
    assert decide(ruled, config, until - timedelta(minutes=1)) == 0
    assert decide(ruled, config, until) == 1
    again = next(d for d in live(ruled) if d.id == one.id)
    assert (again.state, again.look_again_at) == (DecisionState.OPEN, None)
    assert "proposal_back" in kinds(ruled)


def test_a_person_may_begin_and_only_one_decision_is_about_one_thing(ruled: Store, config) -> None:
    area = EvacuationArea("A1", "本町", None, frozenset())
    with ruled.write() as tx:
        deciding.begin(tx, 5, Hazard.FLOOD, area, "堤防が切れた", "sato", NOW)
    with pytest.raises(BadInput, match="すでにあります"), ruled.write() as tx:
        deciding.begin(tx, 5, Hazard.FLOOD, area, "もう一度", "ito", NOW)
    with pytest.raises(BadInput, match="理由"), ruled.write() as tx:
        deciding.begin(tx, 4, Hazard.FLOOD, area, "", "ito", NOW)


def test_a_saved_version_is_never_overwritten(ruled: Store, config) -> None:
    with pytest.raises(criteria_desk.Outrun), ruled.write() as tx:
        criteria_desk.save(tx, TEXT, "古い画面から", "ito", NOW, expected=0)
    with ruled.write() as tx:
        criteria_desk.save(tx, TEXT.replace("slope-4", "slope-four"), "名前を変えた", "ito", NOW, expected=1)
    with ruled.read() as tx:
        assert [v.number for v in criteria.versions(tx)] == [2, 1]
        assert criteria.find(tx, 1).text == TEXT
    decide(ruled, config, NOW)
    with ruled.read() as tx:
        assert {a.criterion for a in criteria.assessments(tx)} == {"slope-3", "slope-four", "coast-3"}


def test_the_posture_is_logged(ruled: Store, config) -> None:
    from disaster_hub.terms.decision import Posture

    said = Posture("一次", NOW, True, deciding.present(["佐藤"], "伊藤、佐藤\n鈴木"), "sato")
    with ruled.write() as tx:
        deciding.take_posture(tx, said, "大雨のため", NOW)
    with ruled.read() as tx:
        board = decisions.standing(tx, config, NOW)
        assert decisions.stages(tx) == ("警戒", "一次")
        entry = journal.entries(tx, kinds=["posture"])[0]
    assert board.posture == said
    assert said.present == ("佐藤", "伊藤", "鈴木")
    assert "災害対策本部 設置中、一次、在席 佐藤・伊藤・鈴木" in entry.what


def test_the_last_day_is_told_hour_by_hour(ruled: Store, config) -> None:
    text = (
        TEXT
        + """
[[criteria]]
id = "gauge"
order = 3
hazard = "flood"
title = "上みなも"
any = [{ kind = "gauge", station = "99009900010000001", threshold = 2.3 }]
"""
    )
    with ruled.read() as tx:
        past = last_day(tx, config, read(text), NOW)
    rows = {one.id: row for one, row in past.rows}
    assert len(past.moments) == 24
    assert rows["gauge"][-1] is Judgement.MET  # 2.60 m now, 2.30 m rising before
    assert Judgement.NOT_MET in rows["gauge"]
    assert Judgement.NOT_KNOWN in rows["gauge"]  # where the gauge was silent
    assert rows["slope-4"][-1] is Judgement.NOT_MET  # no telegram of it is stored in this town


def test_steps_have_their_own_time(ruled: Store, config) -> None:
    one = issued(ruled, config)
    with ruled.read() as tx:
        steps = kept.steps(tx, one.id)
    assert [s.at for s in steps] == [NOW, NOW + timedelta(minutes=2)]
    assert all(isinstance(s.at, datetime) for s in steps)
