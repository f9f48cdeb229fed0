"""Time: aware UTC inside, the city's zone on the screen, and the one door to the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from disaster_hub.terms.errors import BadInput

JAPAN = ZoneInfo("Asia/Tokyo")


def utc_now() -> datetime:
    """Give the wall clock's time in UTC; only process loops and the roof ask, everyone else is told."""
    return datetime.now(UTC)


def aware(text: str) -> datetime:
    """Read an ISO 8601 time that carries its offset, as UTC; a naive time raises BadInput."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"not an ISO 8601 time: {text[:40]!r}") from None
    if moment.tzinfo is None:
        raise BadInput(f"a time without an offset: {text[:40]!r}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise BadInput(f"a time outside the years 1 to 9999: {text[:40]!r}") from None


def zulu(moment: datetime) -> str:
    """Write *moment* as ISO 8601 in UTC with `Z`; fractions only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def local(moment: datetime, zone: ZoneInfo = JAPAN) -> str:
    """Write *moment* as ISO 8601 with the offset of *zone*, to the second."""
    return moment.astimezone(zone).isoformat(timespec="seconds")
