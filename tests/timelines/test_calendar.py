"""The yearly reminder is a calendar that others read, with nobody's name in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from disaster_hub.terms.errors import BadInput
from timelines import calendar

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def event(made: bytes):
    (found,) = Calendar.from_ical(made).walk("VEVENT")
    return found


def test_it_comes_back_every_year() -> None:
    made = event(calendar.reminder(date(2027, 6, 1), NOW, "b1946ac9", "避難の計画を見直す日", "紙とスマホの計画を見る"))
    assert made["RRULE"]["FREQ"] == ["YEARLY"]
    assert made.decoded("DTSTART") == date(2027, 6, 1)
    assert made.decoded("DTEND") == date(2027, 6, 2)
    assert made.decoded("DTSTAMP") == NOW
    assert str(made["SUMMARY"]) == "避難の計画を見直す日"
    assert made.walk("VALARM")[0].decoded("TRIGGER") == timedelta(hours=9)


def test_hostile_words_stay_words() -> None:
    words = "a;b,c\\d\nEND:VEVENT\r\nX\x07" + "長い" * 60
    made = calendar.reminder(date(2027, 6, 1), NOW, "u", words, words)
    assert str(event(made)["SUMMARY"]) == words.replace("\r\n", "\n").replace("\x07", "")
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    assert made.decode()


def test_leap_day_does_not_mean_every_fourth_year() -> None:
    assert event(calendar.reminder(date(2028, 2, 29), NOW, "u", "t", "w")).decoded("DTSTART") == date(2028, 2, 28)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(BadInput):
        calendar.reminder(date(2027, 6, 1), NOW.replace(tzinfo=None), "u", "t", "w")
