"""The call sheet (電話票): whom to ring or to visit, least minutes first, with room for what they say."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from disaster_hub.alerts.unanswered import Board
from disaster_hub.desk.behind import NEEDS
from disaster_hub.desk.sheet import ALWAYS as FRAMED
from disaster_hub.desk.sheet import BAND, HEAD, HIGH, LEADING, MARGIN, SIZE, WIDE, frame, wrapped
from disaster_hub.rules.unanswered import Unheard, Window
from disaster_hub.store import households
from disaster_hub.store import unanswered as facts
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from timelines.paper_type import Type, typeset

MOST = 300
"""Households on one print; whoever rings more has more sheets printed, by area."""
BOXES = "□出た　□着いた　□助けて　□残る　□出ない　時刻　　：　　"
CHANNELS = {"email": "メール", "webpush": "プッシュ", "line": "LINE", "sms": "SMS", "voice": "音声"}
CALLED = frozenset({"sms", "voice"})
ALWAYS = " 0123456789/ページ" + BOXES + FRAMED
FOOT = 18.0
LETTERS = 8
"""By so many letters of its random id the room speaks of a household."""
GAP = 7.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is opened of one household."""

    address: str
    people: int
    needs: tuple[str, ...]
    phones: tuple[str, ...]
    helper: str
    """Who helps, in their own words."""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One household on the sheet."""

    said: Unheard
    place: str
    known: Known | None
    """None where its key is gone."""
    failed: tuple[str, ...]
    calls_help: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above."""

    who_says: str
    place: str
    now: datetime
    made_by: str
    zone: ZoneInfo
    drill: str


def known(tx: Transaction, keys: Keyring, household: str) -> Known | None:
    """Open what is needed to ring or visit one household; None where nobody can any more."""
    try:
        saved = households.latest(tx, keys, household)
        ways = households.contacts(tx, keys, household)
    except (KeyGone, BadInput):
        return None
    if saved is None:
        return None
    plan = saved.plan
    spot = f"{plan.home.spot.lat:.5f}, {plan.home.spot.lon:.5f}"
    return Known(
        plan.home.address or f"（住所の文字なし）{spot}", plan.household.people,
        tuple(NEEDS[need] for need in NEEDS if need in plan.household.needs),
        tuple(dict.fromkeys(one.address for one in ways if one.channel in CALLED)), plan.helper,
        tuple(sorted({one.channel for one in ways if one.confirmed_at is not None})),
    )  # fmt: skip


def plainly(found: Known) -> list[tuple[str, str]]:
    """Name what was opened, for the page."""
    return [
        ("住所", found.address),
        ("電話", "、".join(found.phones) or "登録がありません"),
        ("人数", f"{found.people}人"),
        ("配慮", "、".join(found.needs) or "書かれていません"),
        ("支援者", found.helper or "書かれていません"),
    ]


def lines(tx: Transaction, keys: Keyring, board: Board, rows: Sequence[Unheard], alerts: Sequence[str]) -> list[Line]:
    """Open the households of *rows*, in their order."""
    calling = {one.household for one in board.help}
    return [
        Line(
            one, board.names.get(one.area, "区域外"), known(tx, keys, one.household),
            tuple(facts.failed_channels(tx, alerts, one.household)) if one.unreached else (),
            one.household in calling,
        )
        for one in rows
    ]  # fmt: skip


def minutes(one: Unheard, now: datetime, zone: ZoneInfo) -> str:
    """Say how much time is left, as of the moment of the paper."""
    window = one.window(now)
    if window is Window.STAYS:
        return "屋内（上の階）にいる計画"
    if window is Window.SHUT:
        at = f"（{one.minute.astimezone(zone):%H:%M}）" if one.minute is not None else ""
        return f"時刻を過ぎた{at} 上の階へ"
    if one.minute is None:
        return "時刻不明＝危険側"
    return f"{one.minute.astimezone(zone):%H:%M}までに出る"


def pdf(head: Head, rows: Sequence[Line]) -> bytes:
    """Print the sheet on as many pages of A4 as it takes; nothing on it is smaller than 12 points."""
    held = io.BytesIO()
    blocks = [_block(number, one, head) for number, one in enumerate(rows, 1)] or [["返事のない世帯はありません"]]
    top = [
        f"{head.who_says}　{head.place}　{_day(head.now.astimezone(head.zone))} 時点　作成 {head.made_by}",
        "個人情報です。使い終わったら本部へ返してください。時刻を過ぎた世帯へは、歩いて行かないでください。",
    ]
    title = "返事のない世帯の電話票"
    with typeset("ja", (ALWAYS, title, head.drill, *top, *(line for block in blocks for line in block))) as face:
        canvas = Canvas(held, pagesize=A4, pageCompression=1, invariant=1, lang="ja")
        canvas.setTitle(f"{head.drill} {title}".strip())
        pages = list(_pages(face, blocks, frame_room(head.drill), (title, top)))
        for number, page in enumerate(pages, 1):
            left, bottom, right, edge = frame(canvas, face, head.drill)
            y = edge
            for words, size, bold, gap in page:
                y -= gap
                face.write(canvas, left, y, words, size, bold=bold)
            foot = f"{number} / {len(pages)} ページ"
            face.write(canvas, right - face.width(foot, SIZE), bottom, foot, SIZE)
            canvas.showPage()
        canvas.save()
    return held.getvalue()


def _day(there: datetime) -> str:
    return f"{there.year}年{there.month}月{there.day}日（{'月火水木金土日'[there.weekday()]}）{there:%H:%M}"


def frame_room(drill: str) -> tuple[float, float]:
    """Give width and height that lines may take, the band of an exercise and the foot left out."""
    gap = BAND + 3 * mm if drill else MARGIN
    return WIDE - 2 * gap, HIGH - 2 * gap - FOOT


Printed = tuple[str, float, bool, float]
"""Words, size, bold, and how far below the line before."""


def _pages(
    face: Type, blocks: Sequence[Sequence[str]], room: tuple[float, float], head: tuple[str, Sequence[str]]
) -> Iterator[list[Printed]]:
    """Set the blocks; none is cut by the end of a page."""
    wide, high = room
    title, under = head
    page: list[Printed] = [(title, HEAD, True, HEAD)]
    page += [(words, SIZE, False, LEADING) for line in under for words in wrapped(face, line, wide)]
    used = sum(line[3] for line in page)
    for block in blocks:
        printed = [
            (words, SIZE, n == 0, LEADING + (GAP if (n, m) == (0, 0) else 0))
            for n, line in enumerate(block)
            for m, words in enumerate(wrapped(face, line, wide, bold=n == 0))
        ]
        tall = sum(line[3] for line in printed)
        if used + tall > high and page:
            yield page
            page, used = [], 0.0
        page += printed
        used += tall
    yield page


def _block(number: int, one: Line, head: Head) -> list[str]:
    """Word one household."""
    said, found = one.said, one.known
    marks = "【助けて】" if one.calls_help else ""
    marks += "【届いていない】" if said.unreached else ""
    first = f"{number}. {marks}{minutes(said, head.now, head.zone)}　{one.place}　（{said.household[:LETTERS]}）"
    if found is None:
        return [first, "計画を開けません（削除されたか、鍵がありません）", BOXES]
    failed = "　届かなかった：" + "・".join(CHANNELS.get(name, name) for name in one.failed) if one.failed else ""
    needs = f"　{'・'.join(found.needs)}" if found.needs else ""
    helper = f"　支援者 {found.helper}" if found.helper else ""
    return [
        first,
        f"{found.address}　{found.people}人{needs}",
        f"電話 {'、'.join(found.phones) or '登録なし'}{helper}{failed}",
        BOXES,
    ]
