"""Who is behind a latest minute: the tightest homes as figures, and who would not arrive dry; no name, no address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.desk.decide_by import Resident, clock_of
from disaster_hub.planning.plans import Planner, get
from disaster_hub.store import households
from disaster_hub.store.keyring import KeyGone, Keyring
from disaster_hub.store.session import Transaction
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Mode, Need

NEEDS = {
    Need.ELDER: "高齢", Need.CARE: "介護・障害", Need.INFANT: "乳幼児", Need.CHILD: "子ども", Need.PREGNANT: "妊娠",
    Need.MEDICINE: "薬・医療機器", Need.PET: "ペット", Need.CAR: "車", Need.LANGUAGE: "日本語以外",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Home:
    """One home behind a minute, as figures; *household* is its random id."""

    household: str
    issue: datetime | None
    """Its own latest minute to issue; None: no way stays dry, or none is known."""
    prepare_min: int | None = None
    walk_min: float | None = None
    mode: Mode | None = None
    stuck: bool = False

    @property
    def mark(self) -> str:
        """Give what the headquarters calls it on this page."""
        return self.household[:8]


def tightest(planner: Planner, slowest: Sequence[tuple[str, datetime]]) -> list[Home]:
    """Give the figures of the homes that a row names."""
    return [_home(planner, household, issue) for household, issue in slowest]


def would_not(planner: Planner, code: str, hazard: Hazard, now: datetime, most: int) -> tuple[list[Home], int]:
    """Give those who would not arrive dry if the order came *now*, at most so many, and how many they are."""
    late = [home for home in clock_of(planner).homes(code, hazard, now) if home.leaving.late(now)]
    return [_figures(planner, home) for home in late[:most]], len(late)


def _figures(planner: Planner, home: Resident) -> Home:
    return _home(planner, home.household, home.leaving.issue, stuck=home.leaving.stuck)


def _home(planner: Planner, household: str, issue: datetime | None, *, stuck: bool = False) -> Home:
    """Read what a home's plan says of getting ready and walking; one that is deleted meanwhile has no figures."""
    try:
        with planner.store.read() as tx:
            saved = households.latest(tx, planner.keys, household)
            standing = get(tx, planner.keys, household) if saved is not None else None
    except (KeyGone, BadInput):
        saved = standing = None
    if saved is None:
        return Home(household, issue, stuck=stuck)
    first = standing.outlook.first if standing is not None else None
    walk = first.way.minutes if first is not None and first.way is not None else None
    said = saved.plan.household
    return Home(household, issue, said.prepare_min, walk, said.mode, stuck)


def address(tx: Transaction, keys: Keyring, household: str) -> dict[str, str] | None:
    """Give where one home is and what its people need, for the door of personal data; None where it was deleted."""
    try:
        saved = households.latest(tx, keys, household)
    except (KeyGone, BadInput):
        return None
    if saved is None:
        return None
    home, people = saved.plan.home, saved.plan.household
    needs = "、".join(NEEDS[need] for need in NEEDS if need in people.needs) or "なし"
    where = f"{home.spot.lat:.5f}, {home.spot.lon:.5f}"
    return {"住所": home.address or "（住所の文字なし）", "位置": where, "人数": f"{people.people}人", "配慮": needs}
