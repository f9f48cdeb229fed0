"""From facts to levels: each bulletin is judged once, with the changes and notices it causes, in one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from disaster_hub.config import Config
from disaster_hub.rules.lineage import RIVERS, WEATHER
from disaster_hub.rules.official import combined, of_municipality, of_river
from disaster_hub.rules.situation import sentence
from disaster_hub.rules.standing import Said
from disaster_hub.store import bulletins, journal, levels, outbox
from disaster_hub.store.bulletins import StoredBulletin
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.bulletin import AreaWarning, Bulletin, Status
from disaster_hub.terms.level import AreaKind, LevelChange, Official
from disaster_hub.terms.notice import JournalEntry, Notice

LOOK_BACK = timedelta(days=14)
"""How far back what was said can still matter; a word that stands longer than that keeps standing."""
NOTICE_LIFE = timedelta(hours=12)
BATCH = 1000


def judge_waiting(store: Store, config: Config) -> int:
    """Judge every bulletin that waits, each in its own transaction; give how many. Can be killed anywhere.

    They are taken in the order in which they were sent, and each sees only what was judged before it: so the
    changes are the same whether ten telegrams came one by one or all at once after a restart.
    """
    with store.read() as tx:
        waiting = sorted(bulletins.unjudged(tx, BATCH), key=lambda one: (one.bulletin.sent_at, one.identity))
        past = _past(tx, waiting, config) if waiting else Past({})
    for one in waiting:
        past.hear(one)
        with store.write() as tx:
            judge(tx, one, past, config)
    return len(waiting)


@dataclass(slots=True)
class Past:
    """What was said and judged until now, cut down to what the watched areas can need of it."""

    watched: Mapping[str, str]
    """Code → name of every municipality and river that is judged."""
    weather: list[Said] = field(default_factory=list)
    rivers: list[Said] = field(default_factory=list)

    def hear(self, one: StoredBulletin) -> None:
        """Take in one more bulletin; exercises and tests, and types that say nothing of levels, are let go."""
        said = one.bulletin
        if said.status is Status.ACTUAL and said.type in WEATHER:
            self.weather.append((one.identity, replace(said, warnings=self._needed(said))))
        elif said.status is Status.ACTUAL and said.type == RIVERS:
            self.rivers.append((one.identity, said))

    def _needed(self, said: Bulletin) -> tuple[AreaWarning, ...]:
        """Keep the rows of watched areas, and one of each other prefecture's to show whose telegram it is."""
        others = {row.area[:2]: row for row in reversed(said.warnings) if row.area not in self.watched}
        return (*(row for row in said.warnings if row.area in self.watched), *others.values())


def _past(tx: Transaction, waiting: Sequence[StoredBulletin], config: Config) -> Past:
    watched = {config.city.area: config.city.name} | {a.code: a.name for a in config.areas}
    past = Past(watched | {r.code: r.name for r in config.rivers})
    since = min(one.bulletin.reported_at for one in waiting) - LOOK_BACK
    new = {one.identity for one in waiting}
    for one in bulletins.history(tx, types=[*WEATHER, RIVERS], since=since):
        if one.identity not in new:
            past.hear(one)
    return past


def judge(tx: Transaction, one: StoredBulletin, past: Past, config: Config) -> None:
    """Judge what one bulletin (already in *past*) may touch, and take it off the work list."""
    said = one.bulletin
    if said.status is Status.ACTUAL and said.type in WEATHER:
        for area in (config.city.area, *(a.code for a in config.areas)):
            _write(tx, area, AreaKind.MUNICIPALITY, of_municipality(area, past.weather), one, past, config)
    elif said.status is Status.ACTUAL and said.type == RIVERS:
        for river in config.rivers:
            word = of_river(river.code, past.rivers)
            _write(tx, river.code, AreaKind.RIVER, [word] if word else [], one, past, config)
    _record(tx, one)
    bulletins.mark_judged(tx, [one.identity])


def _write(
    tx: Transaction,
    area: str,
    kind: AreaKind,
    words: Sequence[Official],
    one: StoredBulletin,
    past: Past,
    config: Config,
) -> None:
    """Write the words; where the highest level moved, the change, its journal row and its notice with them."""
    there = {w.hazard: w for w in levels.officials(tx) if w.area == area}
    name = past.watched[area]
    now = there | {w.hazard: replace(w, area_name=w.area_name or name) for w in words}
    for hazard, word in now.items():
        if there.get(hazard) != word:
            levels.put_official(tx, word)
    before, after = combined(there.values()), combined(now.values())
    if before == after:
        return
    force = sorted((w for w in now.values() if w.level != 0), key=_rank, reverse=True)
    reason = "、".join(sentence(w, config.city.zone) for w in force) or "発表中のものはありません"
    change = LevelChange(
        area, name, kind, one.bulletin.reported_at, before, after, one.bulletin.office, reason, one.identity
    )
    if levels.append_change(tx, change):
        _tell(tx, change, one.bulletin, config)


def _tell(tx: Transaction, change: LevelChange, said: Bulletin, config: Config) -> None:
    """Write the change into the journal and tell the staff; learning that all is calm wakes nobody."""
    text = f"{change.area_name}：レベル{_digit(change.before)}→{_digit(change.after)} {change.reason}"
    key = f"level:{change.area}:{change.evidence}"
    entry = JournalEntry(change.at, "level_changed", change.issuer, text, change.area, change.evidence, key)
    journal.add(tx, entry)
    if (change.before, change.after) == (None, 0):
        return
    mark = "【訓練】" if config.world.exercise else ""
    notice = Notice(
        key=key,
        world=config.world.kind,
        kind="level_changed",
        headline=f"{mark}{change.area_name} 警戒レベル{_digit(change.after)}（{change.issuer}）",
        text=f"{mark}{text}。市の避難情報ではありません。",
        decided_at=min(said.sent_at, said.reported_at),  # a report may be dated some minutes ahead of its sending
        expires_at=said.reported_at + NOTICE_LIFE,
        urgency=5 if change.after is None else max(1, change.after),
    )
    outbox.enqueue(tx, notice, [(s.channel, s.address) for s in config.staff])


def _record(tx: Transaction, one: StoredBulletin) -> None:
    """Write into the journal that the bulletin was received; exercises and tests say so in their first word."""
    said = one.bulletin
    mark = {Status.EXERCISE: "【訓練電文】", Status.TEST: "【試験電文】"}.get(said.status, "")
    what = f"{mark}{said.head_title or said.title}"
    key = f"bulletin:{one.identity}"
    journal.add(tx, JournalEntry(said.reported_at, "bulletin", said.office, what, None, one.identity, key))


def _rank(word: Official) -> int:
    return 9 if word.level is None else word.level


def _digit(level: int | None) -> str:
    return "不明" if level is None else str(level) if level else "なし"
