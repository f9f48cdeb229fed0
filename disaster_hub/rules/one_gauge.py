"""One gauge under two names: what two sources say of the same instrument is one witness, not two."""

from __future__ import annotations

import re
import unicodedata

from disaster_hub.rules.witnesses import Post

SAME_M = 2_000.0
"""Two sources may put one gauge so far apart; our own (the other bank, a rounded minute)."""
REST = re.compile(r"\(.*?\)|\s|[・･_-]")
TAIL = re.compile(r"(水位観測所|観測所|水位観測局|観測局|水位局|水位計|水位)+$")
PLAIN = re.compile(r"[^0-9a-z]")


def one_gauge(here: Post, other: Post, metres: float | None) -> bool:
    """Tell whether two public posts are, or may be, one gauge; *metres* apart, None where nobody knows.

    What has no name of its own may be any gauge around here: who is not known is no independent witness.
    """
    if _code(here) == _code(other):
        return True
    names = _name(here), _name(other)
    if metres is not None and metres > SAME_M:
        return bool(here.river) and here.river == other.river and bool(names[0]) and names[0] == names[1]
    return not all(names) or names[0] in names[1] or names[1] in names[0]


def _code(post: Post) -> str:
    return PLAIN.sub("", post.station.casefold()).lstrip("0") or post.station


def _name(post: Post) -> str:
    """Give the name without what sources hang on it; empty where it is only the code once more."""
    if post.name == post.station:
        return ""
    return TAIL.sub("", REST.sub("", unicodedata.normalize("NFKC", post.name).casefold()))
