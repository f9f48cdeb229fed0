"""What a phone says of a seeing: an id of its own, when and where it was seen, a photo; read from any form."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, flash, jsonify, redirect, request

from disaster_hub.desk.photo import cleaned
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.guard import HEADER, form_token
from disaster_hub.terms.clock import aware
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import LonLat

ID = re.compile(r"[A-Za-z0-9-]{8,64}")
OLDEST = timedelta(days=3)
LARGEST_PHOTO = 8 * 1024 * 1024
LARGEST = LARGEST_PHOTO + 64 * 1024
ALLOWED = "camera=(self), microphone=(), geolocation=(self), payment=()"


def ours() -> None:
    """Let our own script pass, whose words may have waited for hours; a plain form needs its token.

    A browser lets no other site send our header without asking us, and says of itself where a request comes from.
    """
    sent_by_script = HEADER in request.headers and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    if not sent_by_script:
        form_token()


def with_photo() -> None:
    """Let this one request be as large as a photo is."""
    request.max_content_length = LARGEST


def identity() -> str:
    """Give the id that was made on the phone; a new one where a plain form sent none."""
    said = request.form.get("id", "")
    if said and not ID.fullmatch(said):
        raise BadInput("記録の番号が正しくありません。画面を開き直してください")
    return said or secrets.token_hex(16)


def moment(now: datetime, name: str = "seen_at") -> datetime:
    """Give when it was seen: the phone's word, never in the future; now where it says nothing."""
    said = request.form.get(name, "")
    if not said:
        return now
    at = aware(said)
    if at < now - OLDEST:
        raise BadInput("見た時刻が3日より前です。端末の時計を確かめてください")
    return min(at, now)


def spot() -> LonLat | None:
    """Give where the phone was; None where it did not say."""
    try:
        lon, lat = (float(request.form.get(name, "")) for name in ("lon", "lat"))
    except ValueError:
        return None
    return LonLat(lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def text(name: str, most: int) -> str:
    """Give a typed text without the blanks around it; too long a one raises BadInput."""
    said = request.form.get(name, "").strip()
    if len(said) > most:
        raise BadInput(f"文が長すぎます（{most}文字まで、いま{len(said)}文字）")
    return said


def photo() -> bytes | None:
    """Give the photo without what is hidden in it, as JPEG; None where none was sent."""
    file = request.files.get("photo")
    if file is None or not file.filename:
        return None
    body = file.stream.read(LARGEST_PHOTO + 1)
    if not body:
        return None
    if len(body) > LARGEST_PHOTO:
        raise BadInput("写真が大きすぎます（8MBまで）")
    return desk().aside(cleaned, body)  # a picture of many pixels would hold up everybody else's page


def by_script() -> bool:
    """Tell whether our script sent this and waits for a word of JSON."""
    return HEADER in request.headers


def answer(said: str, page: str, saved: str = "", **more: Any) -> Any:
    """Say that it is kept: to the script in JSON, to a person by the page that comes next."""
    if by_script():
        return jsonify({"said": said} | more)
    flash(said, f"saved:{saved}" if saved else "message")
    return redirect(page, 303)


def refused(said: str, status: int = 400) -> Response:
    """Say to the script in one sentence why it is not kept; sending it again would not help."""
    made = jsonify({"said": said})
    made.status_code = status
    return made


def zone() -> Any:
    """Give the city's time zone."""
    return current_app.extensions["disaster_hub"].config.city.zone


def allow(made: Response) -> Response:
    """Let this room's pages ask the phone where it is, and for a picture."""
    made.headers["Permissions-Policy"] = ALLOWED
    return made
