"""Answers as people type them: digits and words of every language; a call for help is never passed over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timelines import phrases
from timelines.answer_words import RECEIVED, WORDS, digit, read


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("1", "left"), ("２", "arrived"), ("③", "help"), (" 4。", "staying"), ("1 出た", "left"), ("2. Arrived", "arrived"),
        ("出ました！", "left"), ("着いた\n\n> 今すぐ北小学校へ", "arrived"), ("SOS", "help"), ("届いた", RECEIVED),
        ("足が悪くて動けません。助けてください", "help"), ("We cannot get out, please help us", "help"),
    ],
)  # fmt: skip
def test_what_people_type(typed: str, word: str) -> None:
    assert read(typed) == word


@pytest.mark.parametrize(
    "typed", ["", "4人です", "ありがとう", "119", "1時間後に出ます", "5", "0", "2 出た", "\n\n", "．．．"]
)
def test_what_is_no_answer_is_not_guessed_at(typed: str) -> None:
    assert read(typed) is None


@pytest.mark.parametrize("language", phrases.LANGUAGES)
@pytest.mark.parametrize("word", WORDS)
def test_the_word_of_every_language_is_read_back(language: str, word: str) -> None:
    said = phrases.say(f"answer.{word}", language)
    assert read(said) == word
    assert read(f"{WORDS.index(word) + 1} {said}") == word


@given(st.text(max_size=3000))
def test_nothing_that_is_typed_breaks_it(typed: str) -> None:
    assert read(typed) in {None, *WORDS, RECEIVED}
    assert digit(typed) in {None, *WORDS}
