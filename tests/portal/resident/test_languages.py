"""Every page in each of the eight languages, with nothing left untranslated and the right `lang`."""

from __future__ import annotations

import re

import pytest

from disaster_hub.portal.resident.talk import NAMES, TAGS
from tests.portal.resident.hamlet import Hamlet, Phone
from tests.portal.resident.test_steps import PAGES
from timelines import phrases

TOLD = ("saved", "reviewed", "unshared", "back", "left", "arrived", "help", "staying")
SENT = ("sent_mail", "sent_push", "failed", "too_often", "bad_mail", "no_channel")
BLANK = re.compile(r"\{[a-z_]+\}")


@pytest.mark.parametrize("lang", NAMES)
def test_every_page_speaks_it(hamlet: Hamlet, phone: Phone, lang: str) -> None:
    phone.walk(helper="佐藤", own="薬")
    paths = [*PAGES, "/my", "/my/plan", "/my/back", "/my/delete", "/s/none", "/my/2?wide=1"]
    paths += [f"/my/plan?told={word}" for word in TOLD] + [f"/my/8?told={word}" for word in SENT]
    for path in paths:
        answer = phone.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
        assert answer.status_code == (404 if path == "/s/none" else 200), path
        text = answer.get_data(as_text=True)
        assert f'<html lang="{TAGS.get(lang, lang)}"' in text
        main = re.sub(r'data-(?:offline|waiting)="[^"]*"', "", text[text.index("<main") : text.index("</main>")])
        assert not BLANK.search(re.sub(r"<svg.*?</svg>", "", main, flags=re.DOTALL)), path
    assert phone.post("/my/share").status_code == 200
    assert hamlet.phone().client.get("/my", headers={"Accept-Language": f"{TAGS.get(lang, lang)},en;q=0.5"})


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("zh-TW,zh;q=0.9", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("pt-BR", "pt"),
        ("fr,de", "ja"),
        ("ko-KR", "ko"),
        ("", "ja"),
    ],
)
def test_the_phones_own_language_is_the_first_offer(phone: Phone, said: str, tag: str) -> None:
    text = phone.client.get("/my", headers={"Accept-Language": said}).get_data(as_text=True)
    assert f'<html lang="{tag}"' in text


def test_a_choice_is_remembered(phone: Phone) -> None:
    phone.get("/my?lang=vi")
    assert '<html lang="vi"' in phone.get("/my").get_data(as_text=True)
    assert '<html lang="vi"' in phone.get("/my?lang=../etc").get_data(as_text=True)


def test_these_are_the_languages_that_there_are_phrases_for() -> None:
    assert tuple(NAMES) == phrases.LANGUAGES
