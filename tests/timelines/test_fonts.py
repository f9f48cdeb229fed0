"""The type on paper has every letter of every language, and one weight at a time."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfbase.ttfonts import TTFont

from timelines import fonts

SENTENCES = {
    "ja": "高齢者等避難。髙橋さんと渡邉さんは鶴岡市の避難所へ（0.5〜3 m）",
    "ja-easy": "避難（にげる）してください",
    "zh-Hans": "请立即前往避难所，不要开车。",
    "zh-Hant": "請立即前往避難所，不要開車。",
    "ko": "지금 바로 대피소로 가세요. 차를 타지 마세요.",
    "vi": "Hãy đến nơi lánh nạn ngay. Đừng lái xe. Nước sẽ dâng cao ở đường này.",
    "pt": "Vá já para o abrigo. Não use o carro. Atenção à enchente!",
    "en": "Go to the shelter now – don't drive.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_no_letter_of_a_language_is_missing(language: str) -> None:
    runs = fonts.split(SENTENCES[language], language)
    assert fonts.MISSING not in "".join(piece for _, piece in runs)
    for script, piece in runs:
        cut = TTFont("cut", io.BytesIO(fonts.font(script, piece)))
        assert all(ord(letter) in cut.face.charToGlyph for letter in piece if letter != " ")


def test_a_kanji_that_the_korean_font_lacks_comes_from_another() -> None:
    assert ("JP", "﨑") in fonts.split("川﨑 한글", "ko")


def test_what_no_font_has_is_shown_as_missing_and_what_has_no_shape_is_not_shown() -> None:
    assert fonts.split("犬🐕", "ja") == [("JP", "犬" + fonts.MISSING)]
    assert fonts.split("a\u202eb\u200dc\x07", "ja") == [("JP", "abc")]


def test_bold_is_bolder() -> None:
    regular, bold = (TTFont("w", io.BytesIO(fonts.font("JP", "A", weight))) for weight in (fonts.REGULAR, fonts.BOLD))
    assert bold.face.charWidths[ord("A")] > regular.face.charWidths[ord("A")]
