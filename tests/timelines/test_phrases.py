"""Fixed phrases: eight languages that say the same, and reviews that hold for one very text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest

from disaster_hub.terms.errors import BadConfig, BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Kind, Mode, Need, Structure
from disaster_hub.terms.way import ShelterState, Word
from timelines import phrases, steps
from timelines.phrases import LANGUAGES, Reviews, say, table, when

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 9, 18, 11, 58, tzinfo=UTC)
OFFICIAL = {
    "level.1.name": "早期注意情報", "level.2.name": "注意報", "level.3.name": "高齢者等避難", "level.4.name": "避難指示",
    "level.5.name": "緊急安全確保",
}  # fmt: skip
KANA_OR_KANJI = re.compile("[\u3041-\u30fa\u4e00-\u9fff]")
ASSUMED = (
    "speed", "stairs", "night", "rain", "prepare", "slowest", "margin", "arrival_margin", "whole_zone",
    "zero_forecast", "zero_reached", "zero_unknown",
)  # fmt: skip
WHY_NOT = ("not_designated", "not_emergency", "in_zone", "closed", "full", "no_way", "no_dry_way")
NOTES = ("upper_floors", "state_not_known", "zones_not_loaded", "roads_not_loaded", "filling")
TURNS = (
    "start", "straight", "left", "right", "slight_left", "slight_right", "back", "stairs", "bridge", "arrive",
)  # fmt: skip


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_phrase_with_the_same_blanks(language: str) -> None:
    first = table("ja")
    assert set(table(language)) == set(first)
    for key, phrase in table(language).items():
        assert phrase.text.strip(), key
        assert blanks(phrase.text) == blanks(first[key].text), key


@pytest.mark.parametrize("language", ["en", "ko", "vi", "pt"])
def test_what_is_not_written_in_kanji_is_translated(language: str) -> None:
    # An official name may stand in brackets behind its translation, and a house has its 1階.
    left = [
        key
        for key, phrase in table(language).items()
        if KANA_OR_KANJI.search(re.sub(r"[(（【][^)）】]*[)）】]", "", phrase.text))
    ]
    assert not left


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant", "ko", "vi", "pt"])
def test_no_language_repeats_the_japanese(language: str) -> None:
    kana = re.compile("[\u3041-\u309f]")
    assert [key for key, one in table(language).items() if language.startswith("zh") and kana.search(one.text)] == []
    same = [key for key, one in table(language).items() if one.text == table("ja")[key].text]
    assert len(same) < 40, same


def test_the_official_terms_stand_as_the_law_has_them() -> None:
    assert {key: say(key, "ja") for key in OFFICIAL} == OFFICIAL


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_of_the_slab_can_be_said(language: str) -> None:
    said = table(language)
    groups = {
        "hazard": Hazard, "need": Need, "mode": Mode, "structure": Structure, "kind": Kind, "shelter": ShelterState,
        "now.why": (), "changed": Word, "assume": ASSUMED, "why_not": WHY_NOT, "note": NOTES, "turn": TURNS,
    }  # fmt: skip
    missing = [f"{group}.{one}" for group, every in groups.items() for one in every if f"{group}.{one}" not in said]
    missing += [f"now.why_{word}" for word in Word if f"now.why_{word}" not in said]
    missing += [f"step.{step.id}" for step in steps.all_steps() if f"step.{step.id}" not in said]
    assert not missing


def test_every_phrase_that_the_pages_ask_for_is_there() -> None:
    asked: dict[str, str] = {}
    for folder, ending in (("disaster_hub/portal", "*.html"), ("disaster_hub", "*.py"), ("timelines", "*.py")):
        for path in (ROOT / folder).rglob(ending):
            for key in re.findall(r'\bsay\(\s*"([a-z_0-9]+\.[a-z_.0-9]+)"[,)]', path.read_text(encoding="utf-8")):
                asked[key] = path.name
    assert len(asked) > 100
    assert {key: asked[key] for key in asked.keys() - table("ja").keys()} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_data_and_outside_are_never_called_safe(language: str) -> None:
    safe = re.compile(r"\b(?:safe|seguro|segura|an toàn)\b|安全|안전", re.IGNORECASE)
    for key in ("danger.no_data", "danger.rest_no_data", "danger.planned_no_data", "danger.collapse_no_data"):
        assert not safe.search(table(language)[key].text), key
    denied = re.compile(r"\bnot\b|não|không|ません|ない|不|并非|並非|아닙|아니|nem")
    for key in ("danger.outside", "danger.rest_outside"):
        assert denied.search(table(language)[key].text), key


def test_a_missing_phrase_is_a_fault_and_not_another_language() -> None:
    with pytest.raises(KeyError):
        say("no.such", "en")
    with pytest.raises(KeyError):
        say("now.by", "en", time="20:58")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_moment_is_said_in_the_citys_time_with_its_weekday(language: str) -> None:
    said = when(NOW, language)
    assert said.endswith("20:58")
    assert "18" in said
    assert any(day in said for day in ("金", "周五", "週五", "Fri", "금", "Th 6", "sex")), said


def test_nothing_is_reviewed_as_it_comes_and_so_nothing_may_be_sent_as_actual(tmp_path: Path) -> None:
    reviews = Reviews(tmp_path / "reviews.toml")
    for language in LANGUAGES:
        assert reviews.counts(language) == (0, len(table(language)))
        assert not reviews.sendable(["now.by"], language, actual=True)
        assert reviews.sendable(["now.by"], language, actual=False)


def test_a_review_is_kept_and_holds_for_its_phrase_and_language_alone(tmp_path: Path) -> None:
    path = tmp_path / "reviews.toml"
    Reviews(path).sign('佐藤 "防災課"', "en", ["now.by", "level.4.name"])
    read = Reviews(path)
    assert read.reviewer("now.by", "en") == '佐藤 "防災課"'
    assert read.sendable(["now.by", "level.4.name"], "en", actual=True)
    assert not read.sendable(["now.by", "now.go_up"], "en", actual=True)
    assert not read.sendable(["now.by"], "ja", actual=True)
    assert read.counts("en")[0] == 2


def test_a_changed_text_is_unreviewed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reviews = Reviews(tmp_path / "reviews.toml")
    reviews.sign("佐藤", "en", ["now.by"])
    changed = {**table("en"), "now.by": phrases.Phrase("Leave before {time}: {minutes} min")}
    monkeypatch.setattr(phrases, "table", lambda _language: changed)
    assert reviews.reviewer("now.by", "en") == phrases.UNREVIEWED
    assert not reviews.sendable(["now.by"], "en", actual=True)


@pytest.mark.parametrize(
    ("name", "keys"), [("", ["now.by"]), ("unreviewed", ["now.by"]), ("佐藤", ["now.by", "now.bye"])]
)
def test_a_review_without_a_name_or_of_no_phrase_is_refused(tmp_path: Path, name: str, keys: list[str]) -> None:
    reviews = Reviews(tmp_path / "reviews.toml")
    with pytest.raises(BadInput):
        reviews.sign(name, "en", keys)
    assert not reviews.path.exists()


@pytest.mark.parametrize("text", ["[en", '[xx."now.by"]\nreviewer = "a"\ntext = "b"', '[en."now.by"]\nreviewer = 3'])
def test_a_broken_file_of_reviews_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "reviews.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadConfig, match=r"reviews\.toml"):
        Reviews(path)
