"""From deliveries to letters, many at a time: each household's own words, and nobody kept from going out by another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from disaster_hub.alerts.helping import ADDRESS
from disaster_hub.config import Folder, Keys
from disaster_hub.jobs import letters
from disaster_hub.jobs.letters import Household
from disaster_hub.store import alerts, briefs, decisions, household_helpers, households
from disaster_hub.store.alert_tables import alert, alert_household
from disaster_hub.store.helper_tables import helper
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Because, Told
from disaster_hub.terms.decision import Decision, DecisionState
from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.notice import Delivery, Notice, of_contact
from disaster_hub.terms.world import WorldKind
from tests.desk.alert_town import Folk, brief_for, order, settle
from tests.jobs import hub
from timelines import messages
from timelines.channel import Letter

NOW = datetime(2026, 9, 18, 11, 29, tzinfo=UTC)


@pytest.fixture(name="town")
def a_town(store: Store, tmp_path: Path) -> Iterator[Town]:
    town = Town(store, tmp_path)
    yield town
    town.letters.close()
    town.keys.close()


class Town:
    """Households that an order was held against, and whoever writes their letters."""

    def __init__(self, store: Store, folder: Path, world: WorldKind = WorldKind.REPLAY) -> None:
        self.store, self.keys = store, Keyring.open(folder / "keys")
        config = hub.config(hub.url(folder), keys=Keys(Folder(folder / "keys")))
        self.config = replace(config, portal=replace(config.portal, address="https://hub.example.jp"))
        self.letters = Household(store, self.config)
        self.general = Notice("alert:a1", world, "order", "総", "総", NOW, NOW + timedelta(hours=1), 7, alert="a1")
        with store.write() as tx:
            alerts.add(tx, order(NOW, world=world))

    def phone(self, number: int) -> str:
        """Give the address of somebody's phone."""
        return f"phone {number}"

    def live(self, number: int) -> list[Delivery]:
        """Let so many households live here; give a delivery to each."""
        found = []
        for n in range(number):
            folk = Folk(channels=(("webpush", self.phone(n)),), leave_in_min=30 + n)
            with self.store.write() as tx:
                home = settle(tx, self.keys, folk, NOW)
                (contact,) = households.contacts(tx, self.keys, home)
                sealed = briefs.sealed_brief(self.keys.key(home), home, brief_for(tx, self.keys, home, folk, NOW))
                alerts.tell(tx, [Told("a1", home, Because.CHOSEN, 1, sealed)])
            found.append(Delivery(n, self.general, "webpush", of_contact(contact.id), 1, home))
        return found

    def refusal(self, delivery: Delivery) -> Undeliverable:
        (fault,) = self.letters.write([delivery], NOW)
        assert isinstance(fault, Undeliverable)
        assert delivery.household not in str(fault)
        return fault


def test_each_household_gets_its_own_minute_address_and_page(town: Town) -> None:
    letters = [one for one in town.letters.write(town.live(3), NOW) if isinstance(one, Letter)]
    assert [one.address for one in letters] == ["phone 0", "phone 1", "phone 2"]
    for letter, minute in zip(letters, ("20:59", "21:00", "21:01"), strict=True):
        assert minute in letter.notice.headline + letter.notice.text
    assert len({one.notice.url for one in letters}) == len({one.key for one in letters}) == 3
    assert all(one.notice.url.startswith("https://hub.example.jp/a/") for one in letters)


def test_a_batch_is_read_in_one_look_however_many_they_are(town: Town) -> None:
    few, many = town.live(2), town.live(30)

    def asked(batch: list[Delivery]) -> int:
        said: list[str] = []

        def note(_link: Any, _cursor: Any, statement: str, *_: Any) -> None:
            said.append(statement)

        event.listen(town.store.engine, "before_cursor_execute", note)
        town.letters.write(batch, NOW)
        event.remove(town.store.engine, "before_cursor_execute", note)
        return len(said)

    asked(few)
    assert asked(many) == asked(few)


def test_the_staff_gets_what_was_decided_and_opens_no_keys(store: Store, tmp_path: Path) -> None:
    config = hub.config(hub.url(tmp_path), keys=Keys(Folder(tmp_path / "none")))
    letters = Household(store, config)
    one = Notice("k", WorldKind.REPLAY, "source_down", "見出し", "本文", NOW, NOW + timedelta(hours=1), 3)
    (letter,) = letters.write([Delivery(1, one, "console", "当直", 1)], NOW)
    assert letter == Letter(one, "当直", "k/console/当直")
    assert not (tmp_path / "none").exists()


def test_who_was_deleted_in_the_meantime_gets_nothing_and_the_others_do(town: Town) -> None:
    batch = town.live(3)
    with town.store.write() as tx:
        households.delete(tx, town.keys, batch[1].household, NOW)
    first, second, third = town.letters.write(batch, NOW)
    assert isinstance(first, Letter)
    assert isinstance(second, Undeliverable)
    assert second.forever
    assert isinstance(third, Letter)


def test_a_brief_that_was_changed_or_is_anothers_is_not_read_out_and_the_order_still_goes(town: Town) -> None:
    one, other = town.live(2)
    told = alert_household.c.household == one.household
    with town.store.write() as tx:
        stolen = alerts.told(tx, "a1", other.household)
        assert stolen is not None
        tx.execute(update(alert_household).where(told).values(sealed=stolen.sealed))
    (letter,) = town.letters.write([one], NOW)
    assert isinstance(letter, Letter)
    assert "全員避難" in letter.notice.headline
    assert "21:00" not in letter.notice.headline + letter.notice.text


def test_an_address_is_for_its_own_channel_and_household(town: Town) -> None:
    one, other = town.live(2)
    assert town.refusal(replace(one, channel="line")).forever
    assert town.refusal(replace(one, household=other.household)).forever


def test_without_a_brief_the_words_are_the_general_ones_and_name_no_minute(town: Town) -> None:
    (one,) = town.live(1)
    with town.store.write() as tx:
        tx.execute(update(alert_household).values(sealed=None))
    (letter,) = town.letters.write([one], NOW)
    assert isinstance(letter, Letter)
    assert "20:59" not in letter.notice.headline + letter.notice.text


def test_an_alert_of_another_world_than_its_notice_is_not_written(town: Town) -> None:
    (one,) = town.live(1)
    assert town.refusal(replace(one, notice=replace(one.notice, world=WorldKind.DRILL))).forever


def test_what_nobody_reviewed_does_not_go_out_as_actual(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = town.live(1)
    monkeypatch.setattr(messages, "language_for", lambda *_: None)
    assert "reviewed" in str(town.refusal(one))


def test_a_fault_in_one_letter_stops_no_other_and_tells_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    batch = town.live(3)
    write, times = messages.write, iter(range(3))

    def breaks(*given: Any, **more: Any) -> Any:
        if next(times) == 1:
            raise KeyError("phone 1 lives in the third house")
        return write(*given, **more)

    monkeypatch.setattr(messages, "write", breaks)
    first, second, third = town.letters.write(batch, NOW)
    assert isinstance(first, Letter)
    assert isinstance(third, Letter)
    assert isinstance(second, Undeliverable)
    assert not second.forever
    assert "house" not in caplog.text + str(second)


def test_a_batch_of_more_alerts_than_are_kept_at_hand_loses_none(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "KEPT", 1)
    (first,) = town.live(1)
    with town.store.write() as tx:
        alerts.add(tx, replace(order(NOW), id="a2"))
        alerts.add(tx, replace(order(NOW), id="a3"))
    others = [
        replace(first, id=n, notice=replace(town.general, key=f"alert:a{n}", alert=f"a{n}")) for n in (2, 3)
    ]  # fmt: skip
    assert not any(isinstance(one, Undeliverable) for one in town.letters.write([first, *others], NOW))
    assert not any(isinstance(one, Undeliverable) for one in town.letters.write([*others, first], NOW))


def test_a_helper_that_cannot_be_opened_keeps_no_household_from_being_told(town: Town) -> None:
    (home,) = town.live(1)
    with town.store.write() as tx:
        made, _ = household_helpers.invite(tx, town.keys, home.household, NOW, channel="webpush", address="h")
        tx.execute(update(helper).where(helper.c.id == made).values(sealed=b"\x01torn"))
    torn = Delivery(9, replace(town.general, key=f"invite:{made}", alert=""), "webpush", f"{ADDRESS}{made}", 1)
    fault, letter = town.letters.write([torn, home], NOW)
    assert isinstance(fault, Undeliverable)
    assert isinstance(letter, Letter)


def test_an_alert_that_cannot_be_read_keeps_no_other_from_going_out(town: Town) -> None:
    (first,) = town.live(1)
    with town.store.write() as tx:
        alerts.add(tx, replace(order(NOW), id="a2"))
        tx.execute(update(alert).where(alert.c.id == "a2").values(kind="torn"))
    torn = replace(first, id=2, notice=replace(town.general, key="alert:a2", alert="a2"))
    fault, letter = town.letters.write([torn, first], NOW)
    assert isinstance(fault, Undeliverable)
    assert not fault.forever
    assert isinstance(letter, Letter)


def test_a_correction_takes_the_place_of_what_it_corrects(town: Town) -> None:
    (one,) = town.live(1)
    (first,) = town.letters.write([one], NOW)
    with town.store.write() as tx:
        alerts.add(tx, order(NOW, id="a1~update2"))
        alerts.tell(tx, [Told("a1~update2", one.household, Because.CHOSEN, 1)])
    again = replace(town.general, key="alert:a1~update2", alert="a1~update2")
    (second,) = town.letters.write([replace(one, notice=again)], NOW)
    assert isinstance(first, Letter)
    assert isinstance(second, Letter)
    assert first.notice.key.split(":")[:2] == second.notice.key.split(":")[:2]
    assert first.key != second.key


def test_a_rule_s_notice_that_waited_names_the_order_that_was_given_since(town: Town) -> None:
    (one,) = town.live(1)
    with town.store.write() as tx:
        tx.execute(update(alert).where(alert.c.id == "a1").values(kind="automatic", rule="r@1", level=3))
    (before,) = town.letters.write([one], NOW)
    assert isinstance(before, Letter)
    assert "市の避難情報は出ていません" in before.notice.text
    with town.store.write() as tx:
        given = Decision("d1", 4, Hazard.FLOOD, "N", "北部", DecisionState.ISSUED, NOW, "hand", decided_at=NOW)
        decisions.open_once(tx, given)
    (after,) = town.letters.write([one], NOW + timedelta(minutes=40))
    assert isinstance(after, Letter)
    assert "市からは警戒レベル4 避難指示が出ています" in after.notice.text
