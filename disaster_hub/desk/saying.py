"""What a draft would say before anybody approves it: per channel and language, to homes with a plan and without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from disaster_hub.alerts import releases
from disaster_hub.config import Config
from disaster_hub.desk import outgoing
from disaster_hub.store.session import Transaction
from disaster_hub.terms.alert import Alert, AlertKind, Brief, Status
from disaster_hub.terms.draft import Draft
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.mark import EXERCISE
from disaster_hub.terms.release import FORM_WORDS, Release
from disaster_hub.terms.way import Turn, Word
from timelines import messages
from timelines.message_lines import PERSONAL, Form
from timelines.phrases import FIRST, LANGUAGES, Reviews, table

LANGUAGE_WORDS: Mapping[str, str] = {
    "ja": "日本語", "ja-easy": "やさしい日本語", "en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文",
    "ko": "한국어", "vi": "Tiếng Việt", "pt": "Português",
}  # fmt: skip
FORMS: Mapping[Form, str] = {
    Form.PUSH: "プッシュ", Form.CHAT: "LINE", Form.MAIL: "メール", Form.SMS: "SMS", Form.VOICE: "電話の音声",
}  # fmt: skip
MARKS: Mapping[Status, str] = {Status.ACTUAL: "", Status.EXERCISE: EXERCISE, Status.TEST: EXERCISE}
"""A test lies in a drill's store, and leaves it as what every message of that world is."""
MOST_NAMED = 3
EXAMPLE_MIN = 45
"""The home of the example has so long to leave."""


@dataclass(frozen=True, slots=True)
class Text:
    """One message as it would read."""

    channel: str
    whose: str
    headline: str
    text: str
    letters: int


@dataclass(frozen=True, slots=True)
class Said:
    """The words of one language, and which languages nobody has reviewed."""

    language: str
    texts: tuple[Text, ...]
    missing: Mapping[str, int]
    """Phrases that nobody has reviewed, by language; only those where there are any."""
    blocked: bool
    """True where the real world's message may not go out at all: not even the Japanese was reviewed."""
    actual: bool
    mark: str
    """What stands before every text that is not of the real world."""
    releases: tuple[Release, ...] = ()
    wrong: str = ""
    back: Mapping[str, int] = field(default_factory=dict)
    """Phrases of its cancel (取消) that nobody has reviewed, by language: there the cancel goes out in Japanese."""


def words(tx: Transaction, draft: Draft, config: Config, now: datetime, language: str = "") -> Said:
    """Write the messages of *draft* as they would read now; nothing is kept."""
    tongue = language if language in LANGUAGES else FIRST
    missing = {name: n for name, n in missing_reviews(draft, config).items() if n}
    back = {name: len(keys) for name, keys in missing_for_cancel(draft, config).items() if keys and name not in missing}
    actual = draft.status is Status.ACTUAL
    blocked = actual and (FIRST in missing or FIRST in back)
    try:
        alert, wrong = outgoing.alert_of(tx, draft, None, config, now), ""
    except BadInput as fault:
        return Said(tongue, (), missing, blocked, actual, MARKS[draft.status], (), str(fault), back)
    texts = _texts(alert, tongue, config, now)
    handed = releases.written(tx, alert, config, now)
    return Said(tongue, tuple(texts), missing, blocked, actual, MARKS[draft.status], tuple(handed), wrong, back)


def missing_reviews(draft: Draft, config: Config) -> Mapping[str, int]:
    """Count for each language the phrases of such a draft that nobody of this city has reviewed."""
    return messages.missing_reviews(_reviews(config), draft.kind, draft.level)


def missing_for_cancel(draft: Draft, config: Config) -> Mapping[str, list[str]]:
    """Name for each language the phrases of this draft's cancel that nobody has reviewed; none where it has none."""
    if draft.kind is AlertKind.LIFT:  # an end is not taken back
        return {}
    return messages.unreviewed(_reviews(config), AlertKind.CANCEL, draft.level)


def refuse_unreviewed(draft: Draft, config: Config) -> None:
    """Refuse to send an actual message of which not even the Japanese was reviewed, or that of its cancel was not."""
    if draft.status is not Status.ACTUAL:
        return
    if missing := missing_reviews(draft, config).get(FIRST, 0):
        raise BadInput(
            f"日本語の定型文 {missing} 件がまだ確認されていないため、本番では送れません。"
            "確認する人が disaster-hub reviewed で記録すると送れます"
        )
    if keys := missing_for_cancel(draft, config).get(FIRST, []):
        some = "、".join(f"「{table(FIRST)[key].text}」（{key}）" for key in keys[:MOST_NAMED])
        raise BadInput(
            f"誤って送ったときの取消に使う日本語の定型文 {len(keys)} 件がまだ確認されていないため、本番では送れません："
            f"{some}{'ほか' if len(keys) > MOST_NAMED else ''}。確認する人が disaster-hub reviewed で記録すると送れます"
        )


def _reviews(config: Config) -> Reviews:
    return Reviews((config.source.parent if config.source is not None else Path()) / "reviews.toml")


def _texts(alert: Alert, language: str, config: Config, now: datetime) -> list[Text]:
    found = []
    personal = alert.kind in PERSONAL
    homes = [("計画のある家（例）", _example(language, now)), ("計画のない人・公開の文", None)] if personal else []
    for form, channel in FORMS.items():
        for whose, brief in homes or [("全員に同じ文", None)]:
            if form is Form.VOICE and brief is None and personal:
                continue
            one = messages.write(alert, brief, form, now, config.city, language=language)
            found.append(Text(channel, whose, one.headline, one.text, len(one.text)))
    return found


def _example(language: str, now: datetime) -> Brief:
    leave = (now + timedelta(minutes=EXAMPLE_MIN)).replace(second=0, microsecond=0)
    turns = (Turn("start", "○○通り", 250.0), Turn("left", "△△通り", 600.0), Turn("arrive", "", 0.0))
    return Brief(
        1, language, Word.LEAVE_BY, leave, 3, "○○小学校", turns=turns, metres=850.0, minutes=18.0, storeys=2,
    )  # fmt: skip


def form_word(release: Release) -> str:
    """Name where a hand-over text goes."""
    return FORM_WORDS[release.form]
