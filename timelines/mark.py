"""The marks: an exercise, a replay and a test say so in their first words, whatever the channel."""

from __future__ import annotations

import re

from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.mark import EXERCISE, TEST, bears
from disaster_hub.terms.notice import TESTS, Notice
from disaster_hub.terms.world import WorldKind

__all__ = ["EXERCISE", "TEST", "TEST_KINDS", "marked", "marks", "one_line", "same_world"]

TEST_KINDS = TESTS
_FIRST = re.compile(rf"\s*(?:{EXERCISE}|{TEST})")


def marks(notice: Notice) -> str:
    """Give the marks that every text of *notice* begins with; none for what is actual."""
    exercise = EXERCISE if notice.world is not WorldKind.REAL else ""
    return exercise + (TEST if notice.kind in TEST_KINDS else "")


def marked(notice: Notice, text: str) -> str:
    """Put the marks before *text*, once; an actual notice whose text bears one is refused rather than mended."""
    bare = text
    while found := _FIRST.match(bare):
        bare = bare[found.end() :]
    first = marks(notice)
    # Whatever a channel shows of it: a mark that stands in the part that is left out is as much of a doubt.
    if notice.world is WorldKind.REAL and bears(text, notice.headline, notice.text, test=bool(first)):
        raise Undeliverable("an actual notice bears the mark of an exercise or a test", forever=True)
    return first + bare


def same_world(notice: Notice, world: WorldKind) -> None:
    """Refuse a notice of another world than the one whose channels and keys these are."""
    if notice.world is not world:
        raise Undeliverable(
            f"a notice of the world {notice.world.value} on a channel of the world {world.value}", forever=True
        )


def one_line(text: str) -> str:
    """Make one line of printable characters; what a telegram says is not ours to trust."""
    plain = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return " ".join(plain.split())
