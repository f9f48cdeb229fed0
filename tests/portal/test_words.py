"""Every screen text stands in the catalogue."""

from __future__ import annotations

import re

from disaster_hub.portal.words import languages
from tests.portal.texts import PORTAL, texts

BLANK = re.compile(r"%\(\w+\)s")


def test_every_text_has_an_english_one() -> None:
    english = languages()["en"].table
    missing = [text for text in texts() if text not in english]
    assert not missing, f"give these an English text in catalogues/en.po: {missing}"


def test_no_text_is_left_over() -> None:
    left = set(languages()["en"].table) - set(texts())
    assert not left, f"nobody says these any more: {sorted(left)}"


def test_translations_fill_in_the_same_blanks() -> None:
    for text, english in languages()["en"].table.items():
        assert sorted(BLANK.findall(text)) == sorted(BLANK.findall(english)), text


def test_every_part_of_the_page_is_read() -> None:
    said = {where.rsplit(".", 1)[-1] for places in texts().values() for where in places}
    assert said == {"py", "html", "js"}
    assert len(texts()) > 200


def test_no_japanese_stands_outside_the_catalogue() -> None:
    """A text that nobody can translate is a page that nobody abroad can read."""
    loose = re.compile(r">[^<{}]*[\u3041-\u30ff\u4e00-\u9fff][^<{}]*<")
    for path in (PORTAL / "templates").glob("*.html"):
        found = [m for m in loose.findall(path.read_text(encoding="utf-8")) if "日本語" not in m]
        assert not found, f"{path.name}: {found}"
