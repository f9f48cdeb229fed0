"""From facts to levels: each bulletin is judged once, with the changes and notices it causes, in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from disaster_hub.config import Config
from disaster_hub.rules.lineage import RIVERS, WEATHER
from disaster_hub.rules.official import of_municipality, of_river
from disaster_hub.rules.standing import Said
from disaster_hub.store import bulletins, journal, levels, outbox
from disaster_hub.store.bulletins import StoredBulletin
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.bulletin import Status
from disaster_hub.terms.level import AreaKind, LevelChange, Official
from disaster_hub.terms.notice import JournalEntry, Notice

LOOK_BACK = timedelta(days=14)
"""A warning's whole history that can still matter: floods end only by their own all-clear."""
NOTICE_LIFE = timedelta(hours=2)


def judge_waiting(store: Store, config: Config) -> int:
    """Judge every bulletin that waits, each in its own transaction; give how many. Can be killed anywhere."""
    with store.read() as tx:
        waiting = bulletins.unjudged(tx)
    for one in waiting:
        with store.write() as tx:
            judge(tx, one, config)
    return len(waiting)


def judge(tx: Transaction, one: StoredBulletin, config: Config) -> None:
    """Judge what one bulletin touches, from everything said until now, and take it off the work list."""
    said = one.bulletin
    if said.status is Status.ACTUAL and said.type is not None:
        for area in _watched_areas(one, config):
            _judge_area(tx, area, one, config)
        for river in _watched_rivers(one, config):
            _judge_river(tx, river, one, config)
    _record(tx, one)
    bulletins.mark_judged(tx, [one.identity])


def _watched_areas(one: StoredBulletin, config: Config) -> list[str]:
    watched = [config.city.area, *(a.code for a in config.areas)]
    if one.bulletin.type not in WEATHER:
        return []
    named = {w.area for w in one.bulletin.warnings}
    return [area for area in watched if area in named or not named]


def _watched_rivers(one: StoredBulletin, config: Config) -> list[str]:
    if one.bulletin.type != RIVERS:
        return []
    named = {r.area for r in one.bulletin.rivers} or {one.bulletin.event_id or ""}
    return [r.code for r in config.rivers if r.code in named]


def _judge_area(tx: Transaction, area: str, one: StoredBulletin, config: Config) -> None:
    since = one.bulletin.reported_at - LOOK_BACK
    past = bulletins.history(tx, types=WEATHER, since=since, office=one.bulletin.office)
    words = of_municipality(area, _said(past))
    _write(tx, area, _area_name(area, config), AreaKind.MUNICIPALITY, words, one, config)


def _judge_river(tx: Transaction, river: str, one: StoredBulletin, config: Config) -> None:
    since = one.bulletin.reported_at - LOOK_BACK
    past = bulletins.history(tx, types=[RIVERS], since=since, river=river)
    word = of_river(river, _said(past))
    name = next((r.name for r in config.rivers if r.code == river), river)
    _write(tx, river, name, AreaKind.RIVER, [word] if word else [], one, config)


def _said(past: Iterable[StoredBulletin]) -> list[Said]:
    return [(b.identity, b.bulletin) for b in past]


def _write(
    tx: Transaction,
    area: str,
    name: str,
    kind: AreaKind,
    words: Sequence[Official],
    one: StoredBulletin,
    config: Config,
) -> None:
    """Write the words; where the highest level moved, the change, its journal row and its notice with them."""
    before = _highest([w for w in levels.officials(tx) if w.area == area])
    for word in words:
        levels.put_official(tx, word)
    after = _highest(words)
    if before == after:
        return
    reason = "、".join(w.name for w in sorted(words, key=_rank, reverse=True) if w.level != 0) or "解除"
    at, issuer = one.bulletin.reported_at, one.bulletin.office
    change = LevelChange(area, name, kind, at, before, after, issuer, reason, one.identity)
    if levels.append_change(tx, change):
        text = f"{name}：レベル{_digit(before)}→{_digit(after)} {reason}（{issuer}）"
        key = f"level:{area}:{one.identity}"
        journal.add(tx, JournalEntry(at, "level_changed", issuer, text, area, one.identity, key))
        outbox.enqueue(tx, _notice(key, change, text, config), [(s.channel, s.address) for s in config.staff])


def _notice(key: str, change: LevelChange, text: str, config: Config) -> Notice:
    """Tell the staff; the residents' own notices are decided elsewhere and by people."""
    mark = "【訓練】" if config.world.exercise else ""
    headline = f"{mark}{change.area_name} 警戒レベル{_digit(change.after)}（{change.issuer}）"
    urgency = 5 if change.after is None else max(1, change.after)
    return Notice(
        key=key,
        world=config.world.kind,
        kind="level_changed",
        headline=headline,
        text=f"{mark}{text}。市の避難情報ではありません。",
        decided_at=change.at,
        expires_at=change.at + NOTICE_LIFE,
        urgency=urgency,
    )


def _record(tx: Transaction, one: StoredBulletin) -> None:
    """Write into the journal that the bulletin was received; exercises and tests say so in their first word."""
    said = one.bulletin
    mark = {Status.EXERCISE: "【訓練電文】", Status.TEST: "【試験電文】"}.get(said.status, "")
    what = f"{mark}{said.head_title or said.title}"
    key = f"bulletin:{one.identity}"
    journal.add(tx, JournalEntry(said.reported_at, "bulletin", said.office, what, None, one.identity, key))


def _area_name(area: str, config: Config) -> str:
    if area == config.city.area:
        return config.city.name
    return next((a.name for a in config.areas if a.code == area), area)


def _rank(word: Official) -> int:
    return 9 if word.level is None else word.level


def _highest(words: Sequence[Official]) -> int | None:
    """Give the highest level in force; None where only what nobody knows is in force."""
    known = [w.level for w in words if w.level is not None]
    if any(w.level is None for w in words) and not any(known):
        return None
    return max(known, default=0)


def _digit(level: int | None) -> str:
    return "不明" if level is None else str(level) if level else "なし"
