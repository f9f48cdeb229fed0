"""Hand-over texts in the store: written with the decision, for the public alone, and named by every later message."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree

from disaster_hub.alerts import issuing, releases
from disaster_hub.config import Config
from disaster_hub.jobs.releases import folder, put_files
from disaster_hub.store import alerts, journal
from disaster_hub.store import releases as kept
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import AlertKind, Audience
from disaster_hub.terms.errors import BadInput, WrongWorld
from disaster_hub.terms.release import Form
from disaster_hub.terms.world import World, WorldKind
from tests.jobs.hub import config as hub_config
from tests.timelines.releases.decided import NOW, follow, order
from timelines.phrases import LANGUAGES, Reviews
from timelines.releases.cap import NAMESPACE
from timelines.releases.info import PHRASES

DRILL = replace(order(), world=WorldKind.REPLAY)
MINUTE = timedelta(minutes=1)


@pytest.fixture(name="config")
def a_config(store: Store, world_replay: World, tmp_path: Path) -> Config:
    return hub_config(store.url, world_replay, source=tmp_path / "config.toml")


def references(store: Store, alert: str) -> list[str]:
    with store.read() as tx:
        one = kept.find(tx, alert, Form.CAP)
    assert one is not None
    text = etree.fromstring(one.content.encode()).findtext(f"{{{NAMESPACE}}}references")
    return [part.split(",")[1] for part in (text or "").split()]


def held(store: Store, config: Config, form: Form, after: timedelta = MINUTE) -> list[str]:
    with store.read() as tx:
        return [alert.id for alert, _ in releases.in_force(tx, config, form, NOW + after)]


def test_issuing_writes_every_text_in_the_same_transaction(store: Store, config: Config) -> None:
    with store.write() as tx:
        assert issuing.issue(tx, DRILL, config, NOW)
        assert not issuing.issue(tx, DRILL, config, NOW)
        releases.prepare(tx, DRILL, config, NOW + MINUTE)
    with store.read() as tx:
        found = kept.of_alert(tx, DRILL.id)
    assert [one.form for one in found] == list(Form)
    assert {one.written_at for one in found} == {NOW}
    broken = replace(DRILL, id="a2", expires_at=NOW)
    with pytest.raises(BadInput), store.write() as tx:
        issuing.issue(tx, broken, config, NOW)
    with store.read() as tx:
        assert kept.of_alert(tx, "a2") == []


def test_an_alert_of_another_world_is_refused(store: Store, config: Config) -> None:
    with store.write() as tx, pytest.raises(WrongWorld):
        releases.prepare(tx, order(), config, NOW)


@pytest.mark.parametrize("alone", [
    replace(DRILL, audience=Audience(households=("h1",))), replace(DRILL, kind=AlertKind.HELPER),
])  # fmt: skip
def test_what_goes_to_single_households_stays_among_them_with_its_corrections(
    store: Store, config: Config, alone
) -> None:  # fmt: skip
    with store.write() as tx:
        issuing.issue(tx, alone, config, NOW)
    later = [follow(alone, AlertKind.UPDATE)]
    later.append(follow(later[0], AlertKind.CANCEL))
    with store.write() as tx:
        for one in later:
            issuing.issue(tx, one, config, one.decided_at)
    with store.read() as tx:
        assert [kept.of_alert(tx, one.id) for one in (alone, *later)] == [[], [], []]


def test_a_cancel_names_every_message_of_the_chain_that_has_not_expired(store: Store, config: Config) -> None:
    second = follow(DRILL, AlertKind.UPDATE)
    third = follow(second, AlertKind.UPDATE, decided_at=NOW + timedelta(minutes=5))
    last = follow(third, AlertKind.CANCEL, decided_at=NOW + timedelta(minutes=9))
    with store.write() as tx:
        for one in (DRILL, second, third, last):
            issuing.issue(tx, one, config, one.decided_at)
    assert references(store, second.id) == [DRILL.id]
    assert references(store, last.id) == [DRILL.id, second.id, third.id]
    with store.read() as tx:
        cap = kept.find(tx, last.id, Form.CAP)
    assert cap is not None
    assert "polygon" in cap.content


def test_what_has_expired_is_not_named_any_more(store: Store, config: Config) -> None:
    lift = follow(DRILL, AlertKind.LIFT, decided_at=NOW + timedelta(hours=25), expires_at=NOW + timedelta(hours=30))
    with store.write() as tx:
        issuing.issue(tx, DRILL, config, NOW)
        issuing.issue(tx, lift, config, lift.decided_at)
    assert references(store, lift.id) == []


def test_raising_an_order_names_the_lower_one_only_where_no_area_is_left_over(store: Store, config: Config) -> None:
    low = replace(DRILL, id="low", level=3)
    same = replace(DRILL, id="same", level=4, decided_at=NOW + MINUTE)
    part = replace(DRILL, id="part", level=4, areas=("minamo-n",), decided_at=NOW + 2 * MINUTE)
    with store.write() as tx:
        for one in (low, same, part):
            issuing.issue(tx, one, config, one.decided_at)
    assert references(store, "same") == ["low"]
    assert references(store, "part") == []


def test_what_was_cancelled_or_replaced_holds_no_longer(store: Store, config: Config) -> None:
    with store.write() as tx:
        issuing.issue(tx, DRILL, config, NOW)
    assert held(store, config, Form.WEB) == [DRILL.id]
    assert held(store, config, Form.WEB, timedelta(days=3)) == [DRILL.id]
    with store.write() as tx:
        new = issuing.cancel(tx, DRILL.id, config, NOW + MINUTE, why="誤りました", who="sato")
    for form in (Form.WEB, Form.CAP):
        assert held(store, config, form, 2 * MINUTE) == [new.id]
    assert held(store, config, Form.WEB, timedelta(days=3)) == []


def test_an_order_whose_lift_has_passed_is_gone_too(store: Store, config: Config) -> None:
    with store.write() as tx:
        issuing.issue(tx, DRILL, config, NOW)
        lift = issuing.lift(tx, DRILL.id, config, NOW + MINUTE, why="水が引きました", who="sato")
    assert held(store, config, Form.WEB, 2 * MINUTE) == [lift.id]
    assert held(store, config, Form.WEB, timedelta(days=3)) == []


def test_files_are_put_into_the_folder_once_and_whole(store: Store, config: Config) -> None:
    with store.write() as tx:
        issuing.issue(tx, DRILL, config, NOW)
    assert put_files(store, config, NOW + MINUTE) == len(Form)
    assert put_files(store, config, NOW + MINUTE) == 0
    names = sorted(path.name for path in folder(config).iterdir())
    assert names == sorted(
        f"a1b2-{n}" for n in ("area_mail.txt", "cap.xml", "lalert.csv", "loudspeaker.txt", "social.txt", "web.txt")
    )
    assert all(path.read_text(encoding="utf-8").lstrip("\ufeff") for path in folder(config).iterdir())
    with store.read() as tx:
        assert all(one.filed_at == NOW + MINUTE for one in kept.of_alert(tx, DRILL.id))


def test_a_folder_that_takes_nothing_is_tried_again(store: Store, config: Config) -> None:
    folder(config).parent.mkdir(parents=True)
    folder(config).write_text("in the way")
    with store.write() as tx:
        issuing.issue(tx, DRILL, config, NOW)
    assert put_files(store, config, NOW) == 0
    folder(config).unlink()
    assert put_files(store, config, NOW) == len(Form)


def test_who_handed_a_text_over_is_written_once(store: Store, config: Config) -> None:
    with store.write() as tx:
        issuing.issue(tx, DRILL, config, NOW)
        assert releases.hand(tx, DRILL.id, Form.LOUDSPEAKER, "sato", NOW + MINUTE)
        assert not releases.hand(tx, DRILL.id, Form.LOUDSPEAKER, "suzuki", NOW + MINUTE)
    with store.read() as tx:
        one = kept.find(tx, DRILL.id, Form.LOUDSPEAKER)
        rows = journal.entries(tx, kinds=("alert_released",))
    assert one is not None
    assert one.handed_by == "sato"
    assert [row.who for row in rows] == ["sato"]
    assert "防災行政無線" in rows[0].what


def test_languages_that_nobody_reviewed_stay_out_of_what_is_actual(tmp_path: Path) -> None:
    config = hub_config("sqlite://", source=tmp_path / "config.toml")
    assert releases.languages(config, actual=True) == ["ja"]
    assert releases.languages(config, actual=False) == list(LANGUAGES)
    Reviews(tmp_path / "reviews.toml").sign("佐藤", "en", list(PHRASES))
    assert releases.languages(config, actual=True) == ["ja", "en"]


def test_a_preview_writes_nothing(store: Store, config: Config) -> None:
    with store.write() as tx:
        made = releases.written(tx, DRILL, config, NOW)
        assert kept.of_alert(tx, DRILL.id) == []
        alerts.add(tx, DRILL)
        assert releases.prepare(tx, DRILL, config, NOW) == made
