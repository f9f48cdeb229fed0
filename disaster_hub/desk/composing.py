"""From what an officer typed to a draft: status chosen, areas known, words short and without anything personal."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shapely.geometry.base import BaseGeometry

from disaster_hub.config import Config
from disaster_hub.desk import drawn, grounds
from disaster_hub.desk.call import without_numbers
from disaster_hub.desk.criteria_facts import areas as known_areas
from disaster_hub.desk.narrowing import narrowed
from disaster_hub.desk.ordering import in_force, widens
from disaster_hub.desk.preview import answers
from disaster_hub.desk.which_world import STATUS_WORDS, Place, place_of, status_of, write_there
from disaster_hub.rules.criteria_words import HAZARD_WORDS
from disaster_hub.store import decisions, drafts, drawn_areas, journal, worlds
from disaster_hub.store.session import Store, Transaction
from disaster_hub.terms.alert import Alert, AlertKind, AlertState, Status
from disaster_hub.terms.decision import EvacuationArea, is_drawn
from disaster_hub.terms.draft import Draft, Whom
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import ORDER_WORDS
from disaster_hub.terms.mark import EXERCISE, bears
from disaster_hub.terms.notice import JournalEntry
from disaster_hub.terms.world import World, WorldKind

LONGEST_NOTE, LONGEST_WHY = 200, 120
SHOWN_NAMES, SHORT_NAME = 3, 20
"""So many areas are named, in so many letters; of more the name that is typed says how many there are."""
LEAST = timedelta(minutes=5)
"""By the wall's clock: in a replay that runs fast, a person still has so long to approve."""
KINDS = {
    "3": ORDER_WORDS[3], "4": ORDER_WORDS[4], "5": ORDER_WORDS[5], "lift": "解除", "information": "お知らせ",
}  # fmt: skip
"""What can be begun on an empty page; an update and a cancel begin at the alert that they speak of."""
BECAUSE = {
    3: "{}の危険が高まっています。",
    4: "{}の危険が非常に高まっています。",
    5: "{}がすでに起きているか、すぐ近くに迫っています。",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What stands in the form, as it was typed."""

    status: str = ""
    kind: str = ""
    hazard: str = ""
    areas: tuple[str, ...] = ()
    whom: str = Whom.ALL.value
    why: str = ""
    note: str = ""
    corners: str = ""
    """What was drawn: latitude and longitude of a corner a line."""
    drawn_name: str = ""
    leave_levels: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A draft, and where it lies."""

    draft: Draft
    place: Place


def compose(store: Store, wish: Wish, config: Config, who: str, wall: datetime) -> Made:
    """Keep a draft in the world that its status names; BadInput says what is missing, and nothing is kept."""
    status = status_of(wish.status)
    with store.read() as tx:
        here = worlds.current(tx)
    place = place_of(status, config, here)
    made: list[Draft] = []
    if place.sibling is None:
        with store.write() as tx:
            made.append(_keep(tx, wish, place, config, who, here.now(wall)))
        return Made(made[0], place)

    def there(tx: Transaction) -> None:
        """Keep it there, by that world's clock."""
        other = worlds.current(tx)
        made.append(_keep(tx, wish, place, config, who, other.now(wall)))

    write_there(place, who, there)
    return Made(made[0], place)


def begun(tx: Transaction, wish: Wish, config: Config, who: str, now: datetime) -> Draft:
    """Make a draft of what was typed without keeping it: for the preview; BadInput where something is missing."""
    known = known_areas(tx, config)
    chosen, ground = _areas(tx, wish, known)
    if wish.kind not in KINDS:
        raise BadInput("何を出すか（避難情報の種類）を選んでください")
    kind, level = _kind(wish.kind)
    hazard = _hazard(wish, kind)
    here = worlds.current(tx)
    draft = Draft(
        secrets.token_hex(8), _status(wish, here), here.kind, kind, tuple(a.code for a in chosen),
        "", who, now, now + life(config, here), level, hazard,
        whom=_whom(wish.whom, hazard, chosen), note=_short(wish.note, LONGEST_NOTE, "ひとこと"),
        why=_why(wish, kind, level), drawn=ground,
        drawn_name=drawn.name(wish.drawn_name, [*known, *chosen]) if ground is not None else "",
        **narrowed(wish.leave_levels, wish.needs, kind, level),
    )  # fmt: skip
    own = draft.drawn_area
    if own is not None:
        chosen, draft = [*chosen, own], replace(draft, areas=(*draft.areas, own.code))
    draft = replace(draft, area_name=name_of(chosen, len(known), config))
    return replace(draft, decisions=tuple(one.id for one in answers(decisions.live(tx), draft)))


def _keep(tx: Transaction, wish: Wish, place: Place, config: Config, who: str, now: datetime) -> Draft:
    draft = replace(begun(tx, wish, config, who, now), status=place.status)
    _sensible(tx, draft, config)
    return _kept(tx, draft)


def correction(tx: Transaction, earlier: Alert, why: str, note: str, config: Config, who: str, now: datetime) -> Draft:
    """Keep a draft of other words (訂正) for exactly those who got *earlier*."""
    if earlier.state is AlertState.CANCELLED:
        raise BadInput("この知らせは取り消されています。訂正はできません")
    here = worlds.current(tx)
    said = _short(note, LONGEST_NOTE, "ひとこと")
    if not said:
        raise BadInput("正しい内容を書いてください")
    draft = Draft(
        secrets.token_hex(8), _own_status(here), here.kind, AlertKind.UPDATE, earlier.areas, earlier.area_name, who,
        now, now + life(config, here), earlier.level, earlier.hazard, note=said,
        why=_short(why, LONGEST_WHY, "理由") or "前の知らせの内容を正しくします。", earlier=earlier.id,
    )  # fmt: skip
    return _kept(tx, draft)


def _kept(tx: Transaction, draft: Draft) -> Draft:
    if draft.status is Status.ACTUAL and bears(draft.note, draft.why, draft.area_name):
        raise BadInput("本番の文面に訓練・テストの印があります。印を消すか、訓練・試験を選んでください")
    drafts.add(tx, draft)
    what, key = f"{title(draft)} を起案しました（承認待ち）", f"alert_drafted:{draft.id}"
    row = JournalEntry(draft.made_at, "alert_drafted", draft.author, what, draft.areas[0], draft.why, key)
    journal.add(tx, row)
    return draft


def title(draft: Draft) -> str:
    """Say what a draft is in one breath; what is not actual says so first."""
    mark = "" if draft.status is Status.ACTUAL else f"【{STATUS_WORDS[draft.status]}】"
    hazard = f"（{HAZARD_WORDS[draft.hazard.value]}）" if draft.hazard is not None else ""
    return f"{mark}{kind_words(draft.kind, draft.level)} {draft.area_name}{hazard}"


def sent_title(alert: Alert) -> str:
    """Say what was sent in one breath; in a world that is not real it says so first."""
    mark = "" if alert.world is WorldKind.REAL else EXERCISE
    return f"{mark}{kind_words(alert.kind, alert.level)} {alert.area_name}"


def kind_words(kind: AlertKind, level: int | None) -> str:
    """Name what is said: the order as the law has it, or what else it is."""
    order = f"警戒レベル{level} {ORDER_WORDS[level]}" if level in ORDER_WORDS else ""
    words = {
        AlertKind.ORDER: order, AlertKind.LIFT: f"解除{f'（{order}）' if order else ''}", AlertKind.UPDATE: "訂正",
        AlertKind.CANCEL: "取消", AlertKind.INFORMATION: "お知らせ",
        AlertKind.AUTOMATIC: f"自動通知{f'（警戒レベル{level}相当）' if level else ''}",
        AlertKind.CALM: "自動通知（落ち着いた）", AlertKind.HELPER: "支援者への連絡",
    }  # fmt: skip
    return words[kind]


def name_of(chosen: Sequence[EvacuationArea], whole: int, config: Config) -> str:
    """Give the one name of all chosen areas, short enough to be read aloud and typed; what was drawn is in it."""
    if whole > 1 and sum(not is_drawn(area.code) for area in chosen) == whole:
        return f"{config.city.name}全域"
    ours = [area for area in chosen if is_drawn(area.code)]
    if ours and len(ours) < len(chosen):
        named = name_of([area for area in chosen if not is_drawn(area.code)], whole, config)
        return "・".join((named, *(area.name for area in ours)))
    joined = "・".join(area.name for area in chosen)
    if len(chosen) == 1 or (len(chosen) <= SHOWN_NAMES and len(joined) <= SHORT_NAME):
        return joined
    return f"{chosen[0].name}ほか{len(chosen) - 1}区域"


def same_name(typed: str, name: str) -> bool:
    """Tell whether *typed* means *name*: spaces, widths, brackets and the dot between names do not count."""
    return bool(_bare(typed)) and _bare(typed) == _bare(name)


def life(config: Config, world: World) -> timedelta:
    """Give how long a draft lives by this world's clock."""
    said = timedelta(minutes=config.sending.draft_minutes)
    return said if world.kind is WorldKind.REAL else max(said, min(said, LEAST) * world.speed)


def _sensible(tx: Transaction, draft: Draft, config: Config) -> None:
    """Refuse at once what could never be approved."""
    live = decisions.live(tx)
    standing = {area: in_force(live, area, draft.hazard) for area in draft.areas}
    if draft.kind is AlertKind.LIFT and not any(standing.values()):
        raise BadInput("選んだ区域に、この災害で発令中の避難情報はありません。解除するものがありません")
    if draft.kind is AlertKind.LIFT and draft.drawn is not None:
        raise BadInput("解除は、発令中の区域を一覧から選んで行います。新しく描いた区域は解除できません")
    same = all(
        any(one.order == draft.level and not widens(tx, draft, one) for one in found) for found in standing.values()
    )
    if draft.kind is AlertKind.ORDER and same:
        raise BadInput(
            "選んだ区域にはすべて、同じ避難情報がもう発令されています。文を直すときは、送った知らせから訂正してください"
        )
    grounds.refuse_contradiction(tx, draft, config)


def _areas(
    tx: Transaction, wish: Wish, known: Sequence[EvacuationArea]
) -> tuple[list[EvacuationArea], BaseGeometry | None]:
    """Give the areas that were chosen by name or touched, and the ground that was drawn besides."""
    here = [*known, *drawn_areas.standing(tx).values()]
    chosen = [area for area in here if area.code in wish.areas]
    ground = drawn.polygon(wish.corners, known)
    if not chosen and ground is None:
        raise BadInput("区域を一つ以上選ぶか、地図に描いてください")
    if len(chosen) != len(set(wish.areas)):
        raise BadInput("選んだ区域の中に、この世界に読み込まれていないものがあります")
    return chosen, ground


def _kind(text: str) -> tuple[AlertKind, int | None]:
    if text in {"3", "4", "5"}:
        return AlertKind.ORDER, int(text)
    return AlertKind(text), None


def _hazard(wish: Wish, kind: AlertKind) -> Hazard | None:
    if wish.hazard in HAZARD_WORDS:
        return Hazard(wish.hazard)
    if kind is AlertKind.INFORMATION:
        return None
    raise BadInput("災害の種類を選んでください")


def _whom(text: str, hazard: Hazard | None, chosen: Sequence[EvacuationArea]) -> Whom:
    if text not in set(Whom):
        raise BadInput("だれに送るかを選んでください")
    if Whom(text) is Whom.HAZARD and hazard is None:
        raise BadInput("危険な区域の家だけに送るときは、災害の種類を選んでください")
    if any(area.shape is None for area in chosen) and len(chosen) > 1:
        names = "、".join(area.name for area in chosen if area.shape is None)
        raise BadInput(f"{names} は区域の形が読み込まれていないため、だれに送るか決められません")
    return Whom(text)


def _why(wish: Wish, kind: AlertKind, level: int | None) -> str:
    said = _short(wish.why, LONGEST_WHY, "理由")
    if said:
        return said
    if kind is AlertKind.INFORMATION:
        raise BadInput("お知らせの内容を「理由」に一文で書いてください")
    hazard = HAZARD_WORDS[wish.hazard]
    return BECAUSE[level].format(hazard) if level in BECAUSE else f"{hazard}の危険が下がりました。"


def _status(wish: Wish, here: World) -> Status:
    """Give the status for a preview: what was chosen, else what this world is for; nothing of it is kept."""
    return Status(wish.status) if wish.status in set(Status) else _own_status(here)


def _own_status(here: World) -> Status:
    return Status.EXERCISE if here.exercise else Status.ACTUAL


def _short(text: str, longest: int, what: str) -> str:
    said = " ".join(text.split())
    if len(said) > longest:
        raise BadInput(f"「{what}」が長すぎます（{len(said)}字。{longest}字まで）")
    return without_numbers(said)


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in plain if not sign.isspace() and sign not in "「」『』・･,、。")
