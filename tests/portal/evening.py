"""An evening at the desk of the made-up town: areas, minutes, orders, reports, silent gauges, a log with notes."""

from __future__ import annotations

from datetime import timedelta

from shapely import box

from disaster_hub.portal import accounts
from disaster_hub.store import conditions, decide_bys, decisions, journal, observations, places, posture, reports
from disaster_hub.store.decide_bys import Said
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.decision import DecideBy, DecideByBasis, Decision, DecisionState, Posture
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.observation import Observation
from disaster_hub.terms.place import Feature, LonLat
from disaster_hub.terms.report import Report, ReportKind, ReportSource, ReportState
from disaster_hub.terms.way import ShelterState
from tests.portal import town
from tests.portal.staff import PASSWORD, signed_in, token

__all__ = ["AREAS", "PASSWORD", "account", "fill", "minute", "signed_in", "token"]
AREAS = {"A1": "芦原", "A2": "東町", "A3": "山手"}


def account(store: Store, name: str, role: str) -> None:
    accounts.add(store, name, PASSWORD, role, town.NOW)


def fill(store: Store) -> None:
    with store.write() as tx:
        _areas(tx)
        _decisions(tx)
        _reports(tx)
        _gauges(tx)
        _journal(tx)


def minute(area: str, minutes: float | None, *, late: int = 0, hazard: Hazard = Hazard.FLOOD) -> Said:
    at = None if minutes is None else town.NOW + timedelta(minutes=minutes)
    basis = DecideByBasis.NOT_KNOWN if at is None else DecideByBasis.PLANS
    zero = None if at is None else at + timedelta(minutes=80)
    why = "公式の予測がまだありません" if at is None else "計画の12世帯のうち、いちばん早い世帯"
    one = DecideBy(area, hazard, at, basis, True, zero, "架空河川事務所", why, 12, late)
    return Said(one, "w", town.NOW)


def _areas(tx: Transaction) -> None:
    shapes = [
        Feature(
            "blocks", code, box(town.LON + 0.01 * n, town.LAT, town.LON + 0.01 * n + 0.008, town.LAT + 0.01),
            {"code": code, "name": name, "hazards": "flood", "day_min": 40, "night_min": 60},
        )
        for n, (code, name) in enumerate(AREAS.items())
    ]  # fmt: skip
    places.replace(tx, "blocks", "evacuation-areas:x", shapes)
    decide_bys.put(tx, minute("A1", 25))
    decide_bys.put(tx, minute("A2", 55))
    decide_bys.put(tx, minute("A3", None, hazard=Hazard.LANDSLIDE))


def _decisions(tx: Transaction) -> None:
    opened = town.NOW - timedelta(minutes=12)
    one = Decision(
        "d1", 3, Hazard.FLOOD, "A1", "芦原", DecisionState.OPEN, opened, "大橋の公式予測が避難判断水位に到達"
    )
    decisions.open_once(tx, one)
    done = Decision(
        "d2", 4, Hazard.LANDSLIDE, "A3", "山手", DecisionState.ISSUED, opened, "土砂災害危険警報", "author", "approver",
        decided_at=opened,
    )  # fmt: skip
    decisions.open_once(tx, done)
    posture.add(tx, Posture("警戒配備", town.NOW - timedelta(hours=1), True, ("市長", "危機管理監")), "", town.NOW)


def _reports(tx: Transaction) -> None:
    for n, kind in enumerate((ReportKind.FLOODED_ROAD, ReportKind.FLOODED_ROAD, ReportKind.RESCUE, ReportKind.POWER)):
        spot = LonLat(town.LON + 0.002 * n, town.LAT)
        said = Report(
            f"report-{n}", 0, kind, ReportState.RECEIVED, ReportSource.CALL, spot, f"{n}丁目", "", town.NOW, town.NOW,
            "author",
        )  # fmt: skip
        reports.add(tx, said, town.NOW - timedelta(minutes=5 * n))
    conditions.set_shelter(tx, "E99201000001", ShelterState.OPEN, "field", town.NOW)
    conditions.set_shelter(tx, "E99201000002", ShelterState.FULL, "field", town.NOW)


def _gauges(tx: Transaction) -> None:
    """Let the east canal fall silent while it rose, an hour and a half ago, as the town's own readings already do."""
    late = [
        Observation("fe99000000000002", "water_level", town.NOW - timedelta(minutes=m), 1.31, "m") for m in (75, 80)
    ]
    observations.add(tx, late, raw_id=None)


def _journal(tx: Transaction) -> None:
    def say(minutes: float, kind: str, who: str, what: str, place: str | None = None) -> None:
        journal.add(tx, JournalEntry(town.NOW - timedelta(minutes=minutes), kind, who, what, place))

    say(40, "level_changed", "架空地方気象台", "みなも市：レベル3→4 レベル４土砂災害危険警報", town.CITY)
    say(26, "gauge_crossed", "hub", "上みなも：氾濫注意水位（2.5m）に達しました。水位 2.52m", "99009900010000001")
    say(18, "source_down", "hub", "情報源 k-river が 17:40 から応答しません：timed out", "k-river")
    say(15, "level_changed", "架空地方気象台", "みなも川：レベル1→2 レベル２氾濫注意報", town.RIVER)
    say(9, "note", "author", "消防団に水防活動を要請した", "大橋")
