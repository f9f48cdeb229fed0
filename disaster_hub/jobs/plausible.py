"""Whether what came in can be true: each gauge's new readings against its neighbours, the rain, the offices' word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disaster_hub.config import Config
from disaster_hub.desk.trusting import BACK, WATER, Place, Surroundings, places
from disaster_hub.rules import plausible
from disaster_hub.rules.health import SKEW
from disaster_hub.rules.witnesses import LEAP_M, Around
from disaster_hub.store import journal, observations, outbox, witness
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.doubt import BY_WORDS, DOUBT_WORDS, Doubt, Trust
from disaster_hub.terms.notice import JournalEntry, Notice
from disaster_hub.terms.observation import Observation

NOTICE_LIFE = timedelta(hours=2)
URGENCY = 5
Latest = Mapping[str, Sequence[Observation]]


@dataclass(frozen=True, slots=True)
class Found:
    """What one reading did to the trust in its gauge."""

    place: Place
    reading: Observation
    before: Trust | None
    after: Trust

    @property
    def borne_out(self) -> bool:
        """Tell whether somebody took a doubt away; that the water came back to where it was takes none."""
        return (
            self.before is not None
            and self.before.doubt is not None
            and self.after.doubt is None
            and self.after.witness is not None
            and abs((self.before.good or 0.0) - self.after.value) > LEAP_M
        )


class Plausible:
    """Judges what came in since the last look; keeps nothing that the store does not hold."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store = store
        self.config = config

    def run(self, now: datetime) -> int:
        """Judge, and write how far each gauge is believed now; give how many changed."""
        with self.store.read() as tx:
            found = look(tx, self.config, now)
        if not found:
            return 0
        with self.store.write() as tx:
            write(tx, self.config, found, now)
        return len(found)


def look(tx: Transaction, config: Config, now: datetime) -> list[Found]:
    """Judge the readings that nobody has judged, and again those that wait for a witness."""
    latest = observations.latest(tx, now + SKEW)
    known = {n: p for n, p in places(tx, config, now).items() if n in latest}
    trusts = witness.trusts(tx)
    last = {n: _water(latest[n]) for n, p in known.items() if p.quantity == WATER}
    fresh = [n for n, o in last.items() if o is not None and (n not in trusts or o.at > trusts[n].at)]
    waiting = [n for n, t in trusts.items() if n in last and n not in fresh and _waits(t, known[n], now)]
    series = observations.of_stations(tx, fresh, _since(trusts, fresh, now), (WATER,))
    cases = [(n, _new(n, series, trusts.get(n), now)) for n in fresh]
    cases += [(n, [one]) for n in waiting if (one := last[n]) is not None and one.at == trusts[n].at]
    wanted = [
        n
        for n, seen in cases
        if any(plausible.interesting(trusts.get(n), o, known[n].post) for o in seen) or n in waiting
    ]
    around = Surroundings(tx, config, known, wanted, now)
    found: list[Found] = []
    for name, seen in cases:
        beside = around.around(name, tilted=_tilted(latest[name])) if name in wanted else Around()
        found += _judged(known[name], seen, trusts.get(name), beside, now)
    return found


def write(tx: Transaction, config: Config, found: Sequence[Found], now: datetime) -> None:
    """Write trusts, doubted readings, and what the officers must hear of at once."""
    witness.put(tx, list({one.place.post.station: one.after for one in found}.values()))
    for one in found:
        station, name, doubt = one.place.post.station, one.place.post.name, one.after.doubt
        if doubt is not None:
            witness.doubt(tx, station, one.reading, doubt, now)
            _tell(tx, config, one, doubt, now)
        elif one.borne_out and one.before is not None and one.before.doubt is not None and one.after.witness:
            since, seen = one.before.doubt.since, one.after.witness
            witness.clear(tx, station, since, seen.by.value, now)
            what = f"{name}：{one.after.value:.2f}m 裏付けがありました（{BY_WORDS[seen.by]}：{seen.words}）"
            key = f"believed:{station}:{since.isoformat()}"
            journal.add(tx, JournalEntry(now, "reading_believed", "hub", what, station, None, key))


def _tell(tx: Transaction, config: Config, one: Found, doubt: Doubt, now: datetime) -> None:
    """Write a doubt once; where high water may stand behind it, the staff is told as well."""
    station, name = one.place.post.station, one.place.post.name
    what = f"{name}：{one.after.value:.2f}m {DOUBT_WORDS[doubt.kind]}（{doubt.words}）。"
    what += "裏付けがあるまで知らせには使いません。不明＝危険側" if one.after.danger else "値として数えません"
    # Not each of a doubt that comes and goes: three an hour are heard as well.
    third = doubt.since.replace(minute=doubt.since.minute // 20 * 20, second=0, microsecond=0)
    key = f"doubt:{station}:{doubt.kind.value}:{third.isoformat()}"
    if not journal.add(tx, JournalEntry(one.reading.at, "reading_doubted", "hub", what, station, None, key)):
        return
    if not one.after.danger:
        return
    mark = "【訓練】" if config.world.exercise else ""
    notice = Notice(
        key=key, world=config.world.kind, kind="reading_doubted", headline=f"{mark}{name} 疑わしい値：確かめてください",
        text=f"{mark}{what}", decided_at=now, expires_at=now + NOTICE_LIFE, urgency=URGENCY, url="/hq/doubts",
    )  # fmt: skip
    outbox.enqueue(tx, notice, [(s.channel, s.address) for s in config.staff])


def _judged(
    place: Place, seen: Sequence[Observation], before: Trust | None, around: Around, now: datetime
) -> list[Found]:
    """Judge readings one after the other; of a gauge that is new here the past is judged, and nothing said of it."""
    found: list[Found] = []
    trust, known = before, before is not None
    for one in seen:
        # What comes in one batch waited somewhere: only its last reading tells of the device's clock.
        after = plausible.judge(trust, one, place.post, around, now if known and one is seen[-1] else None)
        if after is not None and after != trust:
            found.append(Found(place, one, trust, after))
        trust = after
    return found if known else found[-1:]


def _since(trusts: Mapping[str, Trust], fresh: Sequence[str], now: datetime) -> datetime:
    """Give from when on readings are needed: from the oldest that was judged, and not from long ago."""
    return max(min([trusts[n].at if n in trusts else now - BACK for n in fresh], default=now), now - 3 * BACK)


def _new(
    name: str, series: Mapping[str, Sequence[Observation]], trust: Trust | None, now: datetime
) -> list[Observation]:
    mine = [o for o in series.get(name, ()) if o.quantity == WATER and o.at <= now + SKEW]
    return mine if trust is None else [o for o in mine if o.at >= trust.at]


def _waits(trust: Trust, place: Place, now: datetime) -> bool:
    """Tell whether a neighbour's word could change what is thought of the last reading."""
    if now - trust.at > BACK:
        return False
    return trust.doubt is not None or (trust.witness is None and plausible.high(trust.value, place.post))


def _water(seen: Sequence[Observation]) -> Observation | None:
    return next((o for o in seen if o.quantity == WATER and o.value is not None), None)


def _tilted(seen: Sequence[Observation]) -> bool:
    return any(o.quantity == "tilt" and o.value for o in seen)
