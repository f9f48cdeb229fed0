"""The yearly reminder to look at the plan again, as an iCalendar file (RFC 5545) that any phone takes.

Nothing in it says whose plan it is, where they live or what they need: a calendar is shared, copied and synchronised.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from disaster_hub.terms.errors import BadInput

MEDIA_TYPE = "text/calendar; charset=utf-8"


def reminder(first: date, now: datetime, uid: str, title: str, words: str) -> bytes:
    """Give a calendar with one whole-day entry on *first* and every year after, with an alarm at nine that morning.

    *uid* is random and the same whenever the same reminder is fetched again, so that it replaces itself.
    """
    if now.tzinfo is None:
        raise BadInput("reminder: the time it is made at has no time zone")
    # 29 February comes every fourth year only, and a plan grows old every year.
    day = first.replace(day=28) if (first.month, first.day) == (2, 29) else first
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//disaster-hub//my-timeline//JA",
        "BEGIN:VEVENT",
        f"UID:{_text(uid)}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        "RRULE:FREQ=YEARLY",
        f"SUMMARY:{_text(title)}",
        f"DESCRIPTION:{_text(words)}",
        "TRANSP:TRANSPARENT",
        "CLASS:PRIVATE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(title)}",
        "TRIGGER:PT9H",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _text(words: str) -> str:
    """Escape *words* as RFC 5545 asks (3.3.11); controls would end the line and are left out."""
    plain = words.replace("\r\n", "\n").replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "".join("\\n" if letter == "\n" else letter for letter in plain if letter == "\n" or letter >= " ")


def _folded(line: str) -> str:
    """Break *line* at 75 bytes (3.1), never inside a letter."""
    parts, used = [""], 0
    for letter in line:
        size = len(letter.encode("utf-8", "replace"))
        if used + size > (75 if len(parts) == 1 else 74):
            parts.append("")
            used = 0
        parts[-1] += letter
        used += size
    return "\r\n ".join(parts)
