"""The room of the resident's pages: which address leads to which question, and what every answer carries."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException, TooManyRequests
from werkzeug.wrappers import Response

from disaster_hub.portal.doors import Door, Room
from disaster_hub.portal.resident import (
    address,
    answers,
    back,
    contact,
    danger,
    enrol,
    going,
    helper,
    last,
    levels,
    paper,
    people,
    pin,
    plan,
    record,
    reply,
    sharing,
    unsubscribe,
    worker,
)
from disaster_hub.portal.resident.asking import PARTS, here
from disaster_hub.portal.resident.draft import LAST
from disaster_hub.portal.resident.talk import COOKIE, NAMES, chosen, say, tag, unfilled
from disaster_hub.portal.resident.visit import arrive as arrives
from disaster_hub.portal.resident.visit import enter, remember, visit

A_YEAR_S = 31_536_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; img-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ASKS: dict[int, Any] = {
    1: address.ask, 2: pin.ask, 3: danger.ask, 4: people.ask, 5: going.ask, 6: levels.ask, 7: sharing.ask, 8: last.ask,
}  # fmt: skip
TAKES: dict[int, Any] = {
    1: address.take, 2: pin.take, 3: danger.take, 4: people.take, 5: going.take, 6: levels.take, 7: sharing.take,
}  # fmt: skip
room = Room("resident", __name__, door=Door.ANYONE)


@room.record_once
def _prepare(state: Any) -> None:
    """Our own script's requests and queued answers prove themselves otherwise (`guard`); forms keep their token."""
    protection = state.app.extensions["csrf"]
    ours = answers.take, answers.received, contact.take, contact.line, back.found, reply.take, helper.push
    for view in (*ours, unsubscribe.end):
        protection.exempt(view)


@room.context_processor
def _words() -> dict[str, Any]:
    city = current_app.extensions["disaster_hub"].config.city
    name = city.name if chosen().startswith("ja") else city.name_en
    return {"say": say, "unfilled": unfilled, "tag": tag, "chosen": chosen, "tongues": NAMES, "city_name": lambda: name}


@room.after_request
def _headers(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = _policy()
    answer.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(self), payment=()"
    answer.headers.setdefault("Cache-Control", "no-store")
    wish = request.args.get("lang")
    if wish is not None and wish in NAMES:
        path = request.script_root or "/"
        answer.set_cookie(COOKIE, wish, A_YEAR_S, path=path, samesite="Lax", secure=request.is_secure)
    return remember(answer)


def _policy() -> str:
    """Give the policy: nobody but us; on the last step also LINE, where LINE is set up, for its script asks there."""
    line = current_app.extensions["disaster_hub"].config.line
    if line is None or (request.view_args or {}).get("step") != LAST:
        return POLICY
    return POLICY.replace("connect-src 'self'", f"connect-src 'self' {line.api}")


@room.errorhandler(404)
@room.errorhandler(405)
@room.errorhandler(429)
def _nothing_here(fault: HTTPException) -> Response:
    """Say the same to everybody who has no business here: there is nothing at this address."""
    busy = isinstance(fault, TooManyRequests)
    answer = make_response(render_template("resident/nothing.html", busy=busy), fault.code or 404)
    if isinstance(fault, TooManyRequests) and fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


@room.get("/my")
def start() -> str:
    """Begin, go on, open the plan, or get it back."""
    at = visit()
    begun = at is not None and bool(at.draft.done)
    saved = at is not None and at.draft.number is not None
    return render_template("resident/start.html", begun=begun, saved=saved, next_step=at.draft.next_step if at else 1)


@room.post("/my/begin")
def begin() -> Response:
    """Open a door for a new household."""
    arrives("parent" if request.form.get("for") == "parent" else "self")
    return redirect(here(1), 303)


@room.route("/my/<int:step>", methods=["GET", "POST"])
def step(step: int) -> Any:
    """Ask one of the eight questions, or take its answer."""
    if step in PARTS:
        return redirect(here(step), 303)
    return _turn(step)


@room.route("/my/<int:step>/<part>", methods=["GET", "POST"])
def part(step: int, part: str) -> Any:
    """Ask a part of a question that takes several pages."""
    if step not in PARTS:
        abort(404)
    return _turn(step, part)


def _turn(step: int, *part: str) -> Any:
    """Ask, or take the answer; a plan that was saved before is saved again at once."""
    views = ASKS if request.method == "GET" else TAKES
    if step not in views:
        abort(404)
    answer = views[step](*part)
    return sharing.save_changes() if answer is None else answer


room.add_url_rule("/my/plan", "plan", plan.own)
room.add_url_rule("/my/record", "record", record.record)
room.add_url_rule("/my/mark", "mark", plan.mark)
room.add_url_rule("/my/settle", "settle", sharing.settle, methods=["POST"])
room.add_url_rule("/my/reviewed", "reviewed", plan.reviewed, methods=["POST"])
room.add_url_rule("/my/from-here", "from_here", plan.from_here, methods=["POST"])
room.add_url_rule("/my/share", "share", plan.share, methods=["POST"])
room.add_url_rule("/my/unshare", "unshare", plan.unshare, methods=["POST"])
room.add_url_rule("/my/received", "received", answers.received, methods=["POST"])
room.add_url_rule("/my/test", "test", contact.again, methods=["POST"])
room.add_url_rule("/my/plan.pdf", "paper", paper.sheet)
room.add_url_rule("/my/review.ics", "review", paper.review)
room.add_url_rule("/a/<token>", "reply", reply.page)
room.add_url_rule("/a/<token>", "reply_taken", reply.take, methods=["POST"])
room.add_url_rule("/u/<token>", "unsubscribe", unsubscribe.ask)
room.add_url_rule("/u/<token>", "unsubscribed", unsubscribe.end, methods=["POST"])
room.add_url_rule("/my/back/<token>", "mailed", back.mailed, methods=["GET", "POST"])
room.add_url_rule("/my/helper", "helper", helper.ask)
room.add_url_rule("/my/helper", "helper_asked", helper.take, methods=["POST"])
room.add_url_rule("/my/helper/remove", "helper_removed", helper.remove, methods=["POST"])
room.add_url_rule("/h/<token>", "consent", helper.consent, methods=["GET", "POST"])
room.add_url_rule("/h/<token>/push", "helper_push", helper.push, methods=["POST"])
room.add_url_rule("/h/go/<token>", "helper_call", helper.call, methods=["GET", "POST"])
room.add_url_rule("/sw.js", "worker", worker.script)


room.add_url_rule("/my/answers", "answers", answers.take, methods=["POST"])
room.add_url_rule("/my/contact", "contact", contact.take, methods=["POST"])
room.add_url_rule("/my/line", "line", contact.line, methods=["POST"])
room.add_url_rule("/my/number", "number", enrol.number, methods=["POST"])
room.add_url_rule("/my/proof", "proof", enrol.proof, methods=["POST"])
room.add_url_rule("/my/remove", "remove", enrol.remove, methods=["POST"])
room.add_url_rule("/my/line-code", "line_code", enrol.line_code, methods=["POST"])
room.add_url_rule("/my/back", "back", back.ask)


room.add_url_rule("/my/back", "found", back.found, methods=["POST"])
room.add_url_rule("/my/delete", "delete", plan.delete, methods=["GET", "POST"])


@room.get("/s/<token>")
def shared_plan(token: str) -> Any:
    """Show a plan to somebody with whom it was shared."""
    return plan.shared(enter(token, {"share"}))


@room.get("/manifest.webmanifest")
def manifest() -> Response:
    """Give what makes the pages installable."""
    return worker.manifest(current_app.jinja_env.globals["asset"])
