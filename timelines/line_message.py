"""What LINE shows: the text, and below it four buttons that stay; a tap says which alert and which word, no more."""

from __future__ import annotations

import re
from typing import Any

from disaster_hub.terms.notice import Notice
from timelines import phrases
from timelines.mark import marks
from timelines.short import cut, link, units, whole

LONGEST = 5_000
LONGEST_LABEL = 20
LONGEST_QUESTION = 160
LONGEST_ALT = 400
WORDS = ("left", "arrived", "help", "staying")
"""The four answers, in the order of the page."""
TOKEN = re.compile(r"/a/([A-Za-z0-9_-]{16,64})\Z")
TAP = re.compile(r"a ([A-Za-z0-9_-]{16,64}|-) (left|arrived|help|staying)")
NOBODY = "-"
"""Stands for the token where one text goes to many: LINE says who tapped."""
GOT = "got"
"""What the button of a test says: the message arrived."""
NO_ANSWER = frozenset({"cancel", "lift", "calm", "information", "helper"})


def messages(notice: Notice, portal: str, language: str = phrases.FIRST) -> list[dict[str, Any]]:
    """Give what one request carries: it counts as one message a person, however many parts it has."""
    page = link(notice, portal)
    said: list[dict[str, Any]] = [{"type": "text", "text": cut(whole(notice), LONGEST, page)}]
    token = TOKEN.search(notice.url)
    if notice.alert and notice.kind not in NO_ANSWER:
        said.append(buttons(token[1] if token else NOBODY, language, marks(notice)))
    return said


def buttons(token: str, language: str = phrases.FIRST, first: str = "") -> dict[str, Any]:
    """Give the four answers as buttons; what a tap sends back names nobody. Their question too begins with the mark."""
    question = cut(first + phrases.say("answer.title", language), LONGEST_QUESTION)
    actions = [_action(phrases.say(f"answer.{word}", language), f"a {token} {word}") for word in WORDS]
    return _template(question, actions)


def proof(question: str, label: str) -> dict[str, Any]:
    """Give the one button with which a person says that a test arrived."""
    return _template(cut(question, LONGEST_QUESTION), [_action(label, GOT)])


def tapped(data: str) -> tuple[str, str] | None:
    """Read what a tap sent back: the token (empty where the text was for many) and the word."""
    found = TAP.fullmatch(data)
    return None if found is None else ("" if found[1] == NOBODY else found[1], found[2])


def _template(question: str, actions: list[dict[str, str]]) -> dict[str, Any]:
    alt = cut(" / ".join([question, *(one["label"] for one in actions)]), LONGEST_ALT)
    return {"type": "template", "altText": alt, "template": {"type": "buttons", "text": question, "actions": actions}}


def _action(label: str, data: str) -> dict[str, str]:
    short = label if units(label) <= LONGEST_LABEL else cut(label, LONGEST_LABEL)
    return {"type": "postback", "label": short, "data": data, "displayText": label}
