"""An order outlasts its CAP message: the next one is there before, and names those that still hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import shapely
from lxml import etree

from disaster_hub.alerts import issuing, releases
from disaster_hub.alerts.cap_anew import AHEAD, write_anew
from disaster_hub.config import Config
from disaster_hub.desk import approving, composing, outgoing
from disaster_hub.desk.approving import Act
from disaster_hub.desk.composing import Wish
from disaster_hub.jobs.releases import folder, put_files
from disaster_hub.store import cap_again, drafts, places
from disaster_hub.store import releases as kept
from disaster_hub.store.session import Store
from disaster_hub.terms.alert import Alert
from disaster_hub.terms.place import Feature
from disaster_hub.terms.release import Form, Release
from disaster_hub.terms.world import World
from tests.desk.alert_town import SQUARE
from tests.jobs.hub import config
from timelines.releases.cap import NAMESPACE, ORDER_LIFE

HOUR = timedelta(hours=1)


@pytest.fixture(name="hub")
def a_hub(store: Store, world_replay: World, tmp_path: Path) -> Config:
    north = Feature("blocks", "N", shapely.multipolygons([SQUARE]), {"code": "N", "name": "北部", "hazards": "flood"})
    with store.write() as tx:
        places.replace(tx, "blocks", "town", [north])
    return config(store.url, world_replay, source=tmp_path / "config.toml")


def say(store: Store, hub: Config, kind: str, now: datetime) -> Alert:
    with store.write() as tx:
        one = composing.begun(tx, Wish(kind=kind, hazard="flood", areas=("N",)), hub, "ito", now)
        drafts.add(tx, one)
        return approving.approve(tx, Act(one.id, 1, "sato", now), one.area_name, hub, now)


def feed(store: Store, hub: Config, now: datetime) -> list[Release]:
    with store.read() as tx:
        return [one for _, one in releases.in_force(tx, hub, Form.CAP, now)]


def words(one: Release, name: str) -> str:
    return etree.fromstring(one.content.encode()).findtext(f".//{{{NAMESPACE}}}{name}") or ""


def test_an_order_that_stands_is_said_again_before_a_program_stops_showing_it(
    store: Store, hub: Config, now: datetime
) -> None:
    first = say(store, hub, "4", now)
    assert write_anew(store, hub, now + ORDER_LIFE - AHEAD - timedelta(minutes=1)) == 0
    at = now + ORDER_LIFE - HOUR
    assert [write_anew(store, hub, at), write_anew(store, hub, at), write_anew(store, hub, at + HOUR)] == [1, 0, 0]
    [one] = feed(store, hub, at)
    assert [words(one, name) for name in ("msgType", "identifier")] == ["Update", f"{first.id}-r1"]
    with store.read() as tx:
        before = kept.find(tx, first.id, Form.CAP)
    assert before is not None
    assert words(one, "references") == before.reference
    assert datetime.fromisoformat(words(one, "expires")) == at + ORDER_LIFE == one.valid_until
    assert datetime.fromisoformat(words(one, "sent")) == at
    assert words(one, "polygon") == words(before, "polygon")
    assert "訓練" in words(one, "headline")
    second = at + ORDER_LIFE - HOUR
    assert write_anew(store, hub, second) == 1
    [two] = feed(store, hub, second + 2 * HOUR)
    assert (words(two, "identifier"), words(two, "references")) == (f"{first.id}-r2", one.reference)


def test_it_goes_into_the_folder_and_has_an_address(store: Store, hub: Config, now: datetime) -> None:
    say(store, hub, "4", now)
    put_files(store, hub, now)
    at = now + ORDER_LIFE - HOUR
    write_anew(store, hub, at)
    assert put_files(store, hub, at) == 1
    assert put_files(store, hub, at) == 0
    [one] = feed(store, hub, at)
    assert (folder(hub) / one.file).read_text(encoding="utf-8") == one.content
    with store.read() as tx:
        assert cap_again.by_file(tx, one.file) is not None


@pytest.mark.parametrize("how", ["lift", "cancel", "raise", "update"])
def test_what_is_over_or_said_otherwise_is_not_said_again(store: Store, hub: Config, now: datetime, how: str) -> None:
    first = say(store, hub, "3" if how == "raise" else "4", now)
    if how == "cancel":
        with store.write() as tx:
            outgoing.cancel(tx, first.id, "取消", "間違えました", hub, "sato", now + HOUR, now + HOUR)
    elif how == "update":
        with store.write() as tx:
            issuing.update(tx, first.id, hub, now + HOUR, why="場所の名前を直します", who="ito", approver="sato")
    else:
        say(store, hub, "lift" if how == "lift" else "4", now + HOUR)
    at = now + ORDER_LIFE
    assert write_anew(store, hub, at) == (1 if how in {"raise", "update"} else 0)
    assert [one.file for one in feed(store, hub, at) if one.file.startswith(f"{first.id}-r")] == []


def test_a_hub_that_stood_still_says_it_alone_and_a_cancel_names_what_still_holds(
    store: Store, hub: Config, now: datetime
) -> None:
    first = say(store, hub, "4", now)
    late = now + ORDER_LIFE + 5 * HOUR
    assert feed(store, hub, late) == []
    assert write_anew(store, hub, late) == 1
    [one] = feed(store, hub, late)
    assert (words(one, "msgType"), words(one, "references")) == ("Alert", "")
    with store.write() as tx:
        wrong = outgoing.cancel(tx, first.id, "取消", "間違えました", hub, "sato", late + HOUR, late + HOUR)
    with store.read() as tx:
        cancel = kept.find(tx, wrong.id, Form.CAP)
    assert cancel is not None
    assert (words(cancel, "msgType"), words(cancel, "references")) == ("Cancel", one.reference)
    assert [held.alert for held in feed(store, hub, late + HOUR)] == [wrong.id]
