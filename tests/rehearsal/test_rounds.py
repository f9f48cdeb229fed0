"""The made-up city's check points and capacities fit its own shelters and borders."""

from __future__ import annotations

from datetime import datetime

import pytest

from disaster_hub.jobs.load import load
from disaster_hub.rehearsal import rounds
from disaster_hub.rehearsal.city import HEIGHT_M, ORIGIN_LAT, ORIGIN_LON, WIDTH_M, lonlat
from disaster_hub.rehearsal.gazetteer import REFUGES
from disaster_hub.rehearsal.opendata import _collection, _json, _shelter
from disaster_hub.store import checkpoints, shelter_desk
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.world import World
from sensors.datasets.gsi_shelters import FLAGS


def test_the_list_lies_in_the_city_and_the_capacities_are_of_its_shelters(
    sqlite_store: Store, now: datetime, world_replay: World, tmp_path
) -> None:
    with pytest.raises(BadInput):
        rounds.furnish(sqlite_store, now)
    marks = dict.fromkeys(FLAGS, "1") | {"指定避難所との住所同一": "1", "備考": ""}
    features = [_shelter(one, number, 1, marks) for number, one in enumerate(REFUGES, 1)]
    _json(tmp_path / "99201_指定緊急避難場所.geojson", _collection(features, "99201"), indent=2)
    report = load(sqlite_store, [tmp_path], now=now, world=world_replay, progress=lambda _: None)
    assert not report.refused
    rounds.furnish(sqlite_store, now)
    with sqlite_store.read() as tx:
        points = checkpoints.points(tx)
        rooms = shelter_desk.capacities(tx)
        first = shelter_desk.name_of(tx, next(iter(rooms)))
    east, north = lonlat(WIDTH_M, HEIGHT_M)
    assert [p.turn for p in points] == list(range(1, 13))
    assert all(ORIGIN_LON < p.spot.lon < east and ORIGIN_LAT < p.spot.lat < north for p in points)
    assert len(rooms) == sum(one.sort == "building" for one in REFUGES)
    assert first in {one.name for one in REFUGES}
