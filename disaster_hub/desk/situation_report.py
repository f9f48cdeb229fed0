"""The situation report to prefecture and state (消防庁 火災・災害等即報要領 第4号様式): what goes into which box.

Numbers that nobody has counted are 調査中: they are neither guessed from reports nor written as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from disaster_hub.config import Config
from disaster_hub.desk.watch import HAZARD_WORDS, AreaLine, Watch
from disaster_hub.store import chronology, damage, journal, places
from disaster_hub.store.chronology import Wish
from disaster_hub.store.damage import Count
from disaster_hub.store.session import Transaction
from disaster_hub.terms.damage import ITEMS
from disaster_hub.terms.decision import Affected, Order
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.level import LEVEL_WORDS, ORDER_WORDS
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.report import KIND_NAMES
from disaster_hub.terms.way import ShelterState

UNKNOWN = "調査中"
FIELDS: Mapping[str, str] = {
    "situation_name": "災害名",
    "situation_number": "報告番号",
    "situation_place": "発生場所",
    "situation_time": "発生日時",
    "situation_overview": "災害の概況（書き足すこと）",
    "situation_fire": "消防機関等の活動状況",
    "situation_sdf": "自衛隊派遣要請の状況",
    "situation_measures": "その他の応急対策",
}
"""What people write themselves; each is a row of the journal, and the newest one is printed."""
LONGEST = 400
FIRST_LIKE = 3
"""From here on the state's information is 相当: a yardstick, and no order of the city."""
OPEN = frozenset({ShelterState.OPEN, ShelterState.FILLING, ShelterState.FULL})


@dataclass(frozen=True, slots=True)
class SituationReport:
    """Everything on the form."""

    at: datetime
    prefecture: str
    city: str
    who: str
    typed: Mapping[str, str]
    watch: Watch
    counts: Mapping[str, Count]
    people: Mapping[str, Affected]
    """How many live in each evacuation area under an order."""
    exercise: bool
    zone: ZoneInfo


def typed(tx: Transaction) -> dict[str, str]:
    """Give what people have written into the form, the newest word of each field."""
    found = {kind: chronology.rows(tx, Wish(kinds=(kind,)), limit=1) for kind in FIELDS}
    return {kind: rows[0].entry.what if rows else "" for kind, rows in found.items()}


def write(tx: Transaction, said: Mapping[str, str], who: str, now: datetime) -> int:
    """Keep the fields that changed; BadInput names one that is too long."""
    before = typed(tx)
    changed = {kind: said[kind].strip() for kind in FIELDS if kind in said and said[kind].strip() != before[kind]}
    for kind, text in changed.items():
        if len(text) > LONGEST:
            raise BadInput(f"{FIELDS[kind]}: {LONGEST}字までにしてください（いま{len(text)}字）")
    for kind, text in changed.items():
        journal.add(tx, JournalEntry(now, kind, who, text))
    return len(changed)


def gather(tx: Transaction, config: Config, watch: Watch, people: Mapping[str, Affected], who: str) -> SituationReport:
    """Read what the form needs."""
    mine = (a for a in places.features(tx, "areas") if a.columns.get("code") == config.city.area)
    home = next(mine, None)
    prefecture = str(home.columns.get("pref") or "") if home is not None else ""
    return SituationReport(
        watch.now, prefecture, config.city.name, who, typed(tx), watch, damage.counts(tx), people,
        config.world.exercise, config.city.zone,
    )  # fmt: skip


def number(said: SituationReport, key: str, unit: str = "") -> str:
    """Give a count as it is printed."""
    count = said.counts.get(key)
    return UNKNOWN if count is None else f"{count.value}{unit}"


def overview(said: SituationReport) -> list[str]:
    """Say what stands now: levels with their issuers, gauges over their marks, reports by kind."""
    lines = [_area(line, said.zone) for line in said.watch.areas if line.level != 0]
    over = [f"{line.name} {line.reached}以上" for line in said.watch.gauges if line.reached and line.look.reached]
    if over:
        lines.append(f"水位：{'、'.join(over[:6])}" + (f" ほか{len(over) - 6}" if len(over) > 6 else ""))
    kinds = said.watch.counts.reports
    if kinds:
        lines.append(
            f"市に入った報告（未完了・確認前を含む）：{'、'.join(f'{KIND_NAMES[k]}{n}件' for k, n in kinds.items())}"
        )
    return [*lines, *_own(said, "situation_overview")] or ["警報等の発表はありません"]


def casualties(said: SituationReport) -> list[str]:
    """Give the box of people: dead, missing, hurt."""
    return [
        f"死者 {number(said, 'dead', '人')}　不明 {number(said, 'missing', '人')}",
        f"負傷 重傷 {number(said, 'hurt_badly', '人')}　軽傷 {number(said, 'hurt_lightly', '人')}",
    ]


def houses(said: SituationReport) -> list[str]:
    """Give the box of houses."""
    keys = (
        ("全壊", "destroyed"),
        ("半壊", "half"),
        ("一部破損", "partly"),
        ("床上浸水", "above_floor"),
        ("床下浸水", "below_floor"),
    )
    words = [f"{word} {number(said, key, '棟')}" for word, key in keys]
    return ["　".join(words[:3]), "　".join(words[3:])]


def headquarters(said: SituationReport) -> list[str]:
    """Say whether and since when the headquarters is set up, and at which stage people stand."""
    one = said.watch.posture
    if one is None:
        return ["記録なし"]
    room = "災害対策本部 設置" if one.headquarters else "災害対策本部 未設置"
    return [f"{room}　{one.stage}（{day(one.since, said.zone)}から）"]


def orders(said: SituationReport, found: Sequence[Order]) -> list[str]:
    """Give the orders in force with the homes and people in their areas, as far as they are known."""
    lines = []
    for one in found:
        what = f"{ORDER_WORDS[one.level]}　{one.area_name}（{HAZARD_WORDS[one.hazard]}）{day(one.since, said.zone)}"
        lines.append(f"{what}　{_people(said.people.get(one.area))}")
    return lines or ["発令なし"]


def measures(said: SituationReport) -> list[str]:
    """Say what else the city has done: shelters, roads, what people wrote."""
    now = said.watch.counts
    opened = sum(n for state, n in now.shelters.items() if state in OPEN)
    people = "避難者数 未集計" if now.sheltered is None else f"避難者 {now.sheltered}人"
    shelters = f"避難所 {opened}箇所開設・{people}" if opened else "避難所 開設の記録なし"
    return [f"{shelters}　通行止め {now.closed_roads}区間", *_own(said, "situation_measures")]


def table(said: SituationReport) -> list[tuple[str, str, str]]:
    """Give every line of その2: group, item with its unit, number."""
    return [(item.group, f"{item.word}（{item.unit}）", number(said, item.key)) for item in ITEMS]


def _area(line: AreaLine, zone: ZoneInfo) -> str:
    if line.level is None:
        return f"{line.name}：発表状況を確認できない"
    since = f" {day(line.since, zone)}から" if line.since is not None else ""
    like = "相当" if line.level >= FIRST_LIKE else ""
    return f"{line.name}：レベル{line.level}{like} {LEVEL_WORDS[line.level]}{since}（{line.issuer}）"


def _people(people: Affected | None) -> str:
    if people is None or (people.households is None and people.people is None):
        return "対象人数 不明"
    least = "以上" if people.partly else ""
    houses_ = "世帯数 不明" if people.households is None else f"{people.households}世帯"
    return f"{houses_}・" + ("人数 不明" if people.people is None else f"{people.people}人{least}")


def _own(said: SituationReport, kind: str) -> list[str]:
    return [line.strip() for line in said.typed.get(kind, "").splitlines() if line.strip()]


def day(at: datetime | None, zone: ZoneInfo) -> str:
    """Write a time with its day, as the form does."""
    if at is None:
        return UNKNOWN
    there = at.astimezone(zone)
    return f"{there.month}月{there.day}日 {there:%H時%M分}"
