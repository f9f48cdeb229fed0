"""The night's bulletins as a table: when, which kind, what it says, and what goes wrong with it."""
# ruff: noqa: E501 - tables read by their rows

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from disaster_hub.rehearsal.city import MINAMO, OKANO, TANIKAWA

Family = Literal["rain", "landslide", "wind", "other", "flood", "soil"]
M, T, O = MINAMO.area, TANIKAWA.area, OKANO.area  # noqa: E741 - read as initials in the table
UNKNOWN_CODE = "97"
"""A kind that no table holds."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One bulletin. *state* gives the kinds in force by area; of a flood bulletin, *code* and *tag*."""

    at: str
    """Japan time of ReportDateTime."""
    family: Family
    says: str
    """The headline, after the sentence that it is made up."""
    state: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    code: str = ""
    tag: str = ""
    status: str = "通常"
    info: str = "発表"
    sent: str | None = None
    """When it was sent, where that is not seconds after *at*: a correction or a delay."""
    copies: bool = True
    """Followed by its VPWW53 and VPWW54 seconds later."""
    again: str | None = None
    """The same bytes come once more at this time under another address."""
    cut: bool = False
    """The file breaks off in the middle."""
    ahead: tuple[str, str, int] | None = None
    """A later period (from, hours, level) that the bulletin expects: not the level now."""
    elsewhere: bool = False
    """Issued by the other office, whose bodies nobody here needs."""


SCENES: tuple[Scene, ...] = (
    Scene("13:52", "rain", "みなも市、たにかわ市では、低い土地の浸水や河川の増水に注意してください。", {M: ("10",), T: ("10",)}),
    Scene("14:20", "other", "落雷や竜巻などの激しい突風に注意してください。", {M: ("14",), T: ("14",), O: ("14",)}, again="14:26"),
    Scene("15:20", "rain", "東部では、低い土地の浸水に注意してください。", {}, elsewhere=True, copies=False),
    Scene("15:30", "rain", "低い土地の浸水や河川の増水に注意してください。", {M: ("10",), T: ("10",), O: ("10",)}),
    Scene("16:05", "landslide", "みなも市、おかの町では、土砂災害に注意してください。", {M: ("29",), O: ("29",)}),
    Scene("16:30", "flood", "みなも川では、氾濫注意水位に到達し、今後、水位はさらに上昇する見込み", code="20", tag="〔新規〕"),
    Scene("16:50", "wind", "強風に注意してください。", {M: ("15",), O: ("15",)}, again="16:57"),
    Scene("17:30", "rain", "これは訓練です。", {M: ("33",), T: ("33",), O: ("33",)}, status="訓練", copies=False),
    Scene("17:32", "flood", "これは試験です。みなも川では、氾濫が発生", code="51", tag="〔試験〕", status="試験"),
    Scene("17:40", "flood", "みなも川では、氾濫注意水位を上回る水位が続く見込み", code="20", tag="〔継続〕"),
    Scene("18:05", "rain", "東部では、低い土地の浸水に警戒してください。", {}, elsewhere=True, copies=False),
    Scene("18:10", "rain", "みなも市、たにかわ市では、低い土地の浸水や河川の増水に警戒してください。",
          {M: ("03",), T: ("03",), O: ("10",)}, ahead=("21:00", "3", 4), again="18:14"),
    Scene("18:15", "wind", "強風に注意してください。", {M: ("15",), T: ("15",), O: ("15",)}, info="遅延", sent="18:25"),
    Scene("18:40", "flood", "みなも川では、避難判断水位に到達し、今後、水位はさらに上昇する見込み",
          code="30", tag="〔警戒レベル２から３相当に切替〕"),
    Scene("19:00", "landslide", "みなも市、おかの町では、土砂災害に警戒してください。", {M: ("09",), O: ("09",)}),
    Scene("19:00", "landslide", "みなも市では、土砂災害に警戒してください。おかの町は土砂災害注意報です。",
          {M: ("09",), O: ("29",)}, info="訂正", sent="19:25"),
    Scene("19:35", "flood", "みなも川では、避難判断水位を上回り、今後、水位はさらに上昇する見込み", code="30", tag="〔継続〕",
          again="19:37"),
    Scene("19:40", "other", "おかの町に新しい種類の注意報を発表しています。落雷にも注意してください。",
          {M: ("14",), T: ("14",), O: ("14", UNKNOWN_CODE)}, copies=False),
    Scene("19:50", "rain", "みなも市、たにかわ市では、低い土地の浸水や河川の増水に警戒してください。",
          {M: ("03",), T: ("03",), O: ("10",)}, cut=True, copies=False),
    Scene("19:58", "rain", "みなも市、たにかわ市では、低い土地の浸水や河川の増水に警戒してください。",
          {M: ("03",), T: ("03",), O: ("10",)}),
    Scene("20:05", "other", "落雷や竜巻などの激しい突風に注意してください。", {M: ("14",), T: ("14",), O: ("14",)}),
    Scene("20:20", "flood", "みなも川では、氾濫危険水位に到達し、今後、水位はさらに上昇する見込み",
          code="40", tag="〔警戒レベル３相当から４相当に切替〕"),
    Scene("20:29", "flood", "みなも川では、氾濫危険水位を超え、堤防の決壊による氾濫のおそれあり", code="40", tag="〔継続〕"),
    Scene("20:35", "landslide", "みなも市では、土砂災害に厳重に警戒してください。", {M: ("49",), T: ("29",), O: ("29",)}),
    Scene("20:36", "soil", "みなも市では、避難が必要となる危険な状況となっています【警戒レベル４相当情報［土砂災害］】。", code="3"),
    Scene("20:40", "wind", "東部では、強風に注意してください。", {}, elsewhere=True, copies=False),
    Scene("20:50", "rain", "たにかわ市では、低い土地の浸水や河川の増水に厳重に警戒してください。",
          {M: ("03",), T: ("43",), O: ("10",)}),
    Scene("20:58", "rain", "先ほどの大雨危険警報は誤りでしたので、取り消します。", info="取消"),
    Scene("21:15", "flood", "みなも川では、みなも市芦原地先（右岸）で氾濫が発生", code="51", tag="〔警戒レベル４相当から５相当に切替〕",
          again="21:18"),
    Scene("21:30", "rain", "みなも市、たにかわ市では、低い土地の浸水や河川の増水に警戒してください。",
          {M: ("03",), T: ("03",), O: ("10",)}),
    Scene("22:00", "flood", "みなも川では、氾濫が続いています", code="51", tag="〔継続〕"),
    Scene("22:30", "rain", "低い土地の浸水や河川の増水に注意してください。", {M: ("10",), T: ("10",)}),
    Scene("22:35", "landslide", "みなも市では、引き続き土砂災害に警戒してください。", {M: ("09",), O: ("29",)}),
    Scene("22:36", "soil", "みなも市の土砂災害危険警報は警報に切り替えました。", code="1"),
    Scene("22:40", "flood", "みなも川では、氾濫危険水位を上回る水位が続く見込み", code="41",
          tag="〔警戒レベル５相当から４相当に切替〕"),
    Scene("23:30", "flood", "みなも川では、避難判断水位を上回る水位が続く見込み", code="30",
          tag="〔警戒レベル４相当から３相当に切替〕"),
    Scene("23:40", "wind", "強風注意報を解除します。", {}),
    Scene("00:20", "landslide", "みなも市では、土砂災害に注意してください。", {M: ("29",)}),
    Scene("00:40", "flood", "みなも川では、氾濫注意水位を上回る水位が続く見込み", code="22",
          tag="〔警戒レベル３相当から２に切替〕"),
    Scene("01:10", "other", "雷注意報を解除します。", {}),
    Scene("01:30", "landslide", "土砂災害注意報を解除します。", {}),
)  # fmt: skip
"""Ordered by the time of sending. Level 2 or more stands somewhere in みなも市 from 13:52 to the end."""
