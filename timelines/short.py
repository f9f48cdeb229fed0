"""Texts for phones: marked, the action first, no longer than the channel takes, with the link at the end."""

from __future__ import annotations

import re

from disaster_hub.terms.notice import Notice
from timelines.mark import marked

MORE = "…"
BETWEEN = re.compile(r"[\s。.]+")


def whole(notice: Notice) -> str:
    """Give headline and text as one, marked; a headline that the text begins with is not said twice."""
    text, headline = notice.text.strip(), notice.headline.strip()
    both = text if _bare(text).startswith(_bare(headline)) else f"{headline}\n{text}"
    return marked(notice, both)


def link(notice: Notice, portal: str) -> str:
    """Give the whole address of the page that a tap opens; nothing where we do not know our own address."""
    address = f"{portal}{notice.url}" if notice.url.startswith("/") and portal else notice.url
    return address if address.startswith(("https://", "http://")) and address.isascii() and " " not in address else ""


def cut(text: str, most: int, end: str = "") -> str:
    """Shorten *text* so that it and *end* fit into *most* UTF-16 units; what is cut is the end of the text."""
    tail = f"\n{end}" if end else ""
    room = most - units(tail)
    if units(text) <= room:
        return text + tail
    kept = text.encode("utf-16-le")[: 2 * max(0, room - 1)].decode("utf-16-le", "ignore")
    return kept.rstrip() + MORE + tail


def units(text: str) -> int:
    """Count as SMS and LINE do: a character outside the first plane is two."""
    return len(text.encode("utf-16-le")) // 2


def _bare(text: str) -> str:
    """Leave out what stands between sentences: a headline joins with a full stop what the text puts on two lines."""
    return BETWEEN.sub("", text)
