"""The lines of a message, one after the other, as fixed phrases with what is put into them: what to say, not how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from math import ceil
from typing import Any

from disaster_hub.terms.alert import Alert, AlertKind, Brief
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.way import LeaveBy, Turn, Word
from timelines import phrases as fixed
from timelines.leave_by import as_of
from timelines.mark import one_line


class Form(StrEnum):
    """What kind of message: how long it may be, and how it is answered."""

    PUSH = "push"
    CHAT = "chat"
    MAIL = "mail"
    SMS = "sms"
    VOICE = "voice"


Line = tuple[str, Mapping[str, object]]
"""A fixed phrase and what is put into it."""

ANSWERS = ("left", "arrived", "help", "staying")
"""In this order they are numbered 1 to 4 wherever a number is the answer."""
LAST = 5
ALL, EARLY = 4, 3
PERSONAL = frozenset({AlertKind.ORDER, AlertKind.AUTOMATIC, AlertKind.UPDATE})
"""Those that say what this household does by its own plan."""
ARRIVE = "arrive"
LEFT_OUT = 0.1
"""Of a way's length: where the turns that are said lack more, three dots say so, and the page has them all."""
LONG = frozenset({Form.MAIL, Form.CHAT, Form.PUSH})
PLACE, SHORT_PLACE, SHORT_AREA, LONG_AREA = 40, 20, 24, 80
TURNS = {Form.MAIL: 6, Form.CHAT: 4, Form.PUSH: 2}
NEAR_M = 1000


def as_it_stands(brief: Brief, at: datetime) -> tuple[Word, datetime | None, datetime | None]:
    """Give the word, the minute to leave and the minute after which nobody goes out, as they stand at *at*."""
    leave = as_of(LeaveBy(brief.word, brief.leave_at, brief.leave_level, until=brief.until), at)
    return leave.word, leave.at if leave.word is Word.LEAVE_BY else None, leave.until


def say(line: Line, language: str) -> str:
    """Say one line in *language*."""
    key, values = line
    if not values:
        return fixed.say(key, language)
    if "name" in values:
        values = {**values, "name": fixed.say(str(values["name"]), language)}
    if "way" in values:
        values = {"way": _way_words(values["way"], language)}
    return fixed.say(key, language, **values)


@lru_cache(maxsize=256)
def when(moment: datetime, language: str) -> str:
    """Say a moment with its weekday; the same minute is asked for by thousands."""
    return fixed.when(moment, language)


@lru_cache(maxsize=256)
def clock(moment: datetime) -> str:
    """Say a time of day, as the city's clock shows it."""
    here = moment.astimezone(JAPAN)
    return f"{here.hour:02}:{here.minute:02}"


def _cut(text: str, most: int) -> str:
    bare = one_line(text)
    return bare if len(bare) <= most else bare[: most - 1] + "…"


def _area(alert: Alert, form: Form) -> str:
    return _cut(alert.area_name, SHORT_AREA if form is Form.SMS else LONG_AREA)


def timed(alert: Alert, brief: Brief | None, at: datetime) -> bool:
    """Tell whether the second line is the minute to leave."""
    if brief is None or alert.kind not in PERSONAL or alert.level == LAST:
        return False
    return as_it_stands(brief, at)[1] is not None


def own(alert: Alert, brief: Brief | None, form: Form, at: datetime) -> Iterator[Line]:
    """Give the lines before the answers: what this household does, by when, on which way."""
    kind = alert.kind
    if kind is AlertKind.CANCEL:
        yield "msg.cancel", {}
    elif kind is AlertKind.LIFT:
        yield "msg.lift", {}
        if alert.city_order is not None:
            yield _of_the_city(alert)
        if form is not Form.SMS:
            yield "msg.way_home", {}
    elif kind is AlertKind.CALM:
        yield "msg.calm", {}
    elif kind is AlertKind.HELPER:
        yield "msg.helper", {}
        yield "msg.helper_what", {}
        yield "msg.helper_self", {}
    elif kind is AlertKind.INFORMATION or (kind is AlertKind.UPDATE and alert.level is None):
        yield "msg.information", {"area": _area(alert, form)}
        if kind is AlertKind.UPDATE:
            yield "msg.update", {}
    elif brief is None:
        level = alert.level if alert.level is not None and alert.level >= EARLY else 0
        yield f"msg.general_{level}", {"area": _area(alert, form)}
        if kind is AlertKind.UPDATE:
            yield "msg.update", {}
    else:
        yield from _personal(alert, brief, form, at)


def _personal(alert: Alert, brief: Brief, form: Form, at: datetime) -> Iterator[Line]:
    """Give the lines of one plan."""
    level = alert.level or 0
    word, leave_at, until = as_it_stands(brief, at)
    if level == LAST:
        # Whatever the plan says: at level 5 nobody is told to go out.
        word, leave_at, until = Word.GO_UP, None, None
    place = _cut(brief.place, SHORT_PLACE if form is Form.SMS else PLACE)
    if word is Word.GO_UP:
        yield _up(brief, level)
    elif word is Word.STAY:
        yield "now.stay", {}
    else:
        yield _out(word, place, level, brief.leave_level)
    if leave_at is not None:
        yield "msg.by", {"time": clock(leave_at)}
    if alert.kind is AlertKind.UPDATE:
        yield "msg.update", {}
    if word in {Word.GO_UP, Word.STAY}:
        yield from _staying(brief, word, level, form)
    else:
        yield from _going(brief, word, leave_at or (None if brief.unsure else until), level, form)


def _staying(brief: Brief, word: Word, level: int, form: Form) -> Iterator[Line]:
    """Give what those who stay in need besides."""
    if word is Word.GO_UP and Hazard.LANDSLIDE in brief.hazards:
        yield "msg.stay_higher", {}
    if word is Word.GO_UP and level == LAST:
        yield "msg.save_yourself", {}
    if word is Word.STAY and level >= ALL:
        yield "msg.stay_watch", {}
    if word is Word.STAY and form in LONG:
        yield "now.why_stay", {}


def _up(brief: Brief, level: int) -> Line:
    """Say that nobody goes out any more."""
    key = "msg.life_up" if level == LAST else "now.go_up"
    return (key, {"floor": brief.storeys}) if brief.storeys > 1 else (f"{key}_here", {})


def _out(word: Word, place: str, level: int, leave_level: int) -> Line:
    """Say where to go: now, or to get ready for it."""
    if word is Word.LEAVE_NOW or level >= leave_level:
        return ("now.leave_now", {"place": place}) if place else ("msg.now_no_place", {})
    if word is Word.LEAVE_BY:
        return ("msg.prepare", {"place": place}) if place else ("msg.ready_no_place", {})
    if level >= EARLY:
        return ("msg.ready", {"place": place}) if place else ("msg.ready_no_place", {})
    return ("msg.check", {"place": place}) if place else ("msg.check_no_place", {})


def _going(brief: Brief, word: Word, until: datetime | None, level: int, form: Form) -> Iterator[Line]:
    """Give what those who go out need besides: from when on no more, and the way."""
    if word in {Word.LEAVE_AT_LEVEL, Word.NO_WAY_KNOWN} and level < brief.leave_level:
        yield "now.at_level", {"level": brief.leave_level, "name": f"level.{brief.leave_level}.name"}
    elif word is Word.NO_WAY_KNOWN:
        yield "msg.no_minute", {}
    if until is not None and (form in LONG or word is not Word.LEAVE_BY):
        yield "msg.not_after", {"time": clock(until)}
    if form not in LONG:
        return
    if word is Word.NO_WAY_KNOWN:
        yield "now.no_way", {}
    elif brief.turns or brief.metres:
        yield "msg.way", {"way": (brief.minutes, brief.metres, brief.turns[: TURNS[form]])}
    if brief.upper_floors:
        yield "shelter.upper_floors", {}


def _way_words(said: Any, language: str) -> str:
    """Say how long and how far, and the first turns, in one line."""
    minutes, metres, turns = said
    parts = [" → ".join(_cut_way([_turn(one, language) for one in turns], turns, metres))] if turns else []
    if metres:
        took = fixed.say("way.n_minutes", language, n=ceil(minutes))
        parts.insert(0, fixed.say("way.short", language, minutes=took, metres=_far(metres, language)))
    return " – ".join(parts)


def _cut_way(said: list[str], turns: Sequence[Turn], metres: float) -> list[str]:
    """Mark where turns were left out: nobody may believe to have arrived after the few that are said."""
    if turns[-1].go != ARRIVE:
        return [*said, "…"]
    whole = metres - sum(one.metres for one in turns) <= metres * LEFT_OUT
    return said if whole else [*said[:-1], "…", said[-1]]


@lru_cache(maxsize=4096)
def _turn(turn: Turn, language: str) -> str:
    street = _cut(turn.street, PLACE) or fixed.say("way.no_name", language)
    return fixed.say(f"turn.{turn.go}", language, street=street, metres=_far(turn.metres, language))


def _far(metres: float, language: str) -> str:
    if metres < NEAR_M:
        return fixed.say("way.n_metres", language, n=round(metres / 10) * 10)
    return fixed.say("way.n_km", language, n=f"{metres / 1000:.1f}")


def common(alert: Alert, form: Form, language: str, city: str, issuer: str, *, replies: bool) -> Iterator[Line]:
    """Give the lines from the answers on: how to answer, what it is officially, who says so, why and when."""
    if alert.kind in PERSONAL and form is not Form.VOICE:
        yield _answers(form, language, replies=replies)
    area = _area(alert, form)
    yield from _official(alert, area)
    if alert.kind in {AlertKind.AUTOMATIC, AlertKind.CALM} or (alert.kind is AlertKind.UPDATE and alert.rule):
        yield _of_the_city(alert)
    yield "now.source", {"issuer": one_line(issuer), "time": when(alert.decided_at, language)}
    if alert.why and (form in LONG or alert.kind in {AlertKind.CANCEL, AlertKind.INFORMATION}):
        yield "msg.why", {"why": one_line(alert.why)}
    if alert.note and (form in LONG or alert.kind is AlertKind.INFORMATION):
        yield "msg.note", {"city": city, "note": one_line(alert.note)}
    if alert.kind is AlertKind.CANCEL and form in LONG:
        yield "msg.cancel_then", {}


def _answers(form: Form, language: str, *, replies: bool) -> Line:
    words = [fixed.say(f"answer.{word}", language) for word in ANSWERS]
    if replies and form in {Form.MAIL, Form.SMS}:
        return "msg.reply", {"answers": " ".join(f"{n} {word}" for n, word in enumerate(words, 1))}
    joined = fixed.say("list.and", language).join(words)
    return ("msg.tap" if form in {Form.PUSH, Form.CHAT} else "msg.link"), {"answers": joined}


def _official(alert: Alert, area: str) -> Iterator[Line]:
    """Name what it is in the words of the law, and its area."""
    level = alert.level
    values = {"level": level, "name": f"level.{level}.name", "area": area}
    kind = alert.kind
    if kind is AlertKind.CANCEL:
        yield ("msg.cancelled_order", values) if level and not alert.rule else ("msg.cancelled_plain", {"area": area})
    elif kind is AlertKind.LIFT:
        yield ("msg.lifted_order", values) if level else ("msg.lifted_plain", {"area": area})
    elif kind is AlertKind.CALM:
        yield "msg.automatic_plain", {"area": area}
    elif kind in PERSONAL and level is not None:
        passed_on = kind is AlertKind.AUTOMATIC or bool(alert.rule)
        # Level 2 of the JMA is a level; from 3 on its word is a yardstick for the city's (相当), and no order.
        yield (
            ("msg.automatic", {"level": level, "area": area}) if passed_on and level >= EARLY else ("msg.order", values)
        )
    elif kind is AlertKind.AUTOMATIC:
        yield "msg.automatic_plain", {"area": area}


def _of_the_city(alert: Alert) -> Line:
    """Say which order of the city is in force, or that there is none."""
    if alert.city_order is None:
        return "msg.no_order", {}
    return "msg.city_order", {"level": alert.city_order, "name": f"level.{alert.city_order}.name"}
