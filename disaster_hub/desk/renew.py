"""The decide-by rows are brought up to date: what changed is written, and the room's log hears of what counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from disaster_hub.desk import say
from disaster_hub.desk.decide_by import DecideByClock, held
from disaster_hub.store import decide_bys, evacuation_areas, journal
from disaster_hub.store.decide_bys import Said
from disaster_hub.terms.decision import DecideBy
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.notice import JournalEntry

SAID, EARLIER, PASSED, GONE = "decide_by", "decide_by_earlier", "decide_by_passed", "decide_by_gone"
WHO = "clock"
MINUTE = timedelta(minutes=1)


def renew(clock: DecideByClock, now: datetime) -> int:
    """Reckon every area and write the rows that changed; give how many. Done twice, it writes once."""
    store = clock.planner.store
    reckoned = clock.all_now(now)
    with store.read() as tx:
        before = decide_bys.rows(tx)
        names = {area.code: area.name for area in evacuation_areas.all_areas(tx)}
    new: dict[tuple[str, Hazard], Said] = {}
    for one, word in reckoned:
        key = one.area, one.hazard
        new[key] = Said(held(before.get(key), one, word), word, now)
    changed = [s for key, s in new.items() if key not in before or _other(before[key], s)]
    gone = [key for key in before if key not in new]
    lines = [
        entry
        for key, said in new.items()
        for entry in _entries(names.get(said.decide_by.area, ""), before.get(key), said.decide_by, now)
        if entry.key not in clock.told
    ]
    lines += [_ended(names.get(key[0], key[0]), before[key].decide_by, now) for key in gone if before[key].decide_by.at]
    if changed or gone or lines:
        with store.write() as tx:
            for said in changed:
                decide_bys.put(tx, said)
            decide_bys.drop(tx, gone)
            for entry in lines:
                journal.add(tx, entry)
        clock.told |= {entry.key for entry in lines if entry.key is not None}
    return len(changed) + len(gone)


def _other(before: Said, new: Said) -> bool:
    return (before.decide_by, before.word) != (new.decide_by, new.word)


def _ended(name: str, old: DecideBy, now: datetime) -> JournalEntry:
    """Tell of a minute that goes with its area, or with the zones that made it: nothing vanishes without a word."""
    what = f"{name}・{say.HAZARDS[old.hazard]}"
    was = f"（{say.clock(old.at)}）" if old.at is not None else ""
    words = f"{what}：発令の期限{was}を表示しなくなりました（避難区域か浸水等の区域のデータが変わりました）"
    return JournalEntry(now, GONE, WHO, words, old.area, old.hazard)


def _entries(name: str, before: Said | None, one: DecideBy, now: datetime) -> Iterator[JournalEntry]:
    """Give what the log is told: a minute that appears, one that moves earlier, one that has passed, one that ends."""
    old = before.decide_by.at if before is not None else None
    what, place = f"{name}・{say.HAZARDS[one.hazard]}", one.area
    if one.at is None:
        if old is not None:
            yield JournalEntry(now, GONE, WHO, f"{what}：発令の期限は今は言えません（{one.why}）", place, one.hazard)
        return
    key = f"{one.area} {one.hazard} {one.at.isoformat()}"
    if old is None or old != one.at:
        kind = EARLIER if old is not None and one.at < old else SAID
        more = f"。{say.clock(old)} から早まりました" if old is not None and one.at < old else ""
        yield JournalEntry(now, kind, WHO, say.line(name, one) + more, place, one.hazard, f"{SAID} {key}")
    if now > one.at:
        words = f"{what}：発令の期限 {say.clock(one.at)} を過ぎました。今出しても間に合わない家 {one.late} 戸"
        yield JournalEntry(now, PASSED, WHO, words, place, one.hazard, f"{PASSED} {key}")
