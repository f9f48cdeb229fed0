"""What every hand-over text is made of: the name of what was decided, what to do, a time as it is read aloud."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from disaster_hub.terms.alert import Alert, AlertKind
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.level import ORDER_WORDS
from disaster_hub.terms.mark import bears
from disaster_hub.terms.world import WorldKind
from timelines.mark import EXERCISE, TEST, one_line

HAZARDS: Mapping[Hazard, str] = {
    Hazard.FLOOD: "洪水", Hazard.LANDSLIDE: "土砂災害", Hazard.SURGE: "高潮", Hazard.TSUNAMI: "津波",
    Hazard.INLAND: "内水氾濫",
}  # fmt: skip
TO_DO: Mapping[int, str] = {
    3: "高齢の方など避難に時間のかかる方は、危険な場所から避難してください。ほかの方も避難の準備をしてください。",
    4: "危険な場所にいる方は、全員避難してください。外へ出ると危ないときは、建物の上の階へ移ってください。",
    5: "災害がすでに起きているか、迫っています。命の危険があります。外へ出ず、その場でただちに身を守ってください。",
}
BRIEFLY: Mapping[int, str] = {
    3: "高齢者など時間のかかる方は避難してください。", 4: "危険な場所から全員避難してください。",
    5: "命の危険。ただちに身を守ってください。",
}  # fmt: skip
STILL = "川や崖の近くはまだ危険です。近づかないでください。"
LINK = re.compile(r"https?:|www\.|\S+@\S+")
NUMBER = re.compile(r"(?:\d[-‐ー－ ()（）]?){9,}")
SAFE = re.compile(r"[^A-Za-z0-9._~-]")
PUBLIC = frozenset(AlertKind) - {AlertKind.HELPER}


@dataclass(frozen=True, slots=True)
class Town:
    """Who speaks, and within which lengths."""

    name: str
    code: str
    """7-digit code of the municipality."""
    sender: str
    """Who sends a CAP message: a name without spaces, commas, `<` and `&`."""
    address: str
    """The portal's; empty where it has none."""
    mail_title: int = 15
    mail_body: int = 200
    social: int = 140
    spoken_per_second: float = 5.0


@dataclass(frozen=True, slots=True)
class Matter:
    """One alert with the one that it speaks of."""

    alert: Alert
    before: Alert | None = None

    @property
    def kind(self) -> AlertKind:
        """Say what it is."""
        return self.alert.kind

    @property
    def level(self) -> int | None:
        """Give the level that it is about: its own, else that of the one before."""
        if self.alert.level is not None or self.before is None:
            return self.alert.level
        return self.before.level

    @property
    def orders(self) -> bool:
        """Tell whether it is about an order of the city, and not about what another office said."""
        about = self.before.kind if self.before is not None and self.kind in ABOUT else self.kind
        ours = not self.alert.rule and about not in {AlertKind.AUTOMATIC, AlertKind.CALM, AlertKind.INFORMATION}
        return ours and self.level in ORDER_WORDS

    @property
    def hazard(self) -> str:
        """Name the hazard; empty where there is none."""
        hazard = self.alert.hazard or (self.before.hazard if self.before is not None else None)
        return "" if hazard is None else HAZARDS[hazard]

    @property
    def order(self) -> str:
        """Name what it is about."""
        if self.orders:
            return ORDER_WORDS[self.level or 0]
        if self.level is not None and self.level > 0:
            return f"警戒レベル{self.level}相当の情報"
        return f"{self.hazard}のお知らせ" if self.hazard else "お知らせ"

    @property
    def named(self) -> str:
        """Name it with its level in front."""
        return f"警戒レベル{self.level} {self.order}" if self.orders else self.order

    @property
    def title(self) -> str:
        """Say in a few words what happened, without the mark."""
        ending = {AlertKind.LIFT: "解除", AlertKind.CANCEL: "取消", AlertKind.CALM: "解消", AlertKind.UPDATE: "訂正"}
        return f"{self.order} {ending[self.kind]}" if self.kind in ending else self.named

    @property
    def area(self) -> str:
        """Give the area as it is read aloud."""
        return one_line(self.alert.area_name)


ABOUT = frozenset({AlertKind.UPDATE, AlertKind.CANCEL, AlertKind.LIFT, AlertKind.CALM})
"""These speak of an earlier one."""


def public(alert: Alert) -> bool:
    """Tell whether it is for the public at all: what goes to single households, to a helper or to a group never is."""
    told = alert.audience
    group = alert.kind is AlertKind.INFORMATION and bool(told.needs or told.leave_levels)
    return alert.kind in PUBLIC and not told.households and not group


def mark(alert: Alert) -> str:
    """Give what stands first in every text; an actual alert whose words bear a mark is refused rather than mended."""
    said = (alert.area_name, alert.why, alert.note, alert.issuer)
    if alert.world is WorldKind.REAL:
        if bears(*said):
            raise BadInput(f"知らせ {alert.id}: 本番の文面に訓練・テストの印があります")
        return ""
    return EXERCISE


def bare(text: str) -> str:
    """Give one line without marks: they are put in front once."""
    return one_line(text.replace(EXERCISE, "").replace(TEST, ""))


def what_to_do(matter: Matter) -> list[str]:
    """Say what happened and what to do now, sentence by sentence, the gravest first."""
    alert, named = matter.alert, matter.named
    if matter.kind is AlertKind.CANCEL:
        at = "" if matter.before is None else f"{clock(matter.before.decided_at)}の"
        return [f"先ほどお知らせした{at}{named}は誤りでした。取り消します。"]
    if matter.kind is AlertKind.LIFT:
        other = ORDER_WORDS.get(alert.city_order or 0)
        return [f"{named}を解除しました。", *([f"市の{other}が出ています。"] if other else []), STILL]
    if matter.kind is AlertKind.CALM:
        return [f"お知らせしていた{named}は終わりました。", STILL]
    found = ["先ほどのお知らせを訂正します。"] if matter.kind is AlertKind.UPDATE else []
    if matter.orders:
        return [*found, f"{named}を発令しました。", TO_DO[matter.level or 0]]
    if matter.level is not None and matter.level > 0:
        found.append(f"{matter.hazard}について{named}が発表されています（{bare(alert.issuer)}）。")
        if alert.city_order is None:
            found.append("市の避難情報は出ていません。")
        elif alert.city_order in ORDER_WORDS:
            found.append(f"市の{ORDER_WORDS[alert.city_order]}が出ています。")
    if matter.kind is AlertKind.INFORMATION:
        found += [ended(bare(one)) for one in (alert.why, alert.note) if one.strip()]
    return found or [f"{bare(alert.issuer)}からのお知らせです。"]


def ended(text: str) -> str:
    """End a sentence."""
    return text if not text or text.endswith("。") else f"{text}。"


def clock(moment: datetime) -> str:
    """Say a time as it is read aloud: 午後8時58分."""
    here = moment.astimezone(JAPAN)
    half = "午前" if here.hour < 12 else "午後"
    minute = f"{here.minute}分" if here.minute else "ちょうど" if here.hour in {0, 12} else ""
    return f"{half}{here.hour % 12}時{minute}"


def day_and_clock(moment: datetime) -> str:
    """Say a day and a time."""
    here = moment.astimezone(JAPAN)
    return f"{here.month}月{here.day}日{clock(moment)}"


def width(text: str) -> float:
    """Count full-width characters; two half-width ones count as one."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in text)


def fitting(first: str, sentences: Iterable[str], most: float) -> str:
    """Put together as many whole sentences as fit, in their order; one that does not fit is left out, not cut."""
    text = first
    for one in sentences:
        if width(text) + width(one) <= most:
            text += one
    return text


def innocent(text: str) -> bool:
    """Tell whether a text bears neither an address nor a telephone number, which an area mail must not have."""
    return not LINK.search(text) and not NUMBER.search(unicodedata.normalize("NFKC", text))


def handle(identity: str) -> str:
    """Write an id so that it can stand in a file name, an address and a CAP reference; different ids stay different."""
    plain = SAFE.sub("_", identity)
    return (
        plain
        if plain == identity and len(plain) <= 80
        else (f"{plain[:40]}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}")
    )
