"""One draft: the second person sees area, count and difference and types the name; one who is alone confirms twice."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for

from disaster_hub.config import Config
from disaster_hub.desk import approving, composing, preview, saying
from disaster_hub.desk.acting import Act
from disaster_hub.desk.which_world import leaves_as
from disaster_hub.portal.doors import Room, only
from disaster_hub.portal.hq.acting import Do, Wrong, attempt
from disaster_hub.portal.hq.compose import WORDS
from disaster_hub.portal.hq.decisions import allowed, who
from disaster_hub.portal.hq.quota import remaining
from disaster_hub.portal.hub import hub
from disaster_hub.portal.resident.desk import desk
from disaster_hub.store import alerts, drafts, worlds
from disaster_hub.store.session import Transaction
from disaster_hub.terms.draft import DraftState
from disaster_hub.terms.role import Right

room = Room("hq_draft", __name__, door=Right.DECIDE, url_prefix="/hq/compose")


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


def _approve(tx: Transaction, act: Act) -> str:
    typed, wall = request.form.get("typed", ""), hub(current_app).wall()
    alert = approving.approve(tx, act, typed, _reviewed(tx, act), wall)
    return f"発信しました：{composing.sent_title(alert)}。届き方はこの画面で分かります。"


def _back(tx: Transaction, act: Act) -> str:
    found = approving.send_back(tx, act, request.form.get("reason", ""))
    word = "取り下げました" if found.author == act.who else "差し戻しました"
    return f"{composing.title(found)} の起案を{word}。何も送られていません。"


def _looked(tx: Transaction, act: Act) -> str:
    approving.looked_at(tx, act)
    return "一人で発信された知らせを確認したことを記録しました。"


def _first(tx: Transaction, act: Act) -> str:
    config, wall = hub(current_app).config, hub(current_app).wall()
    approving.alone_first(tx, act, request.form.get("reason", ""), request.form.get("typed", ""), wall)
    pause = f"{config.sending.alone_pause_s:.0f}秒後に、2回目の確認ができます。"
    return f"1回目の確認をしました。まだ何も送られていません。{pause}"


def _second(tx: Transaction, act: Act) -> str:
    typed, wall = request.form.get("typed", ""), hub(current_app).wall()
    alert = approving.alone_second(tx, act, typed, _reviewed(tx, act), wall)
    return f"一人で発信しました：{composing.sent_title(alert)}。承認者に知らせました。"


APPROVE: dict[str, Do] = {"approve": _approve, "back": _back, "seen": _looked}
AUTHOR: dict[str, Do] = {"back": _back, "first": _first, "second": _second}
SENDS = ("approve", "second")


def _act(identity: str, acts: dict[str, Do]) -> Any:
    done = attempt(identity, acts)
    if isinstance(done, Wrong):
        return _page(identity, done)
    flash(done.said, f"saved:draft-{identity}-{done.name}")
    with hub(current_app).store.read() as tx:
        found = drafts.find(tx, identity)
    if done.name in SENDS and found is not None and found.alert:
        return redirect(url_for("hq_alerts.one", identity=found.alert), 303)
    return redirect(url_for("hq_draft.one", identity=identity), 303)


def _reviewed(tx: Transaction, act: Act) -> Config:
    """Give the configuration, once what would go out has been reviewed."""
    config, found = hub(current_app).config, drafts.find(tx, act.id)
    if found is not None:
        saying.refuse_unreviewed(found, config)
    return config


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
            page["leaves"] = leaves_as(found.status, shared.config, worlds.current(tx))
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
