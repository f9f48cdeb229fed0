"""One draft: the second person sees area, count and difference and types the name; one who is alone confirms twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for

from disaster_hub.config import Config
from disaster_hub.desk import approving, composing, preview, saying
from disaster_hub.desk.approving import Act
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.compose import WORDS
from disaster_hub.portal.hq.decisions import allowed, who
from disaster_hub.portal.hq.quota import remaining
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import alerts, drafts
from disaster_hub.store.drafts import Moved
from disaster_hub.store.session import Transaction
from disaster_hub.terms.draft import DraftState
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.role import Right

room = Room("hq_draft", __name__, door=Right.DECIDE, url_prefix="/hq/compose")


@dataclass(frozen=True, slots=True)
class Wrong:
    """What could not be done, and with which status the page says so."""

    text: str
    status: int


@room.get("/<identity>")
def one(identity: str) -> Any:
    """Show one draft; the script asks for its live part alone."""
    return _page(identity, None)


@room.post("/<identity>/approve")
@only(Right.APPROVE)
def approve(identity: str) -> Any:
    """Take one of the acts of who confirms what another has drafted."""
    return _act(identity, APPROVE)


@room.post("/<identity>/author")
def author(identity: str) -> Any:
    """Take one of the acts of who drafted it: take it back, or send it alone."""
    return _act(identity, AUTHOR)


def _approve(tx: Transaction, act: Act, config: Config) -> str:
    shared = hub(current_app)
    alert = approving.approve(tx, act, request.form.get("typed", ""), config, shared.wall())
    said = f"{composing.kind_words(alert.kind, alert.level)} {alert.area_name}"
    return f"発信しました：{said}。届き方はこの画面で分かります。"


def _back(tx: Transaction, act: Act, _config: Config) -> str:
    found = approving.send_back(tx, act, request.form.get("reason", ""))
    word = "取り下げました" if found.author == act.who else "差し戻しました"
    return f"{composing.title(found)} の起案を{word}。何も送られていません。"


def _looked(tx: Transaction, act: Act, _config: Config) -> str:
    approving.looked_at(tx, act)
    return "一人で発信された知らせを確認したことを記録しました。"


def _first(tx: Transaction, act: Act, config: Config) -> str:
    wall = hub(current_app).wall()
    approving.alone_first(tx, act, request.form.get("reason", ""), request.form.get("typed", ""), wall)
    pause = f"{config.sending.alone_pause_s:.0f}秒後に、2回目の確認ができます。"
    return f"1回目の確認をしました。まだ何も送られていません。{pause}"


def _second(tx: Transaction, act: Act, config: Config) -> str:
    alert = approving.alone_second(tx, act, request.form.get("typed", ""), config, hub(current_app).wall())
    said = f"{composing.kind_words(alert.kind, alert.level)} {alert.area_name}"
    return f"一人で発信しました：{said}。承認者に知らせました。"


Do = Callable[[Transaction, Act, Config], str]
APPROVE: dict[str, Do] = {"approve": _approve, "back": _back, "seen": _looked}
AUTHOR: dict[str, Do] = {"back": _back, "first": _first, "second": _second}
SENDS = ("approve", "second")


def _act(identity: str, acts: dict[str, Do]) -> Any:
    name = request.form.get("do", "")
    if name not in acts:
        abort(400)
    shared, version = hub(current_app), request.form.get("version", "")
    act = Act(identity, int(version) if version.isdecimal() else 0, who(), shared.now)
    try:
        with shared.store.write() as tx:
            found = drafts.find(tx, identity)
            if name in SENDS and found is not None:
                saying.refuse_unreviewed(found, shared.config)
            said = acts[name](tx, act, shared.config)
    except Moved as fault:
        return _page(identity, Wrong(f"{fault}。書いた文は残っています。", 409))
    except BadInput as fault:
        return _page(identity, Wrong(f"{fault}。", 400))
    flash(said, f"saved:draft-{identity}-{name}")
    with shared.store.read() as tx:
        found = drafts.find(tx, identity)
    if name in SENDS and found is not None and found.alert:
        return redirect(url_for("hq_alerts.one", identity=found.alert), 303)
    return redirect(url_for("hq_draft.one", identity=identity), 303)


def _page(identity: str, wrong: Wrong | None) -> Any:
    shared, now, keys = hub(current_app), hub(current_app).now, desk().keys
    language, line = request.args.get("language", ""), remaining()

    def read() -> dict[str, Any] | None:
        with shared.store.read() as tx:
            found = drafts.find(tx, identity)
            if found is None:
                return None
            page: dict[str, Any] = {"d": found, "expired": found.expired(now), "said": None, "earlier": None}
            page["earlier"] = alerts.find(tx, found.earlier) if found.earlier else None
            page["quota"] = line.look() if found.open else None
            page["look"] = preview.look(tx, found, shared.config, keys)
            if found.open:
                page["said"] = saying.words(tx, found, shared.config, now, language)
            return page

    page = desk().aside(read)
    if page is None:
        abort(404)
    live = "X-Part" in request.headers
    found = page["d"]
    said = render_template(
        "hq/draft_part.html" if live else "hq/draft.html", **page, **WORDS, now=now, me=who(), wrong=wrong,
        typed=request.form, may_approve=allowed(Right.APPROVE), DraftState=DraftState,
        pause=approving.pause_left(found, shared.config, shared.wall()), pause_s=shared.config.sending.alone_pause_s,
    )  # fmt: skip
    return said, 200 if wrong is None else wrong.status
