"""The rooms through which reports come in and are worked on."""

from __future__ import annotations

from disaster_hub.portal.hq import call, field, finder, report, report_photos, reports

ROOMS = (finder.room, call.room, reports.room, report.room, report_photos.room, field.room)
