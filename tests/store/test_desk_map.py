"""What the desk's map keeps: wishes by account, stills with their own time, drawings that leave a trace."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from shapely import LineString

from disaster_hub.store import conditions, journal, places, preferences, sketches, stills
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature

ROAD = "7/0"


def test_wishes_are_kept_by_account(store: Store) -> None:
    with store.write() as tx:
        preferences.remember(tx, "author", "map", {"shown": ["areas"]})
        preferences.remember(tx, "author", "map", {"shown": ["areas", "closed"]})
        preferences.remember(tx, "viewer", "map", {"shown": []})
    with store.read() as tx:
        assert preferences.recall(tx, "author", "map") == {"shown": ["areas", "closed"]}
        assert preferences.recall(tx, "viewer", "map") == {"shown": []}
        assert preferences.recall(tx, "nobody", "map") is None
    with store.write() as tx, pytest.raises(BadInput):
        preferences.remember(tx, "author", "map", ["x" * 9000])


def test_the_same_picture_again_keeps_its_first_time(store: Store, now: datetime) -> None:
    later = now + timedelta(minutes=30)
    with store.write() as tx:
        assert stills.put(tx, "c", b"one", (4, 3), now, "header", now)
        assert not stills.put(tx, "c", b"one", (4, 3), later, "header", later)
    with store.read() as tx:
        assert stills.newest(tx)["c"].taken_at == now


def test_the_past_has_its_own_picture_and_the_last_one_is_never_forgotten(store: Store, now: datetime) -> None:
    with store.write() as tx:
        for n in range(3):
            at = now + timedelta(hours=n)
            stills.put(tx, "c", b"%d" % n, (4, 3), None if n == 2 else at, "unknown" if n == 2 else "exif", at)
        stills.put(tx, "still standing", b"old", (4, 3), now, "file", now)
    with store.read() as tx:
        found = stills.find(tx, "c", now + timedelta(minutes=90))
        assert found is not None
        assert found[1] == b"1"
        assert stills.find(tx, "c", now - timedelta(minutes=1)) is None
        assert [s.taken_at for s in stills.times(tx, "c", now)] == [now, now + timedelta(hours=1), None]
    with store.write() as tx:
        assert stills.forget(tx, now + timedelta(hours=9)) == 2
        assert set(stills.newest(tx)) == {"c", "still standing"}


def test_a_drawing_is_shared_and_leaves_a_trace(store: Store, now: datetime) -> None:
    later = now + timedelta(minutes=5)
    with store.write() as tx:
        made = sketches.draw(tx, "line", " 土のう ", [(139.3, 38.9), (139.31, 38.9)], "author", now)
    with store.write() as tx, pytest.raises(BadInput, match="maker"):
        sketches.remove(tx, made.id, "viewer", later)
    with store.write() as tx:
        sketches.remove(tx, made.id, "author", later)
    with store.write() as tx, pytest.raises(BadInput, match="not on the map"):
        sketches.remove(tx, made.id, "author", later)
    with store.read() as tx:
        assert sketches.standing(tx) == []
        assert [one.label for one in sketches.standing(tx, now)] == ["土のう"]
        kinds = [entry.kind for entry in journal.entries(tx)]
        assert kinds == ["sketch_removed", "sketch_drawn"]


@pytest.mark.parametrize(
    ("kind", "label", "spots"),
    [
        ("circle", "x", [(139.0, 38.0)]),
        ("point", "", [(139.0, 38.0)]),
        ("point", "x" * 81, [(139.0, 38.0)]),
        ("line", "x", [(139.0, 38.0)]),
        ("area", "x", [(139.0, 38.0), (139.1, 38.0)]),
        ("point", "x", [(999.0, 38.0)]),
    ],
)
def test_a_wrong_drawing_is_refused(
    sqlite_store: Store, now: datetime, kind: str, label: str, spots: list[tuple[float, float]]
) -> None:
    with sqlite_store.write() as tx, pytest.raises(BadInput):
        sketches.draw(tx, kind, label, spots, "author", now)


def test_closures_say_who_why_and_since_when(store: Store, now: datetime) -> None:
    with store.write() as tx:
        line = LineString([(139.3, 38.9), (139.31, 38.9)])
        places.replace(tx, "roads", "f", [Feature("roads", ROAD, line, {"highway": "residential", "name": "芦原通り"})])
        conditions.close_road(tx, ROAD, "author", now, "冠水")
    with store.read() as tx:
        (word,) = conditions.closures(tx)
        assert (word.place, word.at, word.who, word.because) == (ROAD, now, "author", "冠水")
        assert [one.id for one in places.named(tx, "roads", [ROAD, "none"])] == [ROAD]
