"""The chronology taken along: a sheet (CSV) or a paper (PDF) of a span of time; no personal data in either."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from disaster_hub.desk import chronology
from disaster_hub.desk.chronology import Line
from disaster_hub.store import chronology as rows
from disaster_hub.store.chronology import Wish
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.chronology import GROUP_WORDS
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.world import World
from timelines import paper_log

MOST = 100_000
HEAD = ("番号", "日時", "種類", "分類", "自動・手入力", "記入者", "内容", "場所", "根拠", "記入日時", "訂正", "固定")
FORMULA = "=+-@\t\r＝＋－＠"
PART = 500
MOST_ON_PAPER = 5000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted, by whom, and when."""

    wish: Wish
    filters: Sequence[str]
    """The filters in words, printed on the paper."""
    city: str
    world: World
    now: datetime
    who: str


def lines(tx: Transaction, keys: Keyring, asked: Asked) -> list[Line]:
    """Give the lines that are wanted, oldest first."""
    found = rows.span(tx, asked.wish, MOST)
    return [line for at in range(0, len(found), PART) for line in chronology.lines(tx, keys, found[at : at + PART])]


def sheet(found: Sequence[Line], zone: ZoneInfo) -> bytes:
    """Write the lines as CSV with a mark that tells a spreadsheet the encoding; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for line in found:
        writer.writerow([plain(cell) for cell in _cells(line, zone)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def plain(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text[:1] and text[0] in FORMULA else text


def paper(found: Sequence[Line], asked: Asked, zone: ZoneInfo) -> bytes:
    """Draw the lines on A4; more than a person reads raises BadInput."""
    if len(found) > MOST_ON_PAPER:
        raise BadInput(f"{len(found)}件あります。PDFは{MOST_ON_PAPER}件までです。期間を短くするか、CSVにしてください。")
    wish = asked.wish
    times = [line.row.entry.at for line in found]
    begin = wish.since or min(times, default=asked.now)
    end = wish.until or max(times, default=asked.now)
    mark = f"{asked.world.name}" if asked.world.exercise else ""
    head = paper_log.Head(
        title=f"{asked.city} クロノロジー",
        span=f"{_day(begin, zone)} から {_day(end, zone)} まで（{len(found)}件）",
        filters="絞り込み：" + ("、".join(asked.filters) or "なし"),
        made=f"{_day(asked.now, zone)} 作成（{asked.who}）",
        drill=f"訓練　{mark}" if mark else "",
    )
    return paper_log.draw(head, list(_printed(found, zone)))


def _printed(found: Sequence[Line], zone: ZoneInfo) -> Iterator[paper_log.Entry]:
    for line in found:
        entry = line.row.entry
        noted = f"（{entry.noted_at.astimezone(zone):%H:%M}記入）" if _late(line) and entry.noted_at else ""
        place = f"［{entry.where}］" if entry.kind in {"note", rows.CORRECTED} and entry.where else ""
        person = "（個人情報は消去済み）" if line.emptied else "（個人情報は別に保管）" if entry.person else ""
        text = f"{entry.what}{place}{noted}{person}"
        if line.about is not None:
            text = f"#{line.about.id} の訂正：{text}"
        notes = [
            f"→ 訂正 #{one.id}（{one.entry.at.astimezone(zone):%H:%M} {one.entry.who}）" for one in line.corrections
        ]
        yield paper_log.Entry(
            day=_date(entry.at, zone),
            time=f"{entry.at.astimezone(zone):%H:%M}",
            number=f"#{line.row.id}",
            kind=line.kind.word,
            who=entry.who,
            text=text,
            notes=tuple(notes),
            struck=bool(line.corrections),
            pinned=line.pinned,
        )


def _cells(line: Line, zone: ZoneInfo) -> tuple[str, ...]:
    entry = line.row.entry
    person = "（個人情報は消去済み）" if line.emptied else ""
    noted = "" if entry.noted_at is None else _stamp(entry.noted_at, zone)
    about = f"#{entry.about}の訂正" if line.about is not None else "、".join(f"→#{c.id}" for c in line.corrections)
    return (
        str(line.row.id), _stamp(entry.at, zone), line.kind.word, GROUP_WORDS[line.kind.group],
        "手入力" if line.kind.by_hand else "自動", entry.who, entry.what + person, entry.where or "",
        entry.because or "", noted, about, "固定" if line.pinned else "",
    )  # fmt: skip


def _late(line: Line) -> bool:
    entry = line.row.entry
    return entry.noted_at is not None and abs((entry.noted_at - entry.at).total_seconds()) >= 60


def _stamp(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _date(moment: datetime, zone: ZoneInfo) -> str:
    there = moment.astimezone(zone)
    return f"{there.month}月{there.day}日（{'月火水木金土日'[there.weekday()]}）"


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone).year}年{_date(moment, zone)} {moment.astimezone(zone):%H:%M}"
