"""The handover sheet (引継ぎ): what whoever comes next must know, in the order in which it can hurt somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from disaster_hub.alerts.unanswered import Board
from disaster_hub.config import Config
from disaster_hub.desk.composing import title
from disaster_hub.desk.gauges import Line
from disaster_hub.desk.sheet import Block, Page
from disaster_hub.desk.watch import HAZARD_WORDS, AreaLine, DecideLine, Watch
from disaster_hub.rules.gauges import Ahead, Standing
from disaster_hub.rules.unanswered import Unheard, Window
from disaster_hub.store import chronology, reports
from disaster_hub.store.chronology import LogRow, Wish
from disaster_hub.store.session import Transaction
from disaster_hub.terms.chronology import HIDDEN, kind_of
from disaster_hub.terms.decision import Decision, DecisionState
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import LEVEL_WORDS, ORDER_WORDS
from disaster_hub.terms.report import KIND_NAMES, STATE_NAMES, URGENT, Report
from disaster_hub.terms.shelter import STATE_WORDS

BACK = timedelta(hours=2)
MOST_ROWS = 300
TOP = 10
BUCKETS = {
    "shut": "時刻を過ぎた",
    "not_known": "時刻不明",
    "closing": "30分以内",
    "open": "30分より先",
    "stays": "屋内にいる計画",
}
NOTE = "handover_note"
STATES = {
    DecisionState.OPEN: "未判断", DecisionState.WAITING: "様子を見る", DecisionState.DRAFTED: "承認待ち",
}  # fmt: skip
QUIET = frozenset({"plans_changed", "signed_in", "signed_out"})
"""Rows that tell whoever takes over nothing."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What the sheet says."""

    watch: Watch
    reports: Sequence[Report]
    """Open ones, the urgent first."""
    log: Sequence[LogRow]
    note: LogRow | None
    """What the officer who goes has written."""
    who: str
    board: Board | None = None
    """Who has not answered; None: nobody looked."""


def gather(tx: Transaction, watch: Watch, who: str, board: Board | None = None) -> Handover:
    """Read what stands besides the watch board."""
    now = watch.now
    log = chronology.rows(tx, Wish(without=(*HIDDEN, *QUIET), since=now - BACK), limit=MOST_ROWS)
    notes = chronology.rows(tx, Wish(kinds=(NOTE,)), limit=1)
    waiting = sorted(reports.reports(tx, open_only=True), key=lambda r: (r.kind not in URGENT, -r.number))
    return Handover(watch, waiting, log, notes[0] if notes else None, who, board)


def page(said: Handover, config: Config) -> Page:
    """Word the sheet."""
    zone, watch = config.city.zone, said.watch
    blocks = (
        Block("警戒レベルと市の発令", [_area(line, zone) for line in watch.areas], 4),
        Block("体制", [_posture(watch, zone)], 1),
        Block("未決の判断（判断期限の早い順）", _decisions(watch, zone) or ["ありません"], 4),
        Block("申し送り", _note(said.note, zone), 4),
        Block("不明＝危険側・基準に近い水位", [_gauge(line, zone) for line in _loud(watch)] or ["ありません"], 4),
        Block("止まっている情報源", _troubles(watch, zone), 2),
        Block("安否の未回答（残り時間の短い順）", _unheard(said.board, zone), 3, "未回答の画面にあります"),
        Block(
            _counted("未完了の報告", len(said.reports)), [_report(r, zone) for r in said.reports] or ["ありません"], 4
        ),
        Block("重点確認・避難所・道路", _places(watch), 3),
        Block("この2時間の動き（新しい順）", _rows(said.log, zone) or ["ありません"], 6),
    )
    under = f"{config.city.name} 災害対策本部　{_day(watch.now, zone)} 時点　作成 {said.who}"
    return Page("引継ぎ票", under, blocks, "訓練" if config.world.exercise else "")


def _area(line: AreaLine, zone: ZoneInfo) -> str:
    if line.level is None:
        level = "レベル不明（安全とはみなさない）"
    elif line.level == 0:
        level = "発表なし"
    else:
        level = f"レベル{line.level} {LEVEL_WORDS[line.level]}"
    since = f" {_clock(line.since, zone)}から" if line.since is not None else ""
    issuer = f"（{line.issuer}）" if line.issuer else ""
    orders = "、".join(f"{o.area_name}{ORDER_WORDS[o.level]} {_clock(o.since, zone)}" for o in line.orders)
    observed = f"／市の観測 {line.observed}" if line.observed else ""
    return f"{line.name} {level}{since}{issuer}" + (f"／発令 {orders}" if orders else "") + observed


def _posture(watch: Watch, zone: ZoneInfo) -> str:
    if watch.posture is None:
        return "記録がありません"
    one = watch.posture
    room = "災害対策本部を設置" if one.headquarters else "本部は設置していない"
    who = f"　参集 {'、'.join(one.present)}" if one.present else ""
    return f"{one.stage}（{_clock(one.since, zone)}から）　{room}{who}"


def _decisions(watch: Watch, zone: ZoneInfo) -> list[str]:
    """Give what waits, one line for each order and hazard; an area's lower orders stand behind its highest."""
    clocks = {(line.said.area, line.said.hazard): line for line in watch.clock}
    highest: dict[tuple[str, Hazard], Decision] = {}
    for one in watch.open:
        held = highest.get((one.area, one.hazard))
        if held is None or one.order > held.order:
            highest[one.area, one.hazard] = one
    groups: dict[tuple[int, Hazard, DecisionState], list[Decision]] = {}
    for one in highest.values():
        groups.setdefault((one.order, one.hazard, one.state), []).append(one)
    lines = [_group(found, clocks, zone, watch.now) for _, found in sorted(groups.items(), key=lambda g: -g[0][0])]
    rest = [line for key, line in clocks.items() if key not in highest]
    alone = [f"一人で緊急発信（承認者の確認がまだ）：{title(one)}" for one in watch.alone]
    drafted = [f"承認待ちの起案（{_clock(one.expires_at, zone)}まで）：{title(one)}" for one in watch.drafts]
    after = [f"{line.place} {line.hazard}：{_limit(line, zone, watch.now)}" for line in rest]
    return alone + drafted + lines + after


def _group(
    found: Sequence[Decision], clocks: Mapping[tuple[str, Hazard], DecideLine], zone: ZoneInfo, now: datetime
) -> str:
    first = found[0]
    what = f"{ORDER_WORDS[first.order]} {HAZARD_WORDS[first.hazard]} {STATES.get(first.state, first.state.value)}"
    areas = [_in_group(one, clocks.get((one.area, one.hazard)), zone, now) for one in found]
    return f"{what}：{'、'.join(areas)}"


def _in_group(one: Decision, clock: DecideLine | None, zone: ZoneInfo, now: datetime) -> str:
    """Name an area with its minute, when it is looked at again, and what was noted."""
    more = [_limit(clock, zone, now).replace("判断期限 ", "")] if clock is not None and clock.said.at else []
    more += [f"{_clock(one.look_again_at, zone)}に見直す"] if one.look_again_at else []
    more += [one.note] if one.note else []
    return one.area_name + (f"（{'・'.join(more)}）" if more else "")


def _limit(line: DecideLine, zone: ZoneInfo, now: datetime) -> str:
    if line.said.at is None:
        return "判断期限は出せない"
    if line.passed(now):
        return f"判断期限 {_clock(line.said.at, zone)}過ぎ・{line.said.late}世帯が間に合わない"
    return f"判断期限 {_clock(line.said.at, zone)}" + ("（夜）" if line.said.night else "")


def _note(row: LogRow | None, zone: ZoneInfo) -> list[str]:
    if row is None:
        return ["書かれていません"]
    head = f"{_clock(row.entry.at, zone)} {row.entry.who}"
    return [f"{head}：{part.strip()}" for part in row.entry.what.splitlines() if part.strip()]


def _loud(watch: Watch) -> list[Line]:
    near = {Standing.SILENT_DANGER, Standing.ABOVE_ALL, Standing.NEARING}
    return [line for line in watch.gauges if line.look.standing in near]


def _gauge(line: Line, zone: ZoneInfo) -> str:
    last = line.last
    value = (
        "値なし" if last is None or last.value is None else f"{last.value:.2f} {line.unit}（{_clock(last.at, zone)}）"
    )
    if line.look.standing is Standing.SILENT_DANGER:
        return f"{line.name} 不明＝危険側　最後の値 {value}　{line.look.reason}"
    words = [line.name, value]
    if line.reached:
        words.append(f"{line.reached}以上")
    if line.look.at is not None and line.next:
        kind = "予報" if line.look.basis is Ahead.FORECAST else "目安"
        words.append(f"{line.next}まで {kind}{_clock(line.look.at, zone)}")
    return "　".join(words)


def _troubles(watch: Watch, zone: ZoneInfo) -> list[str]:
    since = [(t, f"{_clock(t.since, zone)}から" if t.since else "一度も応答なし") for t in watch.troubles]
    lines = [f"{t.what or t.code} {words}" for t, words in since] + [f"センサー {name} 途絶" for name in watch.silent]
    return lines or ["ありません"]


def _unheard(board: Board | None, zone: ZoneInfo) -> list[str]:
    """Count who has not answered, and name ten lines by area and minute: no name, no address."""
    if board is None:
        return ["集計できませんでした（未回答がないという意味ではありません）"]
    if not board.asking:
        return ["返事を待っている知らせはありません"]
    counted = board.buckets()
    words = [f"{word} {counted[name]}" for name, word in BUCKETS.items() if counted.get(name)]
    head = f"返事なし {len(board.rows)} / {board.asked}世帯　届いていない {board.unreached}"
    lines = [head + (f"（{'・'.join(words)}）" if words else "")]
    if board.help:
        lines.append(f"助けを求めている {len(board.help)}世帯：{_lines(board, board.help[:TOP], zone)}")
    return [*lines, *([_lines(board, board.rows[:TOP], zone)] if board.rows else [])]


def _lines(board: Board, rows: Sequence[Unheard], zone: ZoneInfo) -> str:
    return "、".join(f"{board.names.get(one.area, '区域外')} {_minute(one, board.now, zone)}" for one in rows)


def _minute(one: Unheard, now: datetime, zone: ZoneInfo) -> str:
    window = one.window(now)
    if window is Window.STAYS:
        return "屋内にいる計画"
    if window is Window.SHUT:
        return "過ぎた"
    return "時刻不明" if one.minute is None else f"{_clock(one.minute, zone)}まで"


def _report(one: Report, zone: ZoneInfo) -> str:
    went = f"→{one.department}" if one.department else "→担当なし"
    said = f"「{one.said[:40]}」" if one.said else ""
    state = STATE_NAMES[one.state]
    return f"{one.number} {KIND_NAMES[one.kind]} {one.place} {_clock(one.seen_at, zone)} {state}{went}{said}"


def _places(watch: Watch) -> list[str]:
    now = watch.counts
    shelters = "、".join(f"{STATE_WORDS[state]}{number}" for state, number in now.shelters.items() if number)
    people = "人数は未集計" if now.sheltered is None else f"{now.sheltered}人"
    return [
        f"重点確認 {now.points}箇所のうち期限切れ・未確認 {now.overdue}",
        f"避難所 {shelters or '開設の記録なし'}・{people}・物資の要請 {now.needs}件",
        f"通行止め {now.closed_roads}区間",
    ]


def _rows(log: Sequence[LogRow], zone: ZoneInfo) -> list[str]:
    """Give the rows; automatic ones of one kind in one minute are one line: fifty areas must not hide the rest."""
    lines = []
    for (_, kind), same in groupby(log, key=lambda row: (_clock(row.entry.at, zone), row.entry.kind)):
        if kind_of(kind).by_hand:
            lines += [_row(row, zone) for row in same]
            continue
        first, *others = same
        lines.append(_row(first, zone) + (f"（同じ時刻に ほか{len(others)}件）" if others else ""))
    return lines


def _row(row: LogRow, zone: ZoneInfo) -> str:
    return f"{_clock(row.entry.at, zone)} {kind_of(row.entry.kind).word} {row.entry.what}"


def _counted(word: str, number: int) -> str:
    return f"{word} {number}件"


def _clock(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else f"{at.astimezone(zone):%H:%M}"


def _day(at: datetime, zone: ZoneInfo) -> str:
    there = at.astimezone(zone)
    return f"{there.year}年{there.month}月{there.day}日（{'月火水木金土日'[there.weekday()]}）{there:%H:%M}"
