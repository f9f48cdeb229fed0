"""Up- and downstream: by the river's line, and nothing claimed where no line says it."""

from __future__ import annotations

from shapely import LineString

from disaster_hub.desk.river_order import beside
from disaster_hub.store import places
from disaster_hub.store.session import Store
from disaster_hub.terms.observation import Station
from disaster_hub.terms.place import Feature

LAT = 38.9


def gauge(name: str, lon: float, lat: float = LAT) -> Station:
    return Station(name, name, lon=lon, lat=lat)


def flowing_west(store: Store) -> None:
    """Two pieces, loaded out of order, both drawn the way the water goes."""
    pieces = [LineString([(139.30, LAT), (139.20, LAT)]), LineString([(139.40, LAT), (139.30, LAT)])]
    with store.write() as tx:
        places.replace(
            tx, "rivers", "f",
            [Feature("rivers", str(n), line, {"name": "みなも川", "waterway": "river"}) for n, line in enumerate(pieces)],
        )  # fmt: skip


def test_neighbours_come_in_the_order_of_the_river(store: Store) -> None:
    flowing_west(store)
    here, others = (
        gauge("here", 139.30),
        [gauge("b", 139.35), gauge("a", 139.39), gauge("c", 139.25), gauge("off", 139.31, 38.95)],
    )
    with store.read() as tx:
        found = beside(tx, here, [here, *others], 2)
    assert [(one.station, one.side) for one in found] == [("a", "up"), ("b", "up"), ("c", "down")]
    assert found[1].river == "みなも川"
    assert 4300 < found[1].metres < 4360


def test_without_a_line_they_are_only_near(store: Store) -> None:
    here, others = gauge("here", 139.30), [gauge("far", 139.39), gauge("near", 139.31), Station("nowhere", "x")]
    with store.read() as tx:
        found = beside(tx, here, [here, *others], 1)
    assert [(one.station, one.side, one.river) for one in found] == [("near", "near", ""), ("far", "near", "")]
