"""The page behind a message's link: what to do now, four buttons, no sign-in; looking at it counts for nothing."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, NoReturn

from flask import abort, g, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from disaster_hub.alerts import answering
from disaster_hub.portal.resident import afterwards
from disaster_hub.portal.resident.answers import MOST, read
from disaster_hub.portal.resident.asking import ANSWERS
from disaster_hub.portal.resident.desk import Desk, desk
from disaster_hub.portal.resident.guard import only_ours
from disaster_hub.portal.resident.talk import COOKIE, NAMES, chosen, say, unfilled, when
from disaster_hub.portal.resident.visit import cookie
from disaster_hub.store import alerts, briefs, help_calls, household_doors
from disaster_hub.store.keyring import KeyGone
from disaster_hub.terms.alert import Alert, Brief, Told
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Answer
from disaster_hub.terms.way import Word
from timelines import messages, present_brief
from timelines.message_lines import LAST as SAVE_YOURSELF
from timelines.message_lines import PERSONAL, clock

LIFE = timedelta(days=14)
"""So long after an alert's own end its page can still be opened; then its link leads nowhere."""
CROSS = frozenset({"cross-site", "same-site"})


def page(token: str) -> Response:
    """Show the alert in this household's words; a GET counts for nothing, for scanners and previews open links too."""
    here = desk()
    told, alert = _opened(here, token)
    brief = _brief(here, told, here.now)
    _speak(here, alert, brief)
    with here.shared.store.read() as tx:
        last = alerts.answer_of(tx, alert.id, told.household)
        over = afterwards.ended(tx, alert, told.household, here.now)
        calls = help_calls.of_home(tx, alerts.chain(tx, alert)[-1].id, told.household)
        door = _door(tx, told.household, here.now)
    lines = messages.page_lines(alert, brief, here.now, here.shared.config.city, chosen())
    answer = make_response(
        render_template(
            "resident/reply.html",
            token=token,
            level=alert.level if alert.kind in PERSONAL and not alert.rule else None,
            lines=lines,
            asks=alert.kind in PERSONAL,
            nonce=secrets.token_hex(8),
            answer_words=ANSWERS,
            answered=say("answer.last", time=when(last.given_at), word=say(f"answer.{last.word}")) if last else "",
            noted=afterwards.told(last.word) if last else "",
            told={word: afterwards.told(word) for word in ANSWERS},
            word=last.word if last else "",
            meanings=afterwards.meanings(alert, brief, here.now, calls),
            instead=afterwards.INSTEAD,
            over=over,
            door=door,
            **_counted(alert, brief, here.now),
        )
    )
    return quiet(answer)


def take(token: str) -> Response:
    """Take the answer that was pressed, or what waited on a phone without a network; each counts once."""
    if request.headers.get("Sec-Fetch-Site", "") in CROSS:
        abort(403)
    here = desk()
    told, alert = _opened(here, token)
    if request.is_json:
        only_ours()
        return quiet(_queue(here, told))
    word = request.form.get("word", "")
    if word not in ANSWERS:
        abort(400)
    made = hashlib.sha256(f"{token}:{request.form.get('nonce', '')[:64]}:{word}".encode()).hexdigest()[:32]
    with here.shared.store.write() as tx:
        # The same press twice is one answer; pressing it anew after another word is a new one.
        if not answering.take(
            tx, here.keys, alert.id, told.household, word, here.now, here.now, "link", id=made
        ):  # fmt: skip
            last = alerts.answer_of(tx, alert.id, told.household)
            if last is not None and last.word != word:
                answering.take(tx, here.keys, alert.id, told.household, word, here.now, here.now, "link")
    return quiet(redirect(url_for("resident.reply", token=token), 303))


def _queue(here: Desk, told: Told) -> Response:
    said = request.get_json(silent=True)
    rows = said.get("answers") if isinstance(said, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST:
        abort(400)
    good: list[Answer] = []
    bad: list[str] = []
    for row in rows:
        try:
            one = read(row, here.shared.wall())
        except BadInput:
            bad.append(str(row.get("id", ""))[:64] if isinstance(row, dict) else "")
            continue
        if one.word in ANSWERS:
            good.append(one)
        else:
            bad.append(one.id)
    world = here.shared.board.world
    with here.shared.store.write() as tx:
        for one in good:
            # An exercise has its own clock: what the phone's clock said is told in the time of this world.
            given = world.now(one.given_at)
            answering.take(
                tx, here.keys, told.alert, told.household, one.word, given, here.now, "link", one.spot, one.id
            )  # fmt: skip
    return jsonify({"taken": [one.id for one in good] + bad, "refused": bad})


def _opened(here: Desk, token: str) -> tuple[Told, Alert]:
    """Find whose page it is; every link that opens none gets the same answer, and guessing it takes ever longer."""
    with here.shared.store.read() as tx:
        told = answering.by_token(tx, token)
        alert = alerts.find(tx, told.alert) if told is not None else None
    if told is None or alert is None or here.now >= alert.expires_at + LIFE:
        refuse(here, "answer")
    return told, alert


def refuse(here: Desk, door: str) -> NoReturn:
    """Say that there is nothing here; a right link is never kept waiting by a guesser behind the same address."""
    key = f"{request.remote_addr or '?'} {door}"
    wait = here.shared.throttle.wait_s(key)
    if wait > 0:
        raise TooManyRequests(retry_after=int(wait) + 1)
    here.shared.throttle.wrong(key)
    abort(404)


def _brief(here: Desk, told: Told, now: datetime) -> Brief | None:
    """Give the brief that was sent, or the present one where it is newer; never one that gives more time."""
    with here.shared.store.read() as tx:
        try:
            key = here.keys.key(told.household)
            sent = None if told.sealed is None else briefs.opened_brief(key, told.household, told.sealed)
        except (KeyGone, BadInput):
            return None
        present = briefs.read(tx, here.keys, [told.household]).get(told.household)
    return present_brief.of(sent, present, now)


def _speak(here: Desk, alert: Alert, brief: Brief | None) -> None:
    """Speak the household's language, as its messages do, unless this reader has chosen one on these pages."""
    if brief is None or request.args.get("lang") in NAMES or request.cookies.get(COOKIE) in NAMES:
        return
    g.tongue = messages.language_for(alert, brief, here.reviews()) or chosen()


def _counted(alert: Alert, brief: Brief | None, now: datetime) -> dict[str, Any]:
    """Give what the page needs to let the minutes run down by itself."""
    bare: dict[str, Any] = {"until": "", "iso": now.isoformat(), "words": "", "after": "", "after_why": "", "by": ""}
    if brief is None or alert.kind not in PERSONAL or alert.level == SAVE_YOURSELF:
        return bare
    word, leave_at, until = messages.as_it_stands(brief, now)
    end = leave_at or (None if brief.unsure else until)
    if end is None or word in {Word.GO_UP, Word.STAY}:
        return bare
    counts = word is Word.LEAVE_BY
    left = int((end - now).total_seconds() // 60)
    up = ("now.go_up", {"floor": brief.storeys}) if brief.storeys > 1 else ("now.go_up_here", {})
    return bare | {
        "until": end.isoformat(),
        "words": unfilled("now.by").replace("{time}", clock(end)) if counts else "",
        "by": say("now.by", time=clock(end), minutes=left) if counts else "",
        "after": say(up[0], **up[1]),
        "after_why": say("now.why_go_up"),
    }


def _door(tx: Any, household: str, now: datetime) -> bool:
    """Tell whether this phone holds the household's own door: then the plan and its map are one tap away."""
    token = request.cookies.get(cookie())
    if not token:
        return False
    entry = household_doors.look(tx, token[:200], now)
    return entry is not None and entry.household == household and entry.kind == "phone"


def quiet(answer: Response) -> Response:
    """Let no other page learn this address, and no search engine keep it."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Cache-Control"] = "no-store"
    return answer
