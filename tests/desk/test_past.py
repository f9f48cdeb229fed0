"""The last 24 hours, frame by frame: what stood then, never what is known now."""

from __future__ import annotations

from datetime import datetime, timedelta

from shapely import LineString, Point

from disaster_hub.desk import past
from disaster_hub.store import conditions, levels, observations, places, reports
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.level import AreaKind, LevelChange
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.report import Report, ReportKind, ReportSource, ReportState
from disaster_hub.terms.way import ShelterState

AREA = "9920100"


def change(at: datetime, before: int | None, after: int | None) -> LevelChange:
    return LevelChange(AREA, "みなも市", AreaKind.MUNICIPALITY, at, before, after, "x", "y", at.isoformat())


def test_levels_and_readings_stand_as_they_stood(store: Store, now: datetime) -> None:
    ago = lambda **span: now - timedelta(**span)  # noqa: E731
    with store.write() as tx:
        levels.append_change(tx, change(ago(hours=5), 2, 3))
        levels.append_change(tx, change(ago(hours=2), 3, None))
        rows = [Observation("fe99000000000001", "water_level", ago(minutes=n), n / 100, "m") for n in (100, 70, 3)]
        observations.add(tx, rows, raw_id=None)
    with store.read() as tx:
        said = past.past(tx, {"fe99000000000001": "water_level"}, {AREA: 4, "9920200": 2}, now, JAPAN)
    frame = {at: n for n, at in enumerate(said["times"])}
    then = lambda **span: frame[(now - timedelta(**span)).astimezone(JAPAN).isoformat()]  # noqa: E731
    assert len(said["times"]) == 97
    assert said["areas"][AREA][then(hours=6)] == 2
    assert said["areas"][AREA][then(hours=3)] == 3
    assert said["areas"][AREA][then(hours=1)] is None
    assert set(said["areas"]["9920200"]) == {2}
    seen = said["stations"]["fe99000000000001"]
    assert seen[then(hours=2)] is None
    assert seen[then(hours=1)] == [0.7, 10]
    assert seen[then(minutes=0)] == [0.03, 3]


def test_closures_shelters_and_reports_have_their_steps(store: Store, now: datetime) -> None:
    begun = now - timedelta(hours=4)
    with store.write() as tx:
        line = LineString([(139.3, 38.9), (139.31, 38.9)])
        places.replace(tx, "roads", "f", [Feature("roads", "7/0", line, {"highway": "residential", "name": "x"})])
        places.replace(tx, "shelters", "f", [Feature("shelters", "E9920100001", Point(139.3, 38.9), {"name": "小"})])
        conditions.close_road(tx, "7/0", "author", begun)
        conditions.open_road(tx, "7/0", "author", begun + timedelta(hours=1))
        conditions.set_shelter(tx, "E9920100001", ShelterState.FILLING, "author", begun)
        one = Report(
            "r1", 0, ReportKind.FLOODED_ROAD, ReportState.RECEIVED, ReportSource.CALL, LonLat(139.3, 38.9), "本町", "",
            begun, begun, "author",
        )  # fmt: skip
        made = reports.add(tx, one, begun)
        later = begun + timedelta(hours=2)
        reports.change(tx, "r1", made.version, "author", later, state=ReportState.WORKING)
    with store.read() as tx:
        said = past.past(tx, {}, {}, now, JAPAN)
    spoken = lambda steps: [state for _, state in steps]  # noqa: E731
    assert spoken(said["roads"]["7/0"]) == ["closed", "open"]
    assert spoken(said["shelters"]["E9920100001"]) == ["filling"]
    assert spoken(said["reports"]["r1"]) == ["received", "working"]
    assert said["reports"]["r1"][1][0] == later.astimezone(JAPAN).isoformat()
