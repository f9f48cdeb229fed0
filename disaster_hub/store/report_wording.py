"""What changed in a report, in one line for the room's log; free text is never repeated there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from disaster_hub.terms.report import KIND_NAMES, STATE_NAMES, ReportKind, ReportState

FIELDS = {
    "lon": "地図の位置を直しました",
    "place": "場所の言葉を直しました",
    "said": "内容を書き直しました",
    "seen_at": "見た時刻を直しました",
    "person": "連絡先を書き足しました",
    "photos": "写真を加えました",
}


def changed_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Say what changed: states, kinds and departments with both values, of the rest only that it changed."""
    said = []
    if "state" in after:
        said.append(f"{STATE_NAMES[ReportState(before['state'])]}→{STATE_NAMES[ReportState(after['state'])]}")
    if "kind" in after:
        said.append(f"種別 {KIND_NAMES[ReportKind(before['kind'])]}→{KIND_NAMES[ReportKind(after['kind'])]}")
    if "department" in after:
        said.append(f"担当：{before['department'] or 'なし'}→{after['department'] or 'なし'}")
    if "links" in after:
        more, less = set(after["links"]) - set(before["links"]), set(before["links"]) - set(after["links"])
        said += [f"道路 {len(more)}区間を通行止め"] if more else []
        said += [f"道路 {len(less)}区間を通行止め解除"] if less else []
    said += [words for name, words in FIELDS.items() if name in after]
    if "lat" in after and "lon" not in after:
        said.append(FIELDS["lon"])
    return "、".join(said) or "変更"
