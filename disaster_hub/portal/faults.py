"""Errors as people can read them: what happened, what was kept, what to do. Never a traceback."""

from __future__ import annotations

import logging

from flask import Flask, Response, current_app, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from disaster_hub.portal.words import _
from disaster_hub.terms.errors import HubError, Unreachable

log = logging.getLogger("disaster_hub.web")


def answer_faults(app: Flask) -> None:
    """Teach *app* to answer faults readably, as JSON below /api/."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Unreachable, _no_store)
    app.register_error_handler(Exception, _broken)


def _stale_form(fault: CSRFError) -> Response:
    return _page(
        400,
        _("この画面は古くなっています"),
        _("入力は受け付けていません。何も変わっていません。"),
        _("前の画面に戻り、読み込み直してから、もう一度送ってください。"),
        str(fault.description),
    )


def _refused(fault: HTTPException) -> Response:
    code = fault.code or 500
    happened, advice = {
        403: (_("ここには入れません"), _("本部の方はサインインしてください。")),
        404: (_("このページはありません"), _("アドレスを確かめるか、地図に戻ってください。")),
        405: (_("この操作はできません"), _("地図に戻ってください。")),
        413: (_("送られたデータが大きすぎます"), _("小さくして、もう一度送ってください。")),
        429: (
            _("続けて送られたため、少しお待ちください"),
            _("戻ると、入力した文は残っています。少し待って、もう一度送ってください。"),
        ),
    }.get(code, (_("受け付けられませんでした"), _("前の画面に戻って、もう一度お試しください。")))
    answer = _page(code, happened, _("記録されている情報は、そのままです。"), advice, fault.description or "")
    wait = getattr(fault, "retry_after", None)
    if wait is not None:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _no_store(fault: HubError) -> Response:
    log.warning("%s %s: %s", request.method, _where(), fault)
    return _page(
        503,
        _("いま記録を読み書きできません"),
        _("これまでに記録された情報は残っています。"),
        _("少し待って読み込み直してください。続くときは、システムの担当者に知らせてください。"),
        "store: not available",
    )


def _broken(fault: Exception) -> Response:
    log.error("%s %s", request.method, _where(), exc_info=fault)
    return _page(
        500,
        _("システムの内部で誤りが起きました"),
        _("記録されている情報は、そのままです。"),
        _("少し待って読み込み直してください。続くときは、この時刻とともにシステムの担当者に知らせてください。"),
        "internal error",
    )


def _where() -> str:
    """Name the address as a pattern: a shared link's token stands in the path, and must not stand in the log."""
    return request.url_rule.rule if request.url_rule is not None else "an unknown address"


def _page(code: int, happened: str, kept: str, advice: str, plain: str) -> Response:
    if request.path.startswith("/api/"):
        answer = jsonify({"error": plain, "status": code})
    else:
        text = render_template("fault.html", code=code, happened=happened, kept=kept, advice=advice)
        answer = current_app.make_response(text)
    answer.status_code = code
    return answer
