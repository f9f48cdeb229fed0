"""Lアラート: the key items in the order of the sender's client, as a table that a clerk types in or imports."""

from __future__ import annotations

import csv
import io

from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.clock import JAPAN, local
from disaster_hub.terms.decision import is_drawn
from disaster_hub.terms.release import Form, Part, Release
from disaster_hub.terms.world import WorldKind
from timelines.releases.words import Matter, Town, bare, clock, handle, mark, what_to_do, width

DONE = {
    AlertKind.ORDER: ("発令", "新規"), AlertKind.UPDATE: ("発令", "訂正"), AlertKind.CANCEL: ("発令", "取消"),
    AlertKind.LIFT: ("解除", "新規"), AlertKind.INFORMATION: ("", "新規"),
}  # fmt: skip
MAPPED = "地図で示した範囲（CAP の polygon と同じ）"
RISKY = ("=", "+", "-", "@", "\t")


def write(matter: Matter, town: Town) -> Release | None:
    """Write it; None for what another office has entered there itself."""
    if matter.kind not in DONE:
        return None
    alert, first = matter.alert, mark(matter.alert)
    rows = [Part(name, _cell(text), None, width(text)) for name, text in _items(matter, town, first)]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(("項目", "内容"))
    table.writerows((one.name, one.text) for one in rows)
    # With a byte order mark: the spreadsheet of the office opens it as UTF-8.
    content = "\ufeff" + out.getvalue()
    return Release(alert.id, Form.LALERT, alert.decided_at, tuple(rows), "lalert.csv", content, "text/csv")


def _items(matter: Matter, town: Town, first: str) -> list[tuple[str, str]]:
    alert, before = matter.alert, matter.before
    done, version = DONE[matter.kind]
    here = alert.decided_at.astimezone(JAPAN)
    earlier = "" if before is None else f"{handle(before.id)}（{clock(before.decided_at)}）"
    return [
        ("運用種別", "本番" if alert.world is WorldKind.REAL else "訓練"),
        ("情報種別", "避難指示等" if matter.orders else "お知らせ"),
        ("更新種別", version),
        ("発令・解除の別", done if matter.orders else ""),
        ("発信団体", town.name),
        ("全国地方公共団体コード（先頭5桁）", town.code[:5]),
        ("見出し", f"{first}{matter.title}"),
        ("避難情報の名称", matter.order if matter.orders else ""),
        ("警戒レベル", str(matter.level) if matter.orders else ""),
        ("災害の種別", matter.hazard),
        ("対象地区名", f"{first}{matter.area}"),
        ("対象地区コード", " ".join(code for code in alert.areas if not is_drawn(code))),
        (
            "対象地区の範囲",
            f"{first}{MAPPED}" if any(map(is_drawn, alert.areas)) else "",
        ),
        ("発令・解除の日時", f"{here:%Y-%m-%d %H:%M}（{clock(here)}）"),
        ("理由", f"{first}{bare(alert.why)}"),
        ("本文", first + "".join(what_to_do(matter))),
        ("補足", f"{first}{bare(alert.note)}" if alert.note.strip() else ""),
        ("伝達の期限", local(alert.expires_at)),
        ("この情報の番号", handle(alert.id)),
        ("もとの情報の番号", earlier),
    ]


def _cell(text: str) -> str:
    """Keep a spreadsheet from reckoning with what somebody typed."""
    return f"'{text}" if text.startswith(RISKY) else text
