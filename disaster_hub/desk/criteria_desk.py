"""The town's criteria at the desk: read aloud, saved as a new version, compared line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.config import Config
from disaster_hub.desk.criteria_facts import unheard
from disaster_hub.rules.criteria import Condition, Criteria, Criterion, Group
from disaster_hub.rules.criteria_text import read
from disaster_hub.rules.criteria_words import wish
from disaster_hub.store import criteria as versions
from disaster_hub.store import journal
from disaster_hub.store.session import Transaction
from disaster_hub.store.versions import Version
from disaster_hub.terms.errors import BadInput, HubError
from disaster_hub.terms.notice import JournalEntry

LONGEST_NOTE = 300
CONTEXT = 3


class Outrun(HubError):
    """Somebody else has saved a version since the editor was opened."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a criterion read aloud; *depth* 1 stands below a group of its own."""

    text: str
    depth: int
    condition: Condition | None = None


def aloud(one: Criterion, names: Mapping[str, str]) -> list[Line]:
    """Give a criterion as lines that an officer can read."""
    return list(_lines(one.rule, names, 0))


def check(tx: Transaction, config: Config, text: str) -> tuple[Criteria, list[str]]:
    """Read a text and say what in it this hub does not know; BadInput where it is wrong."""
    said = read(text)
    return said, unheard(tx, config, said)


def noted(newest: Version | None, note: str, expected: int | None) -> str:
    """Give what is written beside a new version; BadInput where it says nothing, Outrun where somebody was faster."""
    if not note.strip():
        raise BadInput("何を変えたかを書いてください（記録に残ります）")
    if len(note.strip()) > LONGEST_NOTE:
        raise BadInput(f"変更の説明が長すぎます（{LONGEST_NOTE}字まで）")
    standing = 0 if newest is None else newest.number
    if expected is not None and expected != standing:
        raise Outrun(f"編集中に {newest.who if newest else ''} さんが第{standing}版を保存しました")
    return note.strip()


def save(tx: Transaction, text: str, note: str, who: str, now: datetime, *, expected: int | None = None) -> Version:
    """Save a new version, which rules from now on; *expected* is the version that the editor began from (0: none)."""
    said = read(text)
    why = noted(versions.newest(tx, lock=True), note, expected)
    made = versions.add(tx, text, who, why, now)
    what = f"判断基準 第{made.number}版を保存しました（{len(said.criteria)}件）：{why}"
    journal.add(tx, JournalEntry(now, "criteria_changed", who, what, None, None, f"criteria:{made.number}"))
    return made


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of a comparison: the line before and after, each with its number; *kind* is same, changed, gone, new."""

    kind: str
    before: tuple[int, str] | None
    after: tuple[int, str] | None


def compared(old: str, new: str) -> list[Pair]:
    """Compare two texts line by line; what is the same far from any change is left out."""
    was, now = old.splitlines(), new.splitlines()
    rows: list[Pair] = []
    for group in difflib.SequenceMatcher(a=was, b=now, autojunk=False).get_grouped_opcodes(CONTEXT):
        for tag, a, b, c, d in group:
            for at in range(max(b - a, d - c)):
                left = (a + at + 1, was[a + at]) if a + at < b else None
                right = (c + at + 1, now[c + at]) if c + at < d else None
                rows.append(Pair(_kind(tag, left, right), left, right))
    return rows


def _kind(tag: str, left: tuple[int, str] | None, right: tuple[int, str] | None) -> str:
    if tag == "equal":
        return "same"
    return "new" if left is None else "gone" if right is None else "changed"


def _lines(group: Group, names: Mapping[str, str], depth: int) -> Iterator[Line]:
    if len(group.members) > 1 or depth:
        yield Line("次のすべて" if group.every else "次のどれか", depth)
    for member in group.members:
        if isinstance(member, Group):
            yield from _lines(member, names, depth + 1)
        else:
            yield Line(wish(member, names), depth + 1, member)
