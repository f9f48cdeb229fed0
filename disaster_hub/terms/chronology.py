"""The chronology (クロノロジー): what each kind of journal row is called, where it belongs, who writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What a row is about; the filter of the page."""

    LEVEL = "level"
    WATER = "water"
    DECISION = "decision"
    ALERT = "alert"
    REPORT = "report"
    PLACE = "place"
    SHELTER = "shelter"
    NOTE = "note"
    PLAN = "plan"
    SYSTEM = "system"
    STAFF = "staff"


GROUP_WORDS: Mapping[Group, str] = {
    Group.LEVEL: "警戒レベル・気象",
    Group.WATER: "水位・センサー",
    Group.DECISION: "判断・発令・体制",
    Group.ALERT: "知らせ・返事",
    Group.REPORT: "報告",
    Group.PLACE: "道路・重点確認",
    Group.SHELTER: "避難所",
    Group.NOTE: "本部の記入",
    Group.PLAN: "住民の計画",
    Group.SYSTEM: "システム",
    Group.STAFF: "職員・地図の設定",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row."""

    word: str
    group: Group
    by_hand: bool = False
    """True where a person's own act is the row; False where the system saw it."""
    shown: bool = True
    """False where the page leaves it out until somebody asks for everything."""


def _hand(word: str, group: Group, *, shown: bool = True) -> Kind:
    return Kind(word, group, by_hand=True, shown=shown)


def _quiet(word: str, group: Group) -> Kind:
    return Kind(word, group, shown=False)


KINDS: Mapping[str, Kind] = {
    "level_changed": Kind("レベル変化", Group.LEVEL),
    "bulletin": _quiet("電文", Group.LEVEL),
    "gauge_crossed": Kind("基準超え", Group.WATER),
    "gauge_fell": Kind("基準を下回る", Group.WATER),
    "gauge_silent": Kind("水位 途絶", Group.WATER),
    "sensor_silent": Kind("センサー 途絶", Group.WATER),
    "unknown_device": Kind("知らない機器", Group.WATER),
    "device_unknown": Kind("知らない機器", Group.WATER),
    "sensor_changed": _hand("センサー変更", Group.WATER),
    "maintenance_begun": _hand("点検開始", Group.WATER),
    "maintenance_ended": _hand("点検終了", Group.WATER),
    "proposal_opened": Kind("判断の提案", Group.DECISION),
    "proposal_withdrawn": Kind("提案の取り下げ", Group.DECISION),
    "proposal_back": Kind("見直しの時刻", Group.DECISION),
    "criterion_stands": Kind("判断基準の状況", Group.DECISION),
    "decision_made": _hand("判断", Group.DECISION),
    "order_drafted": _hand("発令 起案", Group.DECISION),
    "order_sent_back": _hand("差し戻し・取り下げ", Group.DECISION),
    "order_issued": _hand("発令", Group.DECISION),
    "lift_drafted": _hand("解除 起案", Group.DECISION),
    "order_lifted": _hand("解除", Group.DECISION),
    "posture": _hand("本部・配備", Group.DECISION),
    "decide_by": Kind("判断期限", Group.DECISION),
    "handover_note": _hand("申し送り", Group.NOTE),
    "damage_counted": _hand("被害の集計", Group.REPORT),
    "situation_name": _hand("状況報告の記入", Group.NOTE, shown=False),
    "situation_number": _hand("状況報告の記入", Group.NOTE, shown=False),
    "situation_place": _hand("状況報告の記入", Group.NOTE, shown=False),
    "situation_time": _hand("状況報告の記入", Group.NOTE, shown=False),
    "situation_overview": _hand("状況報告の記入", Group.NOTE, shown=False),
    "situation_fire": _hand("状況報告の記入", Group.NOTE, shown=False),
    "situation_sdf": _hand("状況報告の記入", Group.NOTE, shown=False),
    "situation_measures": _hand("状況報告の記入", Group.NOTE, shown=False),
    "decide_by_earlier": Kind("判断期限 早まる", Group.DECISION),
    "decide_by_gone": Kind("判断期限 なくなる", Group.DECISION),
    "decide_by_passed": Kind("判断期限 経過", Group.DECISION),
    "gate_opened": _hand("住民の報告 開", Group.DECISION),
    "gate_shut": _hand("住民の報告 閉", Group.DECISION),
    "criteria_changed": _hand("判断基準の変更", Group.DECISION),
    "area_minutes": _hand("避難時間の設定", Group.DECISION),
    "report_received": _hand("報告", Group.REPORT),
    "report_changed": _hand("報告の更新", Group.REPORT),
    "report_joined": _hand("報告をまとめた", Group.REPORT),
    "road_closed": _hand("通行止め", Group.PLACE),
    "road_opened": _hand("通行可", Group.PLACE),
    "check_done": _hand("確認", Group.PLACE),
    "check_undone": _hand("確認の取り消し", Group.PLACE),
    "check_listed": _hand("確認箇所の変更", Group.PLACE, shown=False),
    "shelter_state": _hand("避難所", Group.SHELTER),
    "shelter_count": _hand("避難者数", Group.SHELTER),
    "shelter_need": _hand("物資", Group.SHELTER),
    "shelter_capacity": _hand("定員", Group.SHELTER, shown=False),
    "note": _hand("記入", Group.NOTE),
    "note_corrected": _hand("訂正", Group.NOTE),
    "pinned": _hand("固定", Group.NOTE, shown=False),
    "unpinned": _hand("固定を外した", Group.NOTE, shown=False),
    "alert_drafted": _hand("知らせ 起案", Group.ALERT),
    "alert_sent_back": _hand("知らせ 差し戻し", Group.ALERT),
    "alert_decided": _hand("知らせ 発信", Group.ALERT),
    "alert_alone": _hand("一人での緊急発信", Group.ALERT),
    "alert_automatic": Kind("自動通知", Group.ALERT),
    "alert_cancelled": _hand("知らせ 取消", Group.ALERT),
    "alert_spread": Kind("知らせの宛先", Group.ALERT),
    "alert_refused": Kind("送らなかった知らせ", Group.ALERT),
    "alert_answered": _quiet("住民の返事", Group.ALERT),
    "alert_unread": _quiet("読めない返事", Group.ALERT),
    "alert_returned": _quiet("戻ってきたメール", Group.ALERT),
    "alert_released": _hand("文面を渡した", Group.ALERT),
    "helper_told": Kind("支援者へ連絡", Group.ALERT),
    "helper_changed": _hand("支援者の変更", Group.ALERT),
    "helper_missing": Kind("支援者 未割当", Group.ALERT),
    "rules_changed": _hand("自動通知の規則", Group.ALERT),
    "canary_late": Kind("経路の異常", Group.ALERT),
    "canary_back": Kind("経路の復旧", Group.ALERT),
    "reading_doubted": Kind("疑わしい値", Group.WATER),
    "reading_witnessed": _hand("目で確かめた値", Group.WATER),
    "reading_believed": Kind("値の裏付け", Group.WATER),
    "plans_changed": Kind("計画の見直し", Group.PLAN),
    "household_deleted": _quiet("計画の削除", Group.PLAN),
    "door_refused": _quiet("開かなかった扉", Group.PLAN),
    "source_down": Kind("情報源 停止", Group.SYSTEM),
    "source_back": Kind("情報源 再開", Group.SYSTEM),
    "process_late": Kind("停止", Group.SYSTEM),
    "refused": Kind("読めないもの", Group.SYSTEM),
    "dataset_loaded": _quiet("データ読み込み", Group.SYSTEM),
    "camera_down": Kind("カメラ 停止", Group.SYSTEM),
    "camera_back": Kind("カメラ 再開", Group.SYSTEM),
    "handed_over": _hand("引継ぎ", Group.STAFF),
    "paper_made": _hand("書類", Group.STAFF, shown=False),
    "exported": _hand("書き出し", Group.STAFF, shown=False),
    "layer_added": _hand("部局の地図 追加", Group.STAFF, shown=False),
    "layer_removed": _hand("部局の地図 削除", Group.STAFF, shown=False),
    "sketch_drawn": _hand("図に記入", Group.STAFF),
    "sketch_removed": _hand("図の記入を消した", Group.STAFF),
    "signed_in": _hand("サインイン", Group.STAFF, shown=False),
    "signed_out": _hand("サインアウト", Group.STAFF, shown=False),
    "sign_in_failed": _quiet("サインイン失敗", Group.STAFF),
    "locked_out": Kind("サインインの停止", Group.STAFF, shown=False),
    "staff_changed": _hand("職員の変更", Group.STAFF, shown=False),
    "handset_changed": _hand("試験用の端末", Group.STAFF, shown=False),
    "personal_emptied": _hand("個人情報の消去", Group.STAFF, shown=False),
    "personal_viewed": _hand("個人情報の閲覧", Group.STAFF, shown=False),
    "clock_jumped": Kind("時計を進めた", Group.SYSTEM),
}
"""Every kind that is written anywhere; a house test compares."""


def kind_of(name: str) -> Kind:
    """Give the kind of a row; one that nobody listed is shown, not lost."""
    return KINDS.get(name) or Kind(name, Group.SYSTEM)


def of_group(group: Group) -> list[str]:
    """Name the kinds of one group."""
    return [name for name, kind in KINDS.items() if kind.group is group]


HIDDEN = tuple(name for name, kind in KINDS.items() if not kind.shown)
"""Left out until somebody asks for everything."""
BY_HAND = tuple(name for name, kind in KINDS.items() if kind.by_hand)
