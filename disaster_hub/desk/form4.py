"""第4号様式 as paper: その1 (災害概況即報) and その2 (被害状況即報), one A4 page each."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from disaster_hub.desk import situation_report as say
from disaster_hub.desk.sheet import ALWAYS, HEAD, LEADING, SIZE, frame, wrapped
from disaster_hub.desk.situation_report import SituationReport
from disaster_hub.terms.decision import Order
from timelines.paper_type import Type, typeset

Edge = tuple[float, float, float, float]
LABEL = 96.0
"""Points: the column of the boxes' names."""
PAD = 4.0


@dataclass(frozen=True, slots=True)
class Box:
    """One box of その1: its name, its lines, how many lines high it is at least."""

    name: str
    lines: Sequence[str]
    least: int = 1


def overview_pdf(said: SituationReport) -> bytes:
    """Print その1."""
    boxes = _boxes(said)
    texts = [*_titles(said), *(b.name for b in boxes), *(line for b in boxes for line in b.lines), ALWAYS]
    held = io.BytesIO()
    with typeset("ja", texts) as face:
        canvas = Canvas(held, pagesize=A4, pageCompression=1, invariant=1, lang="ja")
        canvas.setTitle("第4号様式（その1） 災害概況即報")
        left, bottom, right, top = frame(canvas, face, "訓練" if said.exercise else "")
        top = _top(canvas, face, said, "第４号様式（その１）　災害概況即報", (left, bottom, right, top))
        _draw(canvas, face, boxes, (left, bottom, right, top))
        canvas.showPage()
        canvas.save()
    return held.getvalue()


def damage_pdf(said: SituationReport) -> bytes:
    """Print その2."""
    rows = say.table(said)
    texts = [*_titles(said), *(word for row in rows for word in row), ALWAYS]
    held = io.BytesIO()
    with typeset("ja", texts) as face:
        canvas = Canvas(held, pagesize=A4, pageCompression=1, invariant=1, lang="ja")
        canvas.setTitle("第4号様式（その2） 被害状況即報")
        left, bottom, right, top = frame(canvas, face, "訓練" if said.exercise else "")
        top = _top(canvas, face, said, "第４号様式（その２）　被害状況即報", (left, bottom, right, top))
        _columns(canvas, face, rows, (left, bottom, right, top))
        canvas.showPage()
        canvas.save()
    return held.getvalue()


def _titles(said: SituationReport) -> list[str]:
    words = "第４号様式（その１２）　災害概況即報被害状況区分ほか件続き画面にあります"
    return [words, say.UNKNOWN, *_facts(said)]


def _facts(said: SituationReport) -> list[str]:
    typed = said.typed
    return [
        f"災害名　{typed.get('situation_name') or '（未記入）'}　第{typed.get('situation_number') or '　'}報",
        f"報告日時　{say.day(said.at, said.zone)}　　都道府県　{said.prefecture or '（未記入）'}",
        f"市町村（消防本部名）　{said.city}　　報告者名　{said.who}",
    ]


def _top(canvas: Canvas, face: Type, said: SituationReport, title: str, edge: Edge) -> float:
    left, _, right, top = edge
    y = top - HEAD
    face.write(canvas, left, y, title, HEAD, bold=True)
    for line in _facts(said):
        for words in wrapped(face, line, right - left):
            y -= LEADING
            face.write(canvas, left, y, words, SIZE)
    return y - 8


def _boxes(said: SituationReport) -> list[Box]:
    typed = said.typed
    return [
        Box("発生場所", [typed.get("situation_place") or say.UNKNOWN]),
        Box("発生日時", [typed.get("situation_time") or say.UNKNOWN]),
        Box("災害の概況", say.overview(said), 8),
        Box("死傷者", say.casualties(said), 2),
        Box("住家", say.houses(said), 2),
        Box("災害対策本部等の設置状況", say.headquarters(said), 2),
        Box("避難情報の発令状況", say.orders(said, _orders(said)), 4),
        Box("消防機関等の活動状況", _typed(typed.get("situation_fire", "")), 3),
        Box("自衛隊派遣要請の状況", _typed(typed.get("situation_sdf", "")), 2),
        Box("その他の応急対策", say.measures(said), 3),
    ]


def _orders(said: SituationReport) -> list[Order]:
    found = [order for line in said.watch.areas for order in line.orders]
    return sorted(found, key=lambda o: (-o.level, o.since))


def _typed(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()] or [say.UNKNOWN]


def _draw(canvas: Canvas, face: Type, boxes: Sequence[Box], edge: Edge) -> None:
    left, bottom, right, top = edge
    wide = right - left - LABEL - 2 * PAD
    names = [wrapped(face, b.name, LABEL - 2 * PAD, bold=True) for b in boxes]
    words = [[line for entry in b.lines for line in wrapped(face, entry, wide)] for b in boxes]
    least = [max(len(n), 1) for n in names]
    room = int((top - bottom - 2 * PAD * len(boxes)) / LEADING)
    heights = _heights(room, [max(len(w), b.least) for w, b in zip(words, boxes, strict=True)], least)
    y = top
    canvas.setLineWidth(0.8)
    for name, lines, height in zip(names, words, heights, strict=True):
        tall = height * LEADING + 2 * PAD
        canvas.rect(left, y - tall, LABEL, tall)
        canvas.rect(left + LABEL, y - tall, right - left - LABEL, tall)
        _write(canvas, face, name, left + PAD, y - PAD, bold=True)
        _write(canvas, face, _fitted(lines, height), left + LABEL + PAD, y - PAD)
        y -= tall


def _heights(room: int, wanted: Sequence[int], least: Sequence[int]) -> list[int]:
    """Give each box its lines: all it wants where the page has them, else the longest gives way first."""
    heights = [max(w, n) for w, n in zip(wanted, least, strict=True)]
    while sum(heights) > room:
        longest = max(range(len(heights)), key=lambda n: heights[n] - least[n])
        if heights[longest] <= least[longest]:
            break
        heights[longest] -= 1
    for number in range(max(0, room - sum(heights))):
        heights[number % len(heights)] += 1  # a form fills its page: there is room to write by hand
    return heights


def _fitted(lines: Sequence[str], height: int) -> list[str]:
    if len(lines) <= height:
        return list(lines)
    return [*lines[: height - 1], f"ほか {len(lines) - height + 1} 行（続きは画面にあります）"]


def _write(canvas: Canvas, face: Type, lines: Sequence[str], x: float, top: float, *, bold: bool = False) -> None:
    for number, words in enumerate(lines):
        face.write(canvas, x, top - SIZE - number * LEADING + 1, words, SIZE, bold=bold)


def _columns(canvas: Canvas, face: Type, rows: Sequence[tuple[str, str, str]], edge: Edge) -> None:
    """Set the table in two columns; a group's name stands above its rows."""
    left, bottom, right, top = edge
    lines: list[tuple[str, str, bool]] = []
    for group, members in groupby(rows, key=lambda row: row[0]):
        lines.append((group, "", True))
        lines += [(word, value, False) for _, word, value in members]
    half = (len(lines) + 1) // 2
    tall = min(LEADING + 9, (top - bottom) / half)
    wide = (right - left) / 2 - 6
    for number, (word, value, heading) in enumerate(lines):
        column, line = divmod(number, half)
        x, y = left + column * (wide + 12), top - (line + 1) * tall
        canvas.rect(x, y, wide, tall)
        face.write(canvas, x + PAD, y + (tall - SIZE) / 2 + 2, word, SIZE, bold=heading)
        face.write(canvas, x + wide - PAD - face.width(value, SIZE), y + (tall - SIZE) / 2 + 2, value, SIZE)
