"""The registry of the city's own sensors: what was entered about each, by whom, when; and its times of maintenance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from disaster_hub.terms.errors import BadInput

KINDS = ("sensor", "rain")
HEIGHTS = ("zero_m", "start_m", "near", "met")
"""What a moved sensor must have looked at again: its zero and the marks that stand on it."""
JAPAN = (122.0, 20.0, 155.0, 46.5)
"""West, south, east, north."""
LONGEST_INTERVAL_S = 7 * 86_400


@dataclass(frozen=True, slots=True)
class SensorEntry:
    """What the city has entered about one device; heights in metres above the station's zero, rain in mm."""

    id: str
    model: str
    name: str
    lon: float
    lat: float
    name_en: str = ""
    kind: str = "sensor"
    zero_m: float | None = None
    interval_s: float = 600
    """Expected between two readings while the water is high."""
    interval_low_s: float | None = None
    """The same below *start_m*; None where it is the same."""
    start_m: float | None = None
    near: float | None = None
    met: float | None = None
    owner: str = ""
    cleaned_at: datetime | None = None
    moved_at: datetime | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an entry; versions are only ever added."""

    number: int
    at: datetime
    who: str
    note: str
    entry: SensorEntry


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A span in which a device's readings count for nothing; it always has an end."""

    id: int
    device: str
    begun: datetime
    ends: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A device that speaks and that nobody has entered."""

    device: str
    first_heard: datetime
    last_heard: datetime
    heard: int
    network: str


def checked(entry: SensorEntry) -> SensorEntry:
    """Give *entry* back where it can be true; BadInput names the field that cannot."""
    west, south, east, north = JAPAN
    if not entry.id or len(entry.id) > 64 or entry.id != entry.id.strip().lower():
        raise BadInput("装置ID: 空白のない小文字で64字までにしてください")
    if not entry.name.strip():
        raise BadInput("名前: 空です")
    if entry.kind not in KINDS:
        raise BadInput(f"種類: {entry.kind[:20]!r} は使えません")
    if not (west <= entry.lon <= east and south <= entry.lat <= north):
        raise BadInput("位置: 日本の外です。経度・緯度の順を確かめてください")
    for name, seconds in (("間隔", entry.interval_s), ("低いときの間隔", entry.interval_low_s)):
        if seconds is not None and not 1 <= seconds <= LONGEST_INTERVAL_S:
            raise BadInput(f"{name}: 1秒から7日までにしてください")
    if entry.interval_low_s is not None and entry.start_m is None:
        raise BadInput("低いときの間隔: 観測開始水位が空では、いつ低いのか分かりません")
    if entry.near is not None and entry.met is not None and entry.near > entry.met:
        raise BadInput("市の目安: 「注意」が「到達」より高くなっています")
    if any(value is not None and not abs(value) <= 1000 for value in (getattr(entry, h) for h in HEIGHTS)):
        # Written so that "nan" is refused too: no water ever reaches it.
        raise BadInput("高さ: 1000 m を超えています。単位はメートルです")
    return entry


def unseen_after_move(versions: list[Version]) -> bool:
    """Tell whether the newest entry was moved and no height was looked at since (亀山市 2014: one level too low).

    *versions* oldest first.
    """
    if not versions or versions[-1].entry.moved_at is None:
        return False
    moved = versions[-1].entry.moved_at
    first = next(v for v in versions if v.entry.moved_at == moved)
    before = [v for v in versions if v.number < first.number]
    old = before[-1].entry if before else None
    new = versions[-1].entry
    return (
        old is not None
        and all(getattr(old, h) == getattr(new, h) for h in HEIGHTS)
        and not any("基準を確認" in v.note for v in versions if v.number >= first.number)
    )
