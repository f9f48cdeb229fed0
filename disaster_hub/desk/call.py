"""A call, or any other word from outside, becomes a report: the place, the kind, and what is personal apart from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disaster_hub.store import persons, photos, reports
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.report import Report, ReportKind, ReportSource, ReportState

SAME_M = 150.0
SAME_WITHIN = timedelta(hours=3)
LONGEST_PLACE, LONGEST_TEXT = 80, 1000
MOST_PHOTOS = 4
SLACK = timedelta(minutes=2)
"""A phone's clock may be so much ahead of ours."""
OLDEST = timedelta(days=14)
IDENTITY = re.compile(r"[A-Za-z0-9-]{8,64}")
NUMBER = re.compile(r"(?<![\d.])(?:\+81|[0０])[\d０-９()（）－ー‐\- ]{7,13}[\d０-９](?!\d)")
HIDDEN = "（番号は連絡先へ）"
LEAST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Call:
    """What somebody told us, not yet a report."""

    id: str
    kind: ReportKind
    spot: LonLat
    source: ReportSource
    place: str = ""
    said: str = ""
    seen_at: datetime | None = None
    """None is now."""
    person: Mapping[str, str] = field(default_factory=dict)
    """`name` and `phone` of the caller; they go sealed and nowhere else."""
    department: str = ""
    accuracy_m: float | None = None
    jpegs: Sequence[bytes] = ()
    """Cleaned photos."""


def take(tx: Transaction, keys: Keyring, call: Call, who: str, now: datetime) -> Report:
    """Enter *call* as a report; sent again, it is the report that it was."""
    if not IDENTITY.fullmatch(call.id):
        raise BadInput("報告の番号札が正しくありません。画面を読み込み直してください。")
    reports.lock(tx)  # sent twice at once, the second neither seals a caller nor keeps a photo again
    known = reports.find(tx, call.id)
    if known is not None:
        return known
    place, numbers = parted(call.place.strip())
    said, more = parted(call.said.strip())
    if len(place) > LONGEST_PLACE or len(said) > LONGEST_TEXT:
        raise BadInput(f"場所は{LONGEST_PLACE}字、内容は{LONGEST_TEXT}字までです。")
    kept = {name: value.strip()[:LONGEST_PLACE] for name, value in call.person.items() if value.strip()}
    if numbers or more:
        kept["phone"] = "、".join(dict.fromkeys(filter(None, [kept.get("phone", ""), *numbers, *more])))
    person = persons.keep(tx, keys, kept) if kept else ""
    pictures = tuple(photos.put(tx, jpeg, call.id, now) for jpeg in call.jpegs[:MOST_PHOTOS])
    made = Report(
        call.id, 0, call.kind, ReportState.RECEIVED, call.source, call.spot, place, said, seen(call.seen_at, now),
        now, who, call.department, person=person, photos=pictures, accuracy_m=call.accuracy_m,
    )  # fmt: skip
    return reports.add(tx, made, now)


def candidates(tx: Transaction, spot: LonLat, kind: ReportKind | None, now: datetime) -> list[Report]:
    """Give the reports that may tell of the same thing: akin, near and not long ago; a joined one by its head."""
    found: dict[str, Report] = {}
    for one in reports.near(tx, spot, kind, SAME_M, now - SAME_WITHIN):
        found.setdefault(one.id, one)
    return list(found.values())


def seen(said: datetime | None, now: datetime) -> datetime:
    """Give when it was seen: a little in the future is now, much of it is a wrong clock and refused."""
    if said is None:
        return now
    if said > now + SLACK:
        raise BadInput("見た時刻が未来になっています。時刻を直してください。")
    if said < now - OLDEST:
        raise BadInput(f"見た時刻が{OLDEST.days}日より前です。時刻を直してください。")
    return min(said, now)


def parted(text: str) -> tuple[str, list[str]]:
    """Take telephone numbers out of *text*: they are personal, and free text is read by everybody."""
    numbers: list[str] = []

    def hide(found: re.Match[str]) -> str:
        if sum(c.isdigit() for c in found[0]) < LEAST_DIGITS:
            return found[0]
        numbers.append(found[0].strip())
        return HIDDEN

    return NUMBER.sub(hide, text), numbers


def without_numbers(text: str) -> str:
    """Give *text* that goes into the log, which nobody can empty; BadInput where a telephone number stands in it."""
    if parted(text)[1]:
        raise BadInput("電話番号は書かないでください。この文は記録に残り、消せません。")
    return text
