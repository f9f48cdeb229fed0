"""What an alert says to one household: the action first, then by when, the way, how to answer, who says so and why.

Pure: an alert as it was decided, a brief as it was reckoned and the minute of writing become a text. No link stands in
it (channels append theirs), no minutes that are left (those are counted on the page alone), and never that it is safe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product

from disaster_hub.config import City
from disaster_hub.terms.alert import Alert, AlertKind, Audience, Brief
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.way import Word
from disaster_hub.terms.world import WorldKind
from timelines import phrases as fixed
from timelines.message_lines import ALL, ANSWERS, EARLY, LAST, Form, as_it_stands, common, own, say, timed, when
from timelines.phrases import FIRST, LANGUAGES, Reviews

__all__ = [
    "ANSWERS",
    "Form",
    "Written",
    "action",
    "as_it_stands",
    "language_for",
    "missing_reviews",
    "phrases",
    "unreviewed",
    "write",
]


@dataclass(frozen=True, slots=True)
class Written:
    """A text ready to be sent; in a push the headline stands above the text, elsewhere the text begins with it."""

    headline: str
    text: str
    language: str


KEPT = 1024
DRILL = "mark.exercise"
RUBY = re.compile(r"\([ぁ-んー]+\)")
"""How a word is read: for the eye only, a voice would say it twice."""
_tails: dict[tuple[int, str, Form, str, str, bool], tuple[Alert, str]] = {}


def write(  # the two last ones have defaults that promise less, never more
    alert: Alert,
    brief: Brief | None,
    form: Form,
    at: datetime,
    city: City,
    *,
    language: str = "",
    replies: bool = False,
) -> Written:
    """Write the message; *at* is the minute of writing, *replies* says that somebody reads what is replied to it.

    *language* is what `language_for` chose; without it the household's own.
    """
    tongue = language or _wish(brief)
    mine = [say(line, tongue) for line in own(alert, brief, form, at)]
    most = 2 if timed(alert, brief, at) else 1
    if drill := _drill(alert, tongue):
        # The first part of a text message is kept for what to do and by when: there it follows them.
        mine = [*mine[:most], drill, *mine[most:]] if form is Form.SMS else [f"{drill}: {mine[0]}", *mine[1:]]
    shown = mine[:most]
    # In a push the first line is the title: the body goes on from there.
    lines = mine[len(shown) :] if form is Form.PUSH else mine
    lines = [*lines, *filter(None, [_tail(alert, form, tongue, city, replies)])]
    if form in {Form.MAIL, Form.SMS}:
        lines.append(say(("msg.written", {"time": when(at.astimezone(UTC).replace(second=0), tongue)}), tongue))
    stop = "。" if tongue.startswith(("ja", "zh")) else ". "
    if form is Form.VOICE:
        spoken = [RUBY.sub("", one).rstrip("。.") for line in lines for one in line.split("\n")]
        return Written(RUBY.sub("", mine[0]), stop.join(spoken) + stop.strip(), tongue)
    headline = mine[0] if form is Form.SMS else stop.join(shown)
    return Written(headline, "\n".join(lines) or headline, tongue)


def phrases(alert: Alert, brief: Brief | None) -> frozenset[str]:
    """Name every phrase that messages of this alert may hold, as time goes on and in every form."""
    keys = _every(alert.kind, alert.level, alert.city_order, brief is None)
    return keys if alert.world is WorldKind.REAL else keys | {DRILL}


def language_for(alert: Alert, brief: Brief | None, reviews: Reviews) -> str | None:
    """Choose the reader's language where its phrases were reviewed, else Japanese; None: not even that may go out."""
    keys, actual = phrases(alert, brief), alert.world is WorldKind.REAL
    for one in dict.fromkeys((_wish(brief), FIRST)):
        if reviews.sendable(keys, one, actual=actual):
            return one
    return None


def missing_reviews(reviews: Reviews, kind: AlertKind, level: int | None) -> dict[str, int]:
    """Count for each language the phrases of such an alert that nobody has reviewed yet."""
    return {language: len(keys) for language, keys in unreviewed(reviews, kind, level).items()}


def unreviewed(reviews: Reviews, kind: AlertKind, level: int | None) -> dict[str, list[str]]:
    """Name for each language the phrases of such an alert that nobody has reviewed yet."""
    beside = {AlertKind.AUTOMATIC, AlertKind.CALM, AlertKind.UPDATE, AlertKind.LIFT}
    orders = (None, EARLY, ALL, LAST) if kind in beside else (None,)
    keys = frozenset().union(*(_every(kind, level, one, bare) for one in orders for bare in (False, True)))
    return {
        one: [key for key in sorted(keys) if reviews.reviewer(key, one) == fixed.UNREVIEWED] for one in LANGUAGES
    }  # fmt: skip


def action(alert: Alert, brief: Brief | None, at: datetime, language: str) -> str:
    """Say the first line alone: what to do now."""
    return say(next(iter(own(alert, brief, Form.CHAT, at))), language)


def page_lines(alert: Alert, brief: Brief | None, at: datetime, city: City, language: str) -> list[str]:
    """Say everything that the page of an alert shows but the minutes and the buttons, the action first."""
    lines = [say(line, language) for line in own(alert, brief, Form.CHAT, at)]
    if timed(alert, brief, at):
        del lines[1]
    names = city_name(city, language), issuer_name(city, alert.issuer, language)
    tail = common(alert, Form.CHAT, language, *names, replies=False)
    return lines + [say(line, language) for line in tail if line[0] != "msg.tap"]


def city_name(city: City, language: str) -> str:
    """Name the city in letters that the reader of *language* knows."""
    known = city.issuers.get(city.name, {}).get(language)
    return known or (city.name if language.startswith(("ja", "zh")) else city.name_en)


def issuer_name(city: City, issuer: str, language: str) -> str:
    """Name who signs as the city has written it for *language*; the Japanese name where it has written none."""
    known = city.issuers.get(issuer, {}).get(language)
    if known:
        return known
    return city_name(city, language) if issuer == city.name and language != "ja-easy" else issuer


def _wish(brief: Brief | None) -> str:
    return brief.language if brief is not None and brief.language in LANGUAGES else FIRST


def _drill(alert: Alert, language: str) -> str:
    """Say "drill" in the reader's own letters: the mark that every channel puts first is in Japanese alone."""
    return "" if alert.world is WorldKind.REAL or language.startswith("ja") else say((DRILL, {}), language)


def _tail(alert: Alert, form: Form, language: str, city: City, replies: bool) -> str:
    """Give what is the same for everybody who reads one language on one channel; made once for all of them."""
    issuer, name = issuer_name(city, alert.issuer, language), city_name(city, language)
    key = id(alert), language, form, name, issuer, replies
    known = _tails.get(key)
    if known is not None and known[0] is alert:
        return known[1]
    text = "\n".join(say(line, language) for line in common(alert, form, language, name, issuer, replies=replies))
    if len(_tails) >= KEPT:
        _tails.clear()
    _tails[key] = alert, text
    return text


@lru_cache(maxsize=512)
def _every(kind: AlertKind, level: int | None, city_order: int | None, bare: bool) -> frozenset[str]:
    """Name the phrases by writing every message that can be: what is written and what is reviewed cannot differ."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    later = now + timedelta(hours=1)
    keys = {f"answer.{word}" for word in ANSWERS} | {"list.and", "msg.written"}
    keys |= {key for key in fixed.table(FIRST) if key.startswith("turn.")}
    keys |= {"way.no_name", "way.n_minutes", "way.n_metres", "way.n_km", "way.short"}
    briefs = [None] if bare else [
        Brief(1, FIRST, word, leave, at_level, place, upper, (), metres, 1.0, hazards, until=until, storeys=storeys)
        for word, leave, until in (
            *((one, None, until) for one in Word for until in (None, later)), (Word.LEAVE_BY, later, None)
        )
        for at_level, place, storeys in product((EARLY, ALL), ("", "x"), (0, 2))
        for upper, metres, hazards in ((False, 0.0, ()), (True, 9.0, (Hazard.LANDSLIDE,)))
    ]  # fmt: skip
    for rule, form in product(("", "x"), Form):
        one = Alert(
            "x", WorldKind.DRILL, kind, (), "x", Audience(), "x", "x", now, later, 1, level, note="x", rule=rule,
            city_order=city_order,
        )  # fmt: skip
        lines = [line for brief in briefs for line in own(one, brief, form, now)]
        for replies in (False, True):
            lines += common(one, form, FIRST, "x", "x", replies=replies)
        for key, values in lines:
            keys.add(key)
            if "name" in values:
                keys.add(str(values["name"]))
    return frozenset(keys)
