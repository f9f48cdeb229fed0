"""How templates say times, ages and values: 20:58, 8分前, 1.42 m."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask

from disaster_hub.config import Config
from disaster_hub.portal.words import _

MINUTE, HOUR, DAY = 60, 3600, 86_400


def age(seconds: float | None) -> str:
    """Say a span of time as people do."""
    if seconds is None:
        return _("不明")
    whole = int(seconds)
    if whole < MINUTE:
        return _("%(n)s秒前", n=max(0, whole))
    if whole < HOUR:
        return _("%(n)s分前", n=whole // MINUTE)
    if whole < 2 * DAY:
        return _("%(n)s時間前", n=whole // HOUR)
    return _("%(n)s日前", n=whole // DAY)


def weekday(moment: datetime) -> str:
    """Name the day of the week."""
    return (_("月"), _("火"), _("水"), _("木"), _("金"), _("土"), _("日"))[moment.weekday()]


def teach(app: Flask, config: Config) -> None:
    """Give the templates of *app* these words."""
    zone = config.city.zone

    @app.template_filter("clock")
    def _clock(moment: datetime | None) -> str:
        return "" if moment is None else f"{moment.astimezone(zone):%H:%M}"

    @app.template_filter("day_and_clock")
    def _day_and_clock(moment: datetime | None) -> str:
        if moment is None:
            return _("まだありません")
        there = moment.astimezone(zone)
        day = _("%(m)s月%(d)s日（%(w)s）", m=there.month, d=there.day, w=weekday(there))
        return f"{day} {there:%H:%M}"

    app.template_filter("age")(age)

    @app.template_filter("since")
    def _since(moment: datetime | None, now: datetime) -> str:
        return age(None if moment is None else max(timedelta(), now - moment).total_seconds())
