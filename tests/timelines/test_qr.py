"""The code on the sheet is read back from a scan, also with 15 % of it gone."""

from __future__ import annotations

import random

import numpy as np
import pytest
import zxingcpp

from disaster_hub.terms.errors import BadInput
from timelines import qr

JAPANESE = "家：鶴岡市馬場町9-25\nレベル３　水と食べものを確かめる・ラジオを出す\n"
TEXTS = {
    "small": JAPANESE * 7,
    "middle": JAPANESE * 11,
    "large": JAPANESE * 13,
    "english": "Leave at level 3: check water and radio\n" * 22,
    "emoji": "犬🐕と避難\n" * 40,
}


def drawn(code: qr.Code, square: int = 4) -> np.ndarray:
    """Give the code as grey values with its white edge."""
    dark = np.pad(np.array(code.rows, dtype=bool), 4)
    return np.where(np.kron(dark, np.ones((square, square), dtype=bool)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", TEXTS)
def test_it_is_read_as_it_was_written(name: str) -> None:
    code = qr.code(TEXTS[name])
    assert qr.SIDE_MM / code.squares >= 0.4
    found = zxingcpp.read_barcodes(drawn(code))
    assert [one.text for one in found] == [TEXTS[name]]
    assert found[0].ec_level == "H"


def test_kanji_take_half_of_what_utf8_takes() -> None:
    assert qr.code("避難の計画" * 60).version == 30
    with pytest.raises(BadInput, match="shorten"):
        qr.code("避難の計画🐕" * 60)


def test_letters_that_phones_read_differently_are_not_in_kanji_mode() -> None:
    for letter in "〜～−①髙\\~":
        text = f"避難{letter}家"
        assert [one.text for one in zxingcpp.read_barcodes(drawn(qr.code(text)))] == [text]


def test_too_long_is_refused_and_fits_says_so_before() -> None:
    assert qr.fits("a" * 890)
    assert not qr.fits("a" * 910)
    with pytest.raises(BadInput, match="QR code: 9"):
        qr.code("a" * 910)


def torn(grey: np.ndarray, holes: int, rng: random.Random) -> np.ndarray:
    """Cover 15 % of a code outside its finder squares with *holes* patches, white, black or grey."""
    side = grey.shape[0] // 4
    free = np.zeros((side, side), dtype=bool)
    free[4:-4, 4:-4] = True
    free[:12, :12] = free[:12, -12:] = free[-12:, :12] = False
    want = int(free.sum() * 0.15)
    gone = np.zeros_like(free)
    tall = max(1, round((want / holes) ** 0.5 * (rng.uniform(0.6, 1.6) if holes == 1 else 1)))
    wide = round(want / holes / tall)
    while gone.sum() < want:
        row, column = rng.randint(4, side - 4 - tall), rng.randint(4, side - 4 - wide)
        more = np.zeros_like(gone)
        more[row : row + tall, column : column + wide] = True
        places = np.argwhere(more & free & ~gone)[: want - gone.sum()]
        gone[places[:, 0], places[:, 1]] = True
    return np.where(np.kron(gone, np.ones((4, 4), dtype=bool)), rng.choice((255, 0, 128)), grey).astype(np.uint8)


@pytest.mark.parametrize("name", ["small", "middle", "large"])
def test_a_torn_code_is_still_read(name: str) -> None:
    whole = drawn(qr.code(TEXTS[name]))
    rng = random.Random(20)
    for holes in (1, 1, 1, 2, 3, 4) * 4:
        found = zxingcpp.read_barcodes(torn(whole, holes, rng))
        assert [one.text for one in found] == [TEXTS[name]], f"{holes} holes"


def test_svg_says_what_it_is() -> None:
    drawing = qr.svg("避難", 'the plan <"&>')
    assert "&lt;&quot;&amp;" in drawing
    assert 'fill="#fff"' in drawing
