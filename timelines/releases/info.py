"""What an alert says to the public in each language: headline, what to do, and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.hazard import Hazard
from timelines.phrases import FIRST, say, when
from timelines.releases.words import ABOUT, Matter, Town, bare, mark

PHRASES = (
    "release.area", "release.calm", "release.calm_title", "release.cancel", "release.cancel_title", "release.do_cancel",
    "msg.city_order", "release.exercise", "release.from", "release.information", "release.judge", "release.lift",
    "release.lift_title", "release.no_order", "release.official", "release.still", "release.update",
    "release.update_title", "release.watch", "release.why", "level.badge",
    *(f"level.{n}.{one}" for n in (3, 4, 5) for one in ("name", "meaning")), *(f"hazard.{one}" for one in Hazard),
)  # fmt: skip
"""Everything that a text here may be made of; reviewed together, or the language is left out of what is actual."""
GRAVE = 3
"""From this official level on, people in danger should not wait for the city's word while it is lower."""


@dataclass(frozen=True, slots=True)
class Info:
    """One language's words."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str


def infos(matter: Matter, town: Town, languages: Sequence[str]) -> list[Info]:
    """Say it in every one of *languages*, the Japanese first."""
    order = [FIRST, *(one for one in languages if one != FIRST)]
    return [_info(matter, town, language) for language in order]


def _info(matter: Matter, town: Town, language: str) -> Info:
    alert, first = matter.alert, mark(matter.alert)
    event = _event(matter, town, language)
    title = _title(matter, event, language)
    lines = [say("release.area", language, area=matter.area)]
    if matter.kind is AlertKind.UPDATE:
        lines.append(say("release.update", language))
    if (hazard := alert.hazard) is not None and matter.orders:
        lines.append(say(f"hazard.{hazard}", language))
    if not matter.orders and matter.level and matter.kind is AlertKind.AUTOMATIC:
        lines.append(_city_order(alert.city_order, language))
    lines += [say("release.why", language, why=bare(one)) for one in (alert.why, alert.note) if one.strip()]
    lines.append(say("release.from", language, who=bare(alert.issuer), when=when(alert.decided_at, language)))
    instruction = _instruction(matter, language)
    if first:
        instruction = f"{say('release.exercise', language)} {instruction}"
    return Info(language, first + event, f"{first}{title}: {matter.area}"[:139], first + "\n".join(lines),
                first + instruction)  # fmt: skip


def _city_order(order: int | None, language: str) -> str:
    """Say what the city has in force, or that it has nothing: its word is not the official one."""
    if order is None:
        return say("release.no_order", language)
    return say("msg.city_order", language, level=order, name=say(f"level.{order}.name", language))


def _event(matter: Matter, town: Town, language: str) -> str:
    """Name what it is about."""
    if matter.orders:
        return f"{say('level.badge', language, level=matter.level)} {say(f'level.{matter.level}.name', language)}"
    if matter.level:
        hazard = matter.alert.hazard or (matter.before.hazard if matter.before is not None else None)
        word = "" if hazard is None else say(f"hazard.{hazard}", language)
        return say("release.official", language, level=matter.level, hazard=word)
    return say("release.information", language, who=town.name)


def _title(matter: Matter, event: str, language: str) -> str:
    if matter.kind in ABOUT:
        return say(f"release.{matter.kind}_title", language, what=event)
    return event


def _instruction(matter: Matter, language: str) -> str:
    """Say what to do."""
    if matter.kind is AlertKind.CANCEL:
        return f"{say('release.cancel', language)} {say('release.do_cancel', language)}"
    if matter.kind in {AlertKind.LIFT, AlertKind.CALM}:
        return f"{say(f'release.{matter.kind}', language)} {say('release.still', language)}"
    if matter.orders:
        return say(f"level.{matter.level}.meaning", language)
    grave = matter.level is not None and matter.level >= GRAVE and (matter.alert.city_order or 0) < matter.level
    return say("release.judge" if grave else "release.watch", language)
