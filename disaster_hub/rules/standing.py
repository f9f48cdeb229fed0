"""What stands of what an office said: order, corrections and withdrawals, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from disaster_hub.terms.bulletin import Bulletin, InfoType, Status

Said = tuple[str, Bulletin]
"""A bulletin with its identity."""


def order(said: Said) -> tuple[datetime, int, datetime, str]:
    """Give the place of a bulletin in time: a correction repeats report time and serial, only its sending is later."""
    identity, bulletin = said
    serial = bulletin.serial or ""
    number = int(serial) if serial.isascii() and serial.isdigit() else -1
    return bulletin.reported_at, number, bulletin.sent_at, identity


def standing(said: Iterable[Said]) -> list[Said]:
    """Give the bulletins that stand, oldest first: actual ones, less what was withdrawn.

    A withdrawal (取消) takes back the bulletins of the same event and serial; where the family has neither, the
    newest issue before it with all its corrections. What stood before then stands again.
    """
    ordered = sorted({s[0]: s for s in said if s[1].status is Status.ACTUAL}.values(), key=order)
    stack: list[Said] = []
    for one in ordered:
        if one[1].info_type is InfoType.CANCEL:
            stack = _without(stack, one[1])
        else:
            stack.append(one)
    return stack


def withdrawn_to_nothing(said: Sequence[Said]) -> Bulletin | None:
    """Give the last withdrawal where it left nothing standing: then nothing is known, and that is not safety."""
    if standing(said):
        return None
    cancels = [s for s in said if s[1].info_type is InfoType.CANCEL and s[1].status is Status.ACTUAL]
    return max(cancels, key=order)[1] if cancels else None


def _without(stack: list[Said], cancel: Bulletin) -> list[Said]:
    if not stack:
        return stack
    named = (cancel.event_id, cancel.serial)
    if any(named):
        return [s for s in stack if (s[1].event_id, s[1].serial) != named]
    last = stack[-1][1].reported_at
    return [s for s in stack if s[1].reported_at != last]
