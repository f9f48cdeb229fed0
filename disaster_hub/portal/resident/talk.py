"""The language of these pages: eight of them, chosen by the reader, else by the phone; texts from fixed phrases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import g, request

from timelines import phrases

COOKIE = "hub_words"
FIRST = "ja"
NAMES: Mapping[str, str] = {
    "ja": "日本語",
    "ja-easy": "やさしい日本語",
    "en": "English",
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "ko": "한국어",
    "vi": "Tiếng Việt",
    "pt": "Português",
}
TAGS: Mapping[str, str] = {"ja-easy": "ja"}
"""What a browser or a screen reader calls a language, where it is not our name for it."""
LIKE: Mapping[str, str] = {
    "ja": "ja", "en": "en", "ko": "ko", "vi": "vi", "pt": "pt",
    "zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-hans": "zh-Hans",
    "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "zh-hant": "zh-Hant",
}  # fmt: skip


def chosen() -> str:
    """Give the language of the request at hand: asked for, else chosen before, else the phone's, else Japanese."""
    if "tongue" not in g:
        g.tongue = _chosen()
    tongue: str = g.tongue
    return tongue


def _chosen() -> str:
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish is not None and wish in NAMES:
            return wish
    for spoken, _ in request.accept_languages:
        like = LIKE.get(spoken.lower()) or LIKE.get(spoken.lower().split("-")[0])
        if like is not None:
            return like
    return FIRST


def tag(language: str | None = None) -> str:
    """Give the `lang` attribute of a language."""
    language = language or chosen()
    return TAGS.get(language, language)


def say(key: str, **values: Any) -> str:
    """Say a fixed phrase in the reader's language."""
    return phrases.say(key, chosen(), **values)


def unfilled(key: str) -> str:
    """Give a phrase with its blanks, for a picture or a script that fills them in itself."""
    return phrases.table(chosen())[key].text


def when(moment: datetime) -> str:
    """Say a moment with its weekday where it is not today."""
    return phrases.when(moment, chosen())
