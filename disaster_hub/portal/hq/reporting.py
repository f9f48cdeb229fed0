"""What every form about a report shares: reading its fields, and saying in one sentence what is missing."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import current_app, request

from disaster_hub.desk.gazetteer import Place
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.hq.finder import gazetteer
from disaster_hub.portal.hub import hub
from disaster_hub.store.reports import Conflict
from disaster_hub.store.staff import Account
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.report import ReportKind

T = TypeVar("T")
SKEW, SLIP = timedelta(minutes=2), timedelta(hours=2)
"""The wall's clock may be so far behind the one that somebody read; a time so far ahead is a slip of the hand."""
KEYS = "1234567890-"
"""The key of each kind, in the order of the kinds."""


def who() -> Account:
    """Give who is signed in; the door has seen to it that somebody is."""
    account = signed_in()
    assert account is not None
    return account


def named_role(account: Account) -> str:
    """Give the department that stands beside an account's name; empty where there is none."""
    return str(getattr(account, "department", "") or "")


def fresh_id() -> str:
    """Make the id of a report that is about to be written."""
    return secrets.token_hex(16)


def kind_of(text: str) -> ReportKind:
    """Read a kind; BadInput where none was chosen."""
    try:
        return ReportKind(text)
    except ValueError:
        raise BadInput("何が起きているか（種別）を選んでください。") from None


def spot_of(lon: str, lat: str) -> LonLat | None:
    """Read a spot; None where there is none."""
    try:
        spot = LonLat(float(lon), float(lat))
    except ValueError:
        return None
    # A spot must lie in Japan: a slipped digit else puts a report into the sea off Africa.
    return spot if 120 <= spot.lon <= 155 and 20 <= spot.lat <= 46 else None


def place_of(word: str) -> Place:
    """Find the first place that *word* may mean; BadInput where there is none."""
    if not word.strip():
        raise BadInput("場所をひとことで入れるか、地図で1回さわってください。")
    found = gazetteer().find(word, 1)
    if not found:
        raise BadInput(f"「{word[:30]}」という場所が見つかりません。別の言葉にするか、地図で1回さわってください。")
    return found[0]


def seen_at(text: str, before: datetime | None = None) -> datetime | None:
    """Read 17:42 as the last time it was 17:42; None where nothing was typed, which is now.

    A time that is only just ahead is a slip, and no word of yesterday. Put right later, it is the one nearest to
    *before*: a report of yesterday does not become one of today.
    """
    text = text.strip()
    if not text:
        return None
    try:
        said = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007  # the zone is put in below
    except ValueError:
        raise BadInput("見た時刻は 17:42 のように入れてください。") from None
    shared = hub(current_app)
    now = shared.now.astimezone(shared.config.city.zone)
    there = now if before is None else before.astimezone(now.tzinfo)
    moment = there.replace(hour=said.hour, minute=said.minute, second=0, microsecond=0)
    days = [moment + timedelta(days=n) for n in (-1, 0, 1)]
    if before is not None:
        return min((day for day in days if day <= now + SKEW), key=lambda day: abs(day - there), default=days[0])
    if any(now + SKEW < day <= now + SLIP for day in days):
        raise BadInput(f"見た時刻 {text} が、いま（{now:%H:%M}）より先です。時刻を直してください。")
    return max(day for day in days if day <= now + SKEW)


def version() -> int:
    """Give the version that the form was made of."""
    try:
        return int(request.form.get("version", ""))
    except ValueError:
        raise BadInput("画面が古くなっています。読み込み直してください。") from None


def conflict_words(fault: Conflict) -> str:
    """Say who was faster."""
    return f"さきほど {fault.who} さんがこの報告を変えました。いまの内容を確かめて、もう一度決めてください。"


def typed(*names: str) -> dict[str, Any]:
    """Give what was typed, to be shown again."""
    return {name: request.form.get(name, "") for name in names}
