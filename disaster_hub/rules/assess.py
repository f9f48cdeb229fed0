"""The town's criteria as a whole against the facts: conditions joined, unknown never counted as safe.

The four verdicts stand in one order, not met < not known < near < met: "any" takes the highest, "all" the lowest.
So what is not known keeps a criterion from being "not met" wherever a value could have met it, more water or a higher
level never lowers a verdict, and the order in which conditions are written does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from disaster_hub.rules.conditions import Facts, reason
from disaster_hub.rules.criteria import Condition, Criteria, Criterion, Group, ReportConfirmed, SensorSays, TimeOfDay
from disaster_hub.terms.decision import Assessment, EvacuationArea, Reason
from disaster_hub.terms.level import Judgement

RANK = {Judgement.NOT_MET: 0, Judgement.NOT_KNOWN: 1, Judgement.NEAR: 2, Judgement.MET: 3}
BY_RANK = {rank: verdict for verdict, rank in RANK.items()}
ALONE = "市のセンサーだけでは避難指示・緊急安全確保の基準とせず「近い」に留めます"


def assess(said: Criteria, facts: Facts, areas: Sequence[EvacuationArea]) -> list[Assessment]:
    """Hold every criterion against the facts, for each of its areas, the highest order first."""
    memory: dict[Condition, Reason] = {}
    found = [one(c, facts, area, memory) for c in said.criteria for area in meant(c, areas)]
    return sorted(found, key=lambda a: (-a.order, -RANK[a.verdict], a.hazard.value, a.area, a.criterion))


def meant(criterion: Criterion, areas: Sequence[EvacuationArea]) -> list[EvacuationArea]:
    """Give the areas that a criterion speaks of; one that it names and nobody has loaded stands under its code."""
    if not criterion.areas:
        return [area for area in areas if not area.hazards or criterion.hazard in area.hazards]
    known = {area.code: area for area in areas}
    bare = frozenset({criterion.hazard})
    return [known.get(code) or EvacuationArea(code, code, None, bare) for code in criterion.areas]


def one(
    criterion: Criterion, facts: Facts, area: EvacuationArea, memory: dict[Condition, Reason] | None = None
) -> Assessment:
    """Hold one criterion against the facts for one area; *memory* keeps what is the same for every area."""
    known = {} if memory is None else memory
    reasons: dict[Condition, Reason] = {}
    for condition in criterion.rule.conditions():
        if isinstance(condition, ReportConfirmed):
            reasons[condition] = reason(condition, facts, area.shape)
        else:
            if condition not in known:
                known[condition] = reason(condition, facts, None)
            reasons[condition] = known[condition]
    verdict = joined(criterion.rule, lambda c: reasons[c].verdict)
    said = tuple(reasons.values())
    if criterion.order >= 4:
        verdict, said = _never_alone(criterion, reasons, verdict)
    return Assessment(
        criterion.id, criterion.order, criterion.hazard, area.code, area.name, verdict, said, title=criterion.title
    )


def joined(group: Group, verdict_of: Callable[[Condition], Judgement]) -> Judgement:
    """Join the verdicts of a group's members."""
    ranks = [RANK[joined(m, verdict_of) if isinstance(m, Group) else verdict_of(m)] for m in group.members]
    return BY_RANK[min(ranks) if group.every else max(ranks)]


def worst(verdicts: Iterable[Judgement]) -> Judgement:
    """Give the verdict to look at first; nothing at all is not known."""
    return BY_RANK[max((RANK[v] for v in verdicts), default=RANK[Judgement.NOT_KNOWN])]


def _never_alone(
    criterion: Criterion, reasons: dict[Condition, Reason], verdict: Judgement
) -> tuple[Judgement, tuple[Reason, ...]]:
    """Let an own sensor help to meet an order of 4 or 5 only where a condition of another kind is met too."""
    said = tuple(reasons.values())
    others = any(r.verdict is Judgement.MET for c, r in reasons.items() if not isinstance(c, SensorSays | TimeOfDay))
    if verdict is not Judgement.MET or others:
        return verdict, said

    def held(condition: Condition) -> Judgement:
        found = reasons[condition].verdict
        return Judgement.NEAR if isinstance(condition, SensorSays) and found is Judgement.MET else found

    capped = joined(criterion.rule, held)
    return (verdict, said) if capped is Judgement.MET else (Judgement.NEAR, (*said, Reason(ALONE, Judgement.NEAR)))
