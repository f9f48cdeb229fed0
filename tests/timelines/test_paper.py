"""The sheet: one page for six people, nothing smaller than 12 pt, type embedded, and the code survives a tear."""

from __future__ import annotations

import ctypes
import dataclasses
import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pypdfium2 as pdfium
import pytest
import zxingcpp
from pypdfium2 import raw
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics

from tests.timelines.sheets import PLAN, sheet, town
from tests.timelines.test_fonts import SENTENCES
from timelines import paper, qr, qrtext

DPI = 200


def pages(made: bytes) -> list[pdfium.PdfPage]:
    return list(pdfium.PdfDocument(made))


def words(page: pdfium.PdfPage) -> str:
    return re.sub(r"\s", "", page.get_textpage().get_text_bounded())


def pieces(page: pdfium.PdfPage) -> Iterator[tuple[float, bool, tuple[float, float, float, float]]]:
    """Give (size in points, embedded, bounds) of every piece of text."""
    for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
        matrix = thing.get_matrix()
        size = ctypes.c_float()
        raw.FPDFTextObj_GetFontSize(thing.raw, size)
        font = raw.FPDFTextObj_GetFont(thing.raw)
        yield size.value * matrix.d, raw.FPDFFont_GetIsEmbedded(font) == 1, thing.get_bounds()


@pytest.mark.parametrize("drill", ["", "訓練"])
def test_a_home_of_six_with_every_step_is_one_page_of_a4(drill: str) -> None:
    made = sheet(drill=drill)
    (page,) = pages(paper.pdf(made))
    assert [round(side / mm) for side in page.get_size()] == [210, 297]
    said = words(page)
    for level in made.levels:
        for step in (*level.steps, level.heading, level.own):
            assert step.replace(" ", "") in said, step
    for line in (made.act, made.leave, *made.way, *made.contacts, *made.unknown, made.made_at, "1/1"):
        assert line.replace(" ", "") in said, line
    assert said.count("訓練") == (12 if drill else 0)


@pytest.mark.parametrize("language", SENTENCES)
def test_text_is_large_enough_embedded_and_on_the_page(language: str) -> None:
    sentence = SENTENCES[language]
    made = dataclasses.replace(sheet(language, drill="訓練"), act=sentence, unknown=(sentence,) * 9)
    for page in pages(paper.pdf(made)):
        for size, embedded, (left, bottom, right, top) in pieces(page):
            assert size >= paper.SMALLEST
            assert embedded
            assert left >= 0
            assert bottom >= 0
            assert right <= paper.WIDE
            assert top <= paper.HIGH


def test_every_language_is_printed_letter_by_letter() -> None:
    for language, sentence in SENTENCES.items():
        (page,) = pages(paper.pdf(dataclasses.replace(sheet(language), act=sentence)))
        assert sentence.replace(" ", "") in words(page)


def test_too_much_for_one_page_goes_on_a_second_and_never_shrinks() -> None:
    made = sheet()
    long = dataclasses.replace(made, levels=made.levels * 6)
    first, second = pages(paper.pdf(long))
    assert "1/2" in words(first)
    assert "2/2" in words(second)
    assert min(size for page in (first, second) for size, _, _ in pieces(page)) >= paper.SMALLEST


def test_without_a_map_it_says_why() -> None:
    (page,) = pages(paper.pdf(dataclasses.replace(sheet(), map=None, no_map="道路の情報がありません。")))
    assert "道路の情報がありません。" in words(page)


def test_hostile_words_stay_words() -> None:
    made = dataclasses.replace(sheet(), act="A" * 300, title="\x00<b>\u202e" + "あ" * 80, way=("🐕" * 20, ""))
    assert "A" * 20 in words(pages(paper.pdf(made))[0])


def test_nothing_of_a_sheet_stays_behind() -> None:
    before = set(pdfmetrics._fonts), set(pdfmetrics._dynFaceNames)
    one = paper.pdf(sheet())
    assert (set(pdfmetrics._fonts), set(pdfmetrics._dynFaceNames)) == before
    assert paper.pdf(sheet()) == one


def scanned(made: paper.Sheet) -> np.ndarray:
    return np.array(pages(paper.pdf(made))[0].render(scale=DPI / 72, grayscale=True).to_pil())


def boxes(made: paper.Sheet) -> list[tuple[float, float, float]]:
    """Give (left, top, side) of both codes in pixels of the scan."""
    left, top, right, bottom = paper._edge(made)
    side = qr.SIDE_MM * mm
    return [tuple(v * DPI / 72 for v in box) for box in ((right - side, top, side), (left, bottom - side, side))]


def test_both_codes_stand_at_opposite_corners_and_give_the_plan_back() -> None:
    made = sheet()
    found = zxingcpp.read_barcodes(scanned(made))
    assert [qrtext.read(one.text) for one in found] == [PLAN, PLAN]
    (ax, ay), (bx, by) = ((one.position.top_left.x, one.position.top_left.y) for one in found)
    assert (ax - bx) * (ay - by) < 0
    assert abs(ay - by) > 1500


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1])
def test_either_code_gives_the_plan_back_with_15_percent_masked(which: int) -> None:
    """Test 8 of product.md section 4: the sheet scanned at 200 dpi, 120 maskings a code, solid and in pieces."""
    made = sheet()
    page, squares = scanned(made), qr.code(made.code).squares
    x, y, side = boxes(made)[which]
    rng = random.Random(which)
    for holes in (1, 1, 2, 3, 4) * 24:
        damaged = page.copy()
        if holes == 1 and rng.random() < 0.3:
            # The other corner is torn off altogether: this one must do alone.
            ox, oy, _ = boxes(made)[1 - which]
            damaged[int(oy) : int(oy + side), int(ox) : int(ox + side)] = 255
        mask(damaged, (x, y, side / squares), squares, holes, rng)
        crop = damaged[max(0, int(y) - 12) : int(y + side) + 12, max(0, int(x) - 12) : int(x + side) + 12]
        # A square is 3.3 dots of the scan wide: a reader that misses by a dot tries again at double size.
        found = zxingcpp.read_barcodes(crop) or zxingcpp.read_barcodes(crop.repeat(2, axis=0).repeat(2, axis=1))
        assert [qrtext.read(one.text) for one in found] == [PLAN], f"{holes} holes"


def mask(page: np.ndarray, place: tuple[float, float, float], squares: int, holes: int, rng: random.Random) -> None:
    """Cover 15 % of the squares outside the finders, in *holes* patches, with white, black or grey."""
    free = np.ones((squares, squares), dtype=bool)
    free[:8, :8] = free[:8, -8:] = free[-8:, :8] = False
    want, gone = int(free.sum() * 0.15), np.zeros_like(free)
    tall = round((want / holes) ** 0.5 * rng.uniform(0.7, 1.4))
    wide = round(want / holes / tall)
    while gone.sum() < want:
        row, column = rng.randint(0, squares - tall), rng.randint(0, squares - wide)
        more = np.zeros_like(gone)
        more[row : row + tall, column : column + wide] = True
        spots = np.argwhere(more & free & ~gone)[: want - gone.sum()]
        gone[spots[:, 0], spots[:, 1]] = True
    assert gone.sum() >= want
    x, y, square = place
    shade = rng.choice((255, 0, 128))
    for row, column in np.argwhere(gone):
        top, left = round(y + row * square), round(x + column * square)
        page[top : round(y + (row + 1) * square), left : round(x + (column + 1) * square)] = shade


def test_a_map_without_way_or_zones_is_printed_too() -> None:
    bare = dataclasses.replace(town(), way=(), end=None, floods=None, zones=(), rivers=(), streets=(), labels=())
    assert len(pages(paper.pdf(dataclasses.replace(sheet(), map=bare)))) == 1


def test_two_at_once_do_not_take_each_others_type() -> None:
    languages = ["ja", "ko", "vi", "zh-Hans"] * 2
    alone = {language: paper.pdf(sheet(language)) for language in languages}
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda language: paper.pdf(sheet(language)), languages)) == [
            alone[one] for one in languages
        ]
