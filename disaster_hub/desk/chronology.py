"""The chronology as the desk writes and shows it: notes, corrections beside what they correct, pins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from disaster_hub.desk.call import parted, without_numbers
from disaster_hub.desk.say import HAZARDS
from disaster_hub.store import chronology, journal, persons
from disaster_hub.store.chronology import CORRECTED, PINNED, UNPINNED, LogRow, Wish
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.chronology import Kind, kind_of
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.notice import JournalEntry

LONGEST = 500
PLACE_LONGEST = 80
PERSON_LONGEST = 300
AHEAD = timedelta(minutes=1)
"""A clock on the wall may be a little fast."""
BACK = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is read: with what corrects it, and whether it is pinned."""

    row: LogRow
    kind: Kind
    pinned: bool
    corrections: Sequence[LogRow] = field(default_factory=tuple)
    about: LogRow | None = None
    """The row that this one corrects."""
    emptied: bool = False
    """True where the personal data that it names were deleted."""

    @property
    def reason(self) -> str:
        """Say why in the room's words; the log itself keeps the code of a hazard and a telegram's whole address."""
        because = self.row.entry.because or ""
        if because.startswith(("http://", "https://")):
            return f"電文 {because.rpartition('/')[2]}"
        return HAZARDS[Hazard(because)] if because in set(Hazard) else because


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wants to write down."""

    text: str
    at: datetime
    """When it happened."""
    place: str = ""
    person: str = ""
    """Names and numbers of persons: sealed elsewhere, never in the log."""


def read(
    tx: Transaction, keys: Keyring, wish: Wish, *, limit: int, before: int | None = None
) -> tuple[list[Line], int | None]:
    """Give one page of lines, newest first, and the row at which the next page goes on (None: there is none)."""
    found = chronology.rows(tx, wish, limit=limit + 1, before=before)
    more = found[limit - 1].id if len(found) > limit else None
    return lines(tx, keys, found[:limit]), more


def pinned(tx: Transaction, keys: Keyring) -> list[Line]:
    """Give the lines that are pinned now."""
    found = (chronology.find(tx, number) for number in chronology.pins(tx))
    return lines(tx, keys, [row for row in found if row is not None])


def find_line(tx: Transaction, keys: Keyring, number: int) -> Line | None:
    """Give one line; None where there is no such row."""
    there = chronology.find(tx, number)
    return None if there is None else lines(tx, keys, [there])[0]


def lines(tx: Transaction, keys: Keyring, found: Sequence[LogRow]) -> list[Line]:
    """Put beside each row what the log says of it."""
    corrected = chronology.corrections(tx, (row.id for row in found))
    held = set(chronology.pins(tx))
    return [
        Line(
            row=row,
            kind=kind_of(row.entry.kind),
            pinned=row.id in held,
            corrections=corrected.get(row.id, ()),
            about=chronology.find(tx, row.entry.about) if row.entry.kind == CORRECTED and row.entry.about else None,
            emptied=row.entry.person is not None and persons.read(tx, keys, row.entry.person) is None,
        )
        for row in found
    ]


def write(tx: Transaction, keys: Keyring, note: Note, who: str, now: datetime) -> None:
    """Write a note; both times are kept: when it happened, and when it was written down."""
    text, numbers = parted(_text(note.text))
    place, more = parted(_place(note.place))
    _happened(note.at, now)
    person = _sealed(tx, keys, "\n".join(filter(None, [note.person.strip(), *numbers, *more])))
    journal.add(tx, JournalEntry(note.at, "note", who, text, place or None, noted_at=now, person=person))


def correct(tx: Transaction, number: int, text: str, who: str, now: datetime) -> None:
    """Write a correction: a row of its own that names the other one, which stays as it was."""
    there = chronology.find(tx, number)
    if there is None or there.entry.kind not in {"note", CORRECTED}:
        raise BadInput(f"#{number} は訂正できません。訂正できるのは手で記入した行だけです。")
    said, first = without_numbers(_text(text)), there
    if there.entry.kind == CORRECTED and there.entry.about is not None:
        first = chronology.find(tx, there.entry.about) or there
    journal.add(tx, JournalEntry(now, CORRECTED, who, said, first.entry.where, f"訂正 #{first.id}", about=first.id))


def pin(tx: Transaction, number: int, who: str, now: datetime, *, on: bool) -> None:
    """Pin a row to the top of the page, or take the pin away; the log keeps who did."""
    there = chronology.find(tx, number)
    if there is None:
        raise BadInput(f"#{number} という行はありません。")
    if (number in chronology.pins(tx)) == on:
        return
    word = "上に固定" if on else "固定を外した"
    what = f"{word}：{there.entry.what[:80]}"
    journal.add(tx, JournalEntry(now, PINNED if on else UNPINNED, who, what, because=f"#{number}", about=number))


def _text(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise BadInput("本文が空です。")
    if len(said) > LONGEST:
        raise BadInput(f"本文は{LONGEST}文字までです（いま{len(said)}文字）。")
    return said


def _place(text: str) -> str:
    said = " ".join(text.split())
    if len(said) > PLACE_LONGEST:
        raise BadInput(f"場所は{PLACE_LONGEST}文字までです。")
    return said


def _happened(at: datetime, now: datetime) -> None:
    if at > now + AHEAD:
        raise BadInput("起きた時刻が先の時刻になっています。")
    if at < now - BACK:
        raise BadInput(f"起きた時刻が{BACK.days}日より前です。")


def _sealed(tx: Transaction, keys: Keyring, text: str) -> str | None:
    said = text.strip()
    if len(said) > PERSON_LONGEST:
        raise BadInput(f"氏名・連絡先は{PERSON_LONGEST}文字までです。")
    return persons.keep(tx, keys, {"said": said}) if said else None
