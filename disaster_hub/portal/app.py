"""The Flask application: the rooms, their doors, and what they share."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask import Flask, g, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from disaster_hub.config import Config
from disaster_hub.portal import assets, doors, frame, limits
from disaster_hub.portal.accounts import signed_in
from disaster_hub.portal.api import canary, cap, facts, gateway, line, tiles
from disaster_hub.portal.board import Board
from disaster_hub.portal.faults import answer_faults
from disaster_hub.portal.hq import alerts as sent_alerts
from disaster_hub.portal.hq import (
    areas,
    audit,
    check_list,
    checks,
    compose,
    criteria,
    decision,
    decisions,
    doubts,
    draft,
    entrance,
    handsets,
    incoming,
    names,
    nav,
    notice_rules,
    oidc,
    opening,
    papers,
    password,
    plans,
    sensors,
    shelters,
    sirens,
    staff,
    status,
)
from disaster_hub.portal.hq import board as unheard_board
from disaster_hub.portal.hq import gate as report_gate
from disaster_hub.portal.hq import layers as own_maps
from disaster_hub.portal.hq import ledger as reason_ledger
from disaster_hub.portal.hq import log as desk_log
from disaster_hub.portal.hq import map as desk_map
from disaster_hub.portal.hq import neighbours as own_neighbours
from disaster_hub.portal.hq import releases as hand_over
from disaster_hub.portal.hq import watch as watch_board
from disaster_hub.portal.hub import Hub
from disaster_hub.portal.live import Wire
from disaster_hub.portal.packed import Packed
from disaster_hub.portal.public import alerts as public_alerts
from disaster_hub.portal.public import pages, report
from disaster_hub.portal.resident import pages as resident
from disaster_hub.portal.said import said
from disaster_hub.portal.security import secure
from disaster_hub.portal.shortcut import Mounted, Shortcut
from disaster_hub.portal.spoken import teach
from disaster_hub.portal.throttle import Throttle
from disaster_hub.portal.words import COOKIE, _, asked, here, languages
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import utc_now

A_YEAR_S = 31_536_000


def directly(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run slow work here and now; the server gives something better."""
    return function(*arguments)


def create_app(
    config: Config,
    store: Store,
    *,
    wall: Callable[[], datetime] = utc_now,
    aside: Callable[..., Any] = directly,
) -> Flask:
    """Make the portal over *store*; nothing is polled or scheduled in here."""
    board = Board(config, store, wall)
    config = board.config
    app = Flask("disaster_hub.portal", static_folder=None)
    app.extensions["disaster_hub"] = Hub(config, store, board, Wire(), Throttle(time.monotonic), wall, aside)
    made = frame.build(config)
    files = assets.gather(made)
    secure(app, config, store)
    _speak(app)
    limits.guard(app, time.monotonic)
    doors.watch(app)
    answer_faults(app)
    for room in (
        assets.room(files), pages.room, facts.room, tiles.room, line.room, gateway.room, resident.room,
        cap.room, canary.room, public_alerts.room, hand_over.room, sirens.room, handsets.room,
        entrance.room, status.room, plans.room,
        staff.room, password.room, opening.room, audit.room, oidc.room,
        *incoming.ROOMS,
        check_list.room, checks.room, shelters.room, report_gate.room, report.room,
        sensors.room, papers.room,
        compose.room, draft.room, sent_alerts.room,
        decisions.room, decision.room, criteria.room, areas.room, notice_rules.room, doubts.room,
        unheard_board.room, own_neighbours.room, reason_ledger.room,
        own_maps.room, desk_map.room, watch_board.room, desk_log.room,
    ):  # fmt: skip
        app.register_blueprint(room)
    app.jinja_env.globals |= {
        "_": _, "here": here, "languages": languages, "frame": made, "config": config, "world": board.world,
        "account": signed_in, "desk_pages": nav.pages, "page_said": said,
        "asset": lambda path: url_for("assets.file", stamp=files.stamp, path=path),
    }  # fmt: skip
    app.jinja_env.filters["who"] = names.who
    teach(app, config)
    _mount(app, config, board)
    return app


def _speak(app: Flask) -> None:
    """Choose the language of each request, and remember a choice."""

    @app.before_request
    def _choose() -> None:
        g.words = asked(request)

    @app.after_request
    def _remember(answer: Response) -> Response:
        wish = request.args.get("lang")
        if wish is not None and wish in languages():
            path = request.script_root or "/"
            answer.set_cookie(COOKIE, wish, A_YEAR_S, path=path, samesite="Lax", secure=request.is_secure)
        return answer


def _mount(app: Flask, config: Config, board: Board) -> None:
    """Put the short cut, the base path and the proxies before the application, in the order they are met."""
    ways: dict[str, Callable[[], Packed]] = {
        "/api/situation": board.situation,
        "/api/layers/areas.geojson": partial(board.layer, "areas"),
        "/api/layers/stations.geojson": partial(board.layer, "stations"),
    }
    wsgi: Any = Shortcut(app.wsgi_app, ways)
    if config.portal.base_path.strip("/"):
        wsgi = Mounted(wsgi, "/" + config.portal.base_path.strip("/"))
    if config.portal.trusted_proxies:
        n = config.portal.trusted_proxies
        wsgi = ProxyFix(wsgi, x_for=n, x_proto=n, x_host=n, x_port=0, x_prefix=0)
    app.wsgi_app = wsgi  # type: ignore[method-assign]
