"""The outbox: notices frozen as decided, deliveries claimed with a lease and settled once, many at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, literal, or_, select, update

from disaster_hub.store import journal, upsert, worlds
from disaster_hub.store.alert_tables import alert
from disaster_hub.store.tables import attempt, delivery, notice
from disaster_hub.store.upsert import add_once, among
from disaster_hub.terms.alert import AlertState
from disaster_hub.terms.mark import bears
from disaster_hub.terms.notice import TESTS, Delivery, JournalEntry, Notice
from disaster_hub.terms.world import WorldKind

PART = 2000
"""Rows that one statement settles."""
LONGEST_WAIT = timedelta(hours=1)
"""Nobody is left waiting for longer: a time beyond it was written by a clock that has gone back since."""
LONGEST_LEASE = timedelta(minutes=10)
LATE, TAKEN_BACK = "its time had passed", "it was taken back before it was sent"
RETRY, LATER = "retry", "later"
STATE = delivery.c.state.concat("")
"""The state, not by its index: SQLite would walk along everything that is due to find the few that are named."""
UNKNOWN, LOST = "unknown", "a worker ended with it in hand; it may have arrived"


@dataclass(frozen=True, slots=True)
class Ending:
    """How one try ended."""

    delivery: int
    outcome: str
    """`sent`, `refused`, `expired`, `withdrawn`; `retry` after a try; `later` where none was made."""
    reason: str = ""
    again: timedelta = timedelta(0)
    """After how long of the wall's clock a `retry` or a `later` may be taken again."""


def enqueue(tx: Connection, decided: Notice, to: Sequence[tuple[str, str]]) -> bool:
    """Write a notice and its deliveries (channel, address); False where its key is known."""
    number = announce(tx, decided)
    if number is None:
        return False
    address(tx, number, decided, [(channel, address, "") for channel, address in dict.fromkeys(to)])
    return True


def announce(tx: Connection, decided: Notice) -> int | None:
    """Write a notice that nobody is to get yet and give its number; None where its key is known.

    One of another world raises WrongWorld. An actual one that bears the mark of an exercise is refused with a row of
    the log: the names in it may come from outside, and whoever judges levels must not stop because of them.
    """
    worlds.own(tx, decided.world, f"notice {decided.key[:60]}")
    if decided.world is WorldKind.REAL and bears(decided.headline, decided.text, test=decided.kind in TESTS):
        what = "訓練・テストの印のある知らせを、本番では送りませんでした"
        key = f"alert_refused:{decided.key}"
        about = decided.alert or None
        journal.add(tx, JournalEntry(decided.decided_at, "alert_refused", "hub", what, because=about, key=key))
        return None
    row = asdict(decided) | {"world": decided.world.value}
    if not add_once(tx, notice, row, ("key",)):
        return None
    return notice_number(tx, decided.key)


def notice_number(tx: Connection, key: str) -> int:
    """Give the number of the notice with this key."""
    return int(tx.execute(select(notice.c.id).where(notice.c.key == key)).scalar_one())


def address(tx: Connection, number: int, decided: Notice, to: Iterable[tuple[str, str, str]]) -> None:
    """Add deliveries (channel, address, household) of a notice; one that is there stays as it is."""
    worlds.own(tx, decided.world, f"notice {decided.key[:60]}")
    same = {
        "notice_id": number, "urgency": decided.urgency, "state": "due", "due_at": decided.decided_at, "tries": 0,
    }  # fmt: skip
    rows = [same | {"channel": channel, "address": where, "household": whose or None} for channel, where, whose in to]
    for at in range(0, len(rows), PART):
        tx.execute(upsert.insert(tx, delivery).on_conflict_do_nothing(), rows[at : at + PART])


def claim(
    tx: Connection, now: datetime, *, wall: datetime, lease: timedelta, limit: int, worker: str,
    channel: str | None = None,
) -> list[Delivery]:  # fmt: skip
    """Take due deliveries of *channel* (of all where None), urgent first, until *wall* + *lease*.

    What has expired, and what was taken back in the meantime, is settled so and not taken.
    """
    found: list[Delivery] = []
    for _ in range(10):
        rows = _due(tx, wall, limit, channel)
        if not rows:
            break
        lost = [row.id for row in rows if row.worker is not None]
        if lost:
            note_lost(tx, lost, now, worker)
        said = _notices(tx, {row.notice_id for row in rows})
        late = [row.id for row in rows if said[row.notice_id][0].expires_at <= now]
        back = [row.id for row in rows if said[row.notice_id][1] and row.id not in set(late)]
        settle_many(
            tx, [Ending(n, "expired", LATE) for n in late] + [Ending(n, "withdrawn", TAKEN_BACK) for n in back],
            now, worker, wall=wall,
        )  # fmt: skip
        gone = {*late, *back}
        live = [row for row in rows if row.id not in gone]
        found += [
            Delivery(row.id, said[row.notice_id][0], row.channel, row.address, row.tries + 1, row.household or "")
            for row in live
        ]
        if live or len(rows) < limit:
            break
    held = {"leased_until": wall + lease, "worker": worker, "tries": delivery.c.tries + 1}
    if found:
        tx.execute(update(delivery).where(among(tx, delivery.c.id, [one.id for one in found])).values(**held))
    return found


def channels_due(tx: Connection) -> list[str]:
    """Give the channels for which anything waits; a step of the index each, however much there is."""
    found: list[str] = []
    lowest = select(func.min(delivery.c.channel)).where(delivery.c.state == "due")
    while (name := tx.execute(lowest.where(delivery.c.channel > (found[-1] if found else ""))).scalar()) is not None:
        found.append(str(name))
    return found


def settle(
    tx: Connection,
    delivery_id: int,
    outcome: str,
    reason: str,
    now: datetime,
    worker: str,
    *,
    wall: datetime | None = None,
    again: timedelta = timedelta(seconds=30),
) -> bool:
    """Write how one try ended; False where it was settled before, or is another's to retry."""
    return settle_many(tx, [Ending(delivery_id, outcome, reason, again)], now, worker, wall=wall or now) == 1


def settle_many(tx: Connection, endings: Sequence[Ending], now: datetime, worker: str, *, wall: datetime) -> int:
    """Write how tries ended, and give how many were still open.

    Saying the same again writes nothing. A worker whose lease ran out may still say `sent`: it is true, even where
    another has settled it as expired since; but what is another's by now it cannot give back.
    """
    settled = 0
    for first, numbers in _alike(endings):
        open_again = first.outcome in {RETRY, LATER}
        values: dict[str, Any] = {"state": first.outcome, "leased_until": None, "worker": None}
        if open_again:
            # A retry waits on the wall's clock, as a lease does: a replay's own clock stands still at its end.
            values |= {"state": "due", "leased_until": wall + first.again if first.again else None}
        if first.outcome == LATER:
            values["tries"] = delivery.c.tries - 1
        still = ("due", "expired", "withdrawn") if first.outcome == "sent" else ("due",)
        mine = [STATE.in_(still), *([delivery.c.worker == worker] if open_again else [])]
        for part in _parts(numbers):
            known = among(tx, delivery.c.id, part)
            settled += tx.execute(update(delivery).where(known, *mine).values(**values)).rowcount
            if first.outcome != LATER:
                _note(tx, known, first.outcome, first.reason, now, worker)
    return settled


def expire(tx: Connection, now: datetime, *, since: datetime | None, wall: datetime, worker: str) -> int:
    """Settle what came too late since *since* and lies in nobody's hand, at most a part; give how many."""
    ended = select(notice.c.id).where(notice.c.expires_at <= now)
    if since is not None:
        ended = ended.where(notice.c.expires_at > since)
    numbers: list[int] = []
    # From the few notices to their deliveries: the other way round every due delivery would be looked at.
    for part in _parts(list(tx.execute(ended).scalars()), 500):
        query = select(delivery.c.id).where(delivery.c.notice_id.in_(part), delivery.c.state == "due", _free(wall))
        if tx.dialect.name != "sqlite":
            query = query.with_for_update(skip_locked=True)
        numbers += tx.execute(query.limit(PART - len(numbers))).scalars()
        if len(numbers) >= PART:
            break
    return settle_many(tx, [Ending(n, "expired", LATE) for n in numbers], now, worker, wall=wall)


def let_go(tx: Connection, worker: str) -> int:
    """Free what a worker that is no more had in hand: nobody need wait for its leases to run out.

    Its name stays there until the next one takes it: nobody knows whether what it had in hand arrived.
    """
    held = (delivery.c.state == "due") & (delivery.c.worker == worker)
    return tx.execute(update(delivery).where(held).values(leased_until=None)).rowcount


def note_lost(tx: Connection, numbers: Sequence[int], now: datetime, worker: str) -> None:
    """Write that a worker ended with these in hand: nobody knows whether they arrived."""
    for part in _parts(numbers):
        _note(tx, among(tx, delivery.c.id, part), UNKNOWN, LOST, now, worker)


def wake(tx: Connection) -> int:
    """Let what waits for its next try be tried now: the clock that it waits on has gone back."""
    waits = and_(delivery.c.state == "due", delivery.c.worker.is_(None), delivery.c.leased_until.is_not(None))
    return tx.execute(update(delivery).where(waits).values(leased_until=None)).rowcount


def taken_back(tx: Connection, alerts: Collection[str]) -> set[str]:
    """Give which of some alerts were cancelled."""
    query = select(alert.c.id).where(alert.c.id.in_(list(alerts)), alert.c.state == AlertState.CANCELLED.value)
    return set(tx.execute(query).scalars())


def counts(tx: Connection) -> dict[str, int]:
    """Count deliveries by state."""
    query = select(delivery.c.state, func.count()).group_by(delivery.c.state)
    return {state: int(number) for state, number in tx.execute(query)}


def progress(tx: Connection, alert_id: str) -> dict[str, dict[str, int]]:
    """Count an alert's deliveries by channel and state."""
    query = select(delivery.c.channel, delivery.c.state, func.count())
    query = query.join(notice, notice.c.id == delivery.c.notice_id).where(notice.c.alert == alert_id)
    found: dict[str, dict[str, int]] = {}
    for channel, state, number in tx.execute(query.group_by(delivery.c.channel, delivery.c.state)):
        found.setdefault(channel, {})[state] = int(number)
    return found


def _due(tx: Connection, wall: datetime, limit: int, channel: str | None) -> list[Any]:
    """Give due rows, urgent first; each urgency is one walk along the index from where its oldest waits.

    Whatever is in the outbox is due: a clock that was put back keeps nobody waiting.
    """
    d = delivery.c
    mine = [d.state == "due", *([] if channel is None else [d.channel == channel])]
    rows: list[Any] = []
    top = select(func.max(d.urgency)).where(*mine)
    urgency = tx.execute(top).scalar()
    while urgency is not None and len(rows) < limit:
        query = select(d.id, d.notice_id, d.channel, d.address, d.tries, d.household, d.worker)
        query = query.where(*mine, d.urgency == urgency, _free(wall))
        query = query.order_by(d.due_at, d.id).limit(limit - len(rows))
        if tx.dialect.name != "sqlite":
            query = query.with_for_update(skip_locked=True)
        rows += tx.execute(query).all()
        urgency = tx.execute(top.where(d.urgency < urgency)).scalar()
    return rows


def _notices(tx: Connection, numbers: Collection[int]) -> dict[int, tuple[Notice, bool]]:
    """Give notices by number, and whether the alert of each was cancelled."""
    query = select(notice, alert.c.state.label("alert_state")).outerjoin(alert, alert.c.id == notice.c.alert)
    return {
        row.id: (_notice(row), row.alert_state == AlertState.CANCELLED.value)
        for row in tx.execute(query.where(notice.c.id.in_(list(numbers))))
    }


def _free(wall: datetime) -> ColumnElement[bool]:
    until, worker = delivery.c.leased_until, delivery.c.worker
    return or_(
        until.is_(None),
        until <= wall,
        until > wall + LONGEST_WAIT,
        and_(worker.is_not(None), until > wall + LONGEST_LEASE),
    )


def _alike(endings: Iterable[Ending]) -> Iterator[tuple[Ending, list[int]]]:
    """Put endings together that one statement can write."""

    def said(one: Ending) -> tuple[str, str, timedelta]:
        return one.outcome, one.reason, one.again

    for _, same in groupby(sorted(endings, key=said), key=said):
        group = list(same)
        yield group[0], [one.delivery for one in group]


def _parts(numbers: Sequence[int], size: int = PART) -> Iterator[Sequence[int]]:
    for at in range(0, len(numbers), size):
        yield numbers[at : at + size]


def _note(tx: Connection, known: ColumnElement[bool], outcome: str, reason: str, now: datetime, worker: str) -> None:
    """Write an attempt for each delivery that is *known*; the same again is not written."""
    told = {"at": now, "worker": worker, "outcome": outcome, "reason": reason[:300]}
    rows = select(delivery.c.id, *(literal(value, attempt.c[name].type) for name, value in told.items())).where(known)
    statement = upsert.insert(tx, attempt).from_select(["delivery_id", *told], rows)
    tx.execute(statement.on_conflict_do_nothing())


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        key=row.key,
        world=WorldKind(row.world),
        kind=row.kind,
        headline=row.headline,
        text=row.text,
        decided_at=row.decided_at,
        expires_at=row.expires_at,
        urgency=row.urgency,
        url=row.url or "",
        unsubscribe=row.unsubscribe or "",
        alert=row.alert or "",
    )
