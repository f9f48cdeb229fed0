"""Social networks and the city's own page: one post of 140 characters, one long text in every language."""

from __future__ import annotations

from collections.abc import Sequence

from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.release import Form, Part, Release
from timelines.releases.info import Info, infos
from timelines.releases.words import BRIEFLY, Matter, Town, clock, fitting, mark, what_to_do, width

LINK = 11.5
"""Full-width characters that a link counts for, however long it is."""


def post(matter: Matter, town: Town) -> Release:
    """Write the post: what, where, what to do, a link, the tags."""
    alert, first = matter.alert, mark(matter.alert)
    tags = f"#{town.name} #{town.name}防災"
    page = f"{town.address}/alerts" if town.address else ""
    room = town.social - (LINK + 0.5 if page else 0.0) - width(tags) - 0.5
    head = f"{first}【{matter.title}】"
    area = f"{matter.area}。" if width(matter.area) <= room / 2 else f"{town.name}の一部地域。"
    sentences = what_to_do(matter)
    if matter.kind in {AlertKind.ORDER, AlertKind.UPDATE} and matter.orders:
        sentences = [BRIEFLY[matter.level or 0]]
    text = fitting(head, [area, *sentences, f"（{clock(alert.decided_at)}）"], room)
    whole = " ".join(one for one in (text, page, tags) if one)
    length = width(whole) - (width(page) - LINK if page else 0.0)
    parts = (Part("投稿文", whole, town.social, length),)
    return Release(alert.id, Form.SOCIAL, alert.decided_at, parts, "social.txt", f"{whole}\n")


def page(matter: Matter, town: Town, languages: Sequence[str]) -> Release:
    """Write the long text for the web, one part a language."""
    alert = matter.alert
    parts = tuple(Part(one.language, _long(one)) for one in infos(matter, town, languages))
    content = "\n\n".join(f"[{one.name}]\n{one.text}" for one in parts)
    until = None if matter.kind in {AlertKind.ORDER, AlertKind.UPDATE} and matter.orders else alert.expires_at
    return Release(
        alert.id, Form.WEB, alert.decided_at, parts, "web.txt", f"{content}\n", valid_until=until
    )  # fmt: skip


def _long(info: Info) -> str:
    return f"{info.headline}\n{info.instruction}\n{info.description}"
