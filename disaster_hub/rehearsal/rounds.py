"""What the made-up city keeps for rounds and shelters: its check points, and how many each building takes."""

from __future__ import annotations

from datetime import datetime, timedelta

from disaster_hub.rehearsal.city import MINAMO, lonlat, river_y
from disaster_hub.rehearsal.gazetteer import REFUGES
from disaster_hub.store import checkpoints, shelter_desk
from disaster_hub.store.session import Store
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.rounds import CheckPoint

WHO = "防災課"
SEASON = timedelta(days=90)
"""So long before the night: the list is no news of tonight."""
POINTS = (
    ("みなも橋の橋脚", 3000, river_y(3000), "流木、橋げたまでの高さ", "土木班", 30, 2, True),
    ("さくら橋の上流", 4350, river_y(4350), "水位、護岸のくずれ", "土木班", 30, 2, True),
    ("こがね橋のたもと", 1900, 3900, "道への水のあふれ", "土木班", 30, 2, False),
    ("かや野橋の樋門", 3300, 4300, "樋門が閉まっているか、内側の水", "水防団かや野分団", 60, 2, True),
    ("駅西の地下道", 2450, 3350, "入口の水、通行止めの柵", "土木班", 30, 2, False),
    ("みず沢橋の土手", 3900, 1350, "土手のひび、にごり水", "水防団水沢分団", 60, 3, True),
    ("山口上沢のがけ", 3700, 640, "小石、わき水、木のかたむき（近づかない）", "水防団山口分団", 60, 3, True),
    ("岩谷の沢出口", 4980, 1020, "沢の音とにごり、道の土", "水防団岩谷分団", 60, 3, False),
    ("下浜ポンプ場", 420, 3150, "ポンプの音、外の水位", "下水道班", 60, 2, False),
    ("下浜水門", 330, river_y(330) + 40, "水門の開き、ごみ", "下水道班", 60, 2, True),
    ("芦原排水路のスクリーン", 1330, 3520, "ごみのつまり", "下水道班", 60, 2, False),
    ("桜町小学校前の側溝", 4840, 2740, "側溝のあふれ、マンホールのふた", "道路班", 120, 2, False),
)  # fmt: skip
"""Name, metres east and north, what to look at, who goes, minutes, official level, photo wanted."""
ROOM = (("中学校", 450), ("小学校", 320), ("市民会館", 260), ("市役所", 120), ("総合運動公園", 600), ("", 70))
"""How many a building takes, by the end of its name."""


def furnish(store: Store, now: datetime) -> None:
    """Write the list and the capacities into *store*, as the city's own people would before the season."""
    before = now - SEASON
    with store.write() as tx:
        for point in points():
            checkpoints.add(tx, point, WHO, before)
        for shelter, people in capacities():
            shelter_desk.set_capacity(tx, shelter, people, WHO, before)


def points() -> list[CheckPoint]:
    """Give the city's check points in the order of the round."""
    return [
        CheckPoint(f"minamo-{turn:02}", name, LonLat(*lonlat(x, y)), look_at, goes, every, level, turn, photo)
        for turn, (name, x, y, look_at, goes, every, level, photo) in enumerate(POINTS, 1)
    ]


def capacities() -> list[tuple[str, int]]:
    """Give each building's shelter id with the people that it takes."""
    return [
        (f"E{MINAMO.jis5}00{number:05}1", next(room for end, room in ROOM if one.name.endswith(end)))
        for number, one in enumerate(REFUGES, 1)
        if one.sort == "building"
    ]
