"""防災行政無線: a text to be read aloud, said twice, with the seconds that it takes."""

from __future__ import annotations

from disaster_hub.terms.alert import AlertKind
from disaster_hub.terms.release import Form, Part, Release
from timelines.releases.words import Matter, Town, clock, mark, what_to_do, width

SILENT = " 　、。・（）「」【】\n"
"""Not read; each full stop is a breath instead."""
BREATH_S = 0.6
EXERCISE = "これは訓練です。"


def write(matter: Matter, town: Town) -> Release | None:
    """Write it; None for what another office says anyhow: the siren is for the city's own word."""
    if matter.kind in {AlertKind.AUTOMATIC, AlertKind.CALM}:
        return None
    alert, first = matter.alert, mark(matter.alert)
    drill = [EXERCISE] if first else []
    news = "お知らせ" if matter.kind is AlertKind.INFORMATION else f"{_spoken(matter.title)}のお知らせ"
    said = [f"{town.name}から、{news}です。", *_sentences(matter)]
    lines = [
        f"こちらは、{town.name}です。", *drill, *said, *drill,
        "繰り返します。", *said, *drill, f"こちらは、{town.name}です。",
    ]  # fmt: skip
    text = first + "\n".join(lines)
    parts = (Part("読み上げ文", text, None, width(text)),)
    return Release(
        alert.id, Form.LOUDSPEAKER, alert.decided_at, parts, "loudspeaker.txt", f"{text}\n",
        seconds=seconds(text.removeprefix(first), town.spoken_per_second),
    )  # fmt: skip


def _sentences(matter: Matter) -> list[str]:
    """Say when, where and what to do; the name of an order is said twice in a row, since wind takes half of it."""
    alert = matter.alert
    found = [f"{clock(alert.decided_at)}、対象は、{_spoken(matter.area)}です。"]
    if matter.orders and matter.kind in {AlertKind.ORDER, AlertKind.UPDATE}:
        name = _spoken(matter.named)
        found.insert(0, f"{name}、{name}。")
    found += [_spoken(one) for one in what_to_do(matter)]
    if matter.hazard and matter.kind in {AlertKind.ORDER, AlertKind.UPDATE}:
        found.append(f"{matter.hazard}のおそれがあります。")
    return found


def _spoken(text: str) -> str:
    """Write a pause as a comma: what stands between two names is read as one word."""
    return text.replace("・", "、").replace(" ", "、").replace("　", "、").replace("（", "、").replace("）", "")


def seconds(text: str, per_second: float) -> float:
    """Reckon how long it takes to read: every character, and a breath at every full stop."""
    spoken = sum(1 for c in text if c not in SILENT)
    return round(spoken / per_second + text.count("。") * BREATH_S, 1)
