"""Whom a rule of automatic notices is for: areas, the reach of a gauge, one river's zones; never "all" by mistake."""

from __future__ import annotations

from collections.abc import Mapping

import shapely
from shapely.geometry.base import BaseGeometry

from disaster_hub.alerts.audience import of_areas
from disaster_hub.config import Config
from disaster_hub.desk.reach import reach
from disaster_hub.desk.trusting import WATER, Place
from disaster_hub.rules.notice_rules import NoticeRule, WhenLevel
from disaster_hub.store import evacuation_areas, places
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Audience
from disaster_hub.terms.errors import BadInput, HubError

KEPT = 32


class Nobody(HubError):
    """It cannot be said for whom a rule is; then nobody is told, and the officers hear why."""


def audience(tx: Transaction, config: Config, rule: NoticeRule, known: Mapping[str, Place]) -> Audience:
    """Give whom a rule is for; Nobody where its areas or its river are not loaded."""
    hazards = frozenset({rule.hazard}) if rule.zones else frozenset()
    return Audience(shape=_shape(tx, config, rule, known), hazards=hazards, leave_levels=rule.leave_levels)


def names_of(tx: Transaction, config: Config, rule: NoticeRule, known: Mapping[str, Place]) -> tuple[str, ...]:
    """Give the codes that an alert of this rule bears, and last its name as it is read aloud."""
    if rule.areas:
        names = evacuation_areas.names(tx)
        return (*rule.areas, "・".join(names.get(code, code) for code in rule.areas))
    if not isinstance(rule.when, WhenLevel):
        place = known.get(rule.subject)
        return rule.subject, f"{rule.subject if place is None else place.post.name}より下流"
    watched = {config.city.area: config.city.name} | {r.code: f"{r.name}の流域" for r in config.rivers}
    return rule.subject, watched.get(rule.subject, config.city.name)


def wrong(tx: Transaction, config: Config, rule: NoticeRule, known: Mapping[str, Place]) -> list[str]:
    """Say what a rule names that this hub does not know: it would stay silent."""
    found = []
    here = evacuation_areas.names(tx)
    found += [f"規則 {rule.id}：避難区域 {code} は読み込まれていません" for code in rule.areas if code not in here]
    if isinstance(rule.when, WhenLevel):
        watched = {config.city.area, *(a.code for a in config.areas), *(r.code for r in config.rivers)}
        if rule.when.area not in watched:
            found.append(f"規則 {rule.id}：区域 {rule.when.area} の公式の情報は受け取っていません")
    else:
        place = known.get(rule.subject)
        if place is None:
            return [*found, f"規則 {rule.id}：観測所 {rule.subject} をまだ知りません"]
        if isinstance(rule.when.mark, str) and rule.when.mark not in place.post.marks:
            found.append(f"規則 {rule.id}：{place.post.name}の基準 {rule.when.mark} の高さが分かりません")
    if not found:
        try:
            _shape(tx, config, rule, known)
        except Nobody as fault:
            found.append(f"規則 {rule.id}：{fault}")
    return found


def _shape(tx: Transaction, config: Config, rule: NoticeRule, known: Mapping[str, Place]) -> BaseGeometry | None:
    if rule.areas:
        try:
            return of_areas(tx, rule.areas)
        except BadInput as fault:
            raise Nobody(str(fault)) from fault
    if not isinstance(rule.when, WhenLevel):
        return _reach(tx, rule, known)
    if rule.when.area == config.city.area:
        return None
    if rule.when.area not in {r.code for r in config.rivers}:
        raise Nobody("ほかの市町村の情報の規則には、送る避難区域（areas）を書いてください")
    rivers = frozenset(g.river for g in config.governs if (g.hazard, g.area) == (rule.hazard, rule.when.area))
    if not rivers or "" in rivers:
        if rule.zones:
            return None  # every zone of the hazard that no other row governs: the zones themselves choose the homes
        raise Nobody("川の情報の規則で zones = false のときは、送る避難区域（areas）を書いてください")
    return _zones(tx, rule.hazard.value, rivers)


def _reach(tx: Transaction, rule: NoticeRule, known: Mapping[str, Place]) -> BaseGeometry:
    place = known.get(rule.subject)
    if place is None or place.at is None or rule.along is None:
        raise Nobody("観測所の位置が分からないので、下流を決められません")
    others = [p.at for n, p in known.items() if n != rule.subject and p.quantity == WATER and p.at is not None]
    shape = reach(tx, place.at, others, rule.along)
    if shape is None:
        raise Nobody(f"{place.post.name}のそばに川の線が読み込まれていないので、下流を決められません")
    return shape


def _zones(tx: Transaction, hazard: str, rivers: frozenset[str]) -> BaseGeometry:
    """Give the ground of one river's zones."""
    key = (str(tx.engine.url), places.stamp(tx), hazard, rivers)
    found = _kept.get(key)
    if found is None:
        wanted = (f for f in places.features(tx, "hazards") if f.columns.get("hazard") == hazard)
        shapes = [f.geometry for f in wanted if f.columns.get("river") in rivers and f.geometry is not None]
        if not shapes:
            raise Nobody(f"{'・'.join(sorted(rivers))}の区域が読み込まれていません")
        while len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)))
        found = _kept[key] = shapely.union_all(shapes)
    return found


_kept: dict[tuple[str, str, str, frozenset[str]], BaseGeometry] = {}
"""A city has some tens of thousands of zones: joined once for each loading."""
