"""When a helper is asked, and when the next one is: in time to get there, and never into a window that has shut."""

from __future__ import annotations

from datetime import datetime, timedelta

from disaster_hub.rules.unanswered import Unheard, Window

TELL_BEFORE = timedelta(minutes=30)
"""So long before the household's latest minute its helper is asked: time for a first, a second and a third."""
AT_LEAST = timedelta(minutes=10)
"""Later than this before the minute nobody is asked for the first time, unless the order itself came later."""
GRACE = timedelta(minutes=5)
"""Where nobody can say a minute, the household has so long to answer by itself."""
WAIT = timedelta(minutes=5)
"""So long a helper has to say that they go; then the next one is proposed."""
SHORTEST_WAIT = timedelta(minutes=2)


def due(one: Unheard, asked_at: datetime, now: datetime) -> bool:
    """Tell whether a helper is to be asked for a household that has not answered."""
    window = one.window(now)
    if window is Window.OPEN and one.minute is not None:
        return one.unreached or one.minute - now <= TELL_BEFORE
    return window is Window.NOT_KNOWN and (one.unreached or now - asked_at >= GRACE)


def too_late(one: Unheard, now: datetime) -> bool:
    """Tell whether nobody is to be sent any more: the way there and back is not dry."""
    return one.window(now) in {Window.SHUT, Window.STAYS}


def silent(asked_at: datetime, shuts_at: datetime | None, now: datetime) -> bool:
    """Tell whether a helper has had time enough to answer; less where there is little left."""
    wait = WAIT
    if shuts_at is not None:
        wait = max(SHORTEST_WAIT, min(WAIT, (shuts_at - asked_at) / 4))
    return now - asked_at >= wait
