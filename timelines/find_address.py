"""Finding a home: towns and blocks to choose from, or words as people type them; nothing typed is kept or logged."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from disaster_hub.terms.place import Feature, LonLat

ROWS = {
    "あ": "あいうえお", "か": "かきくけこがぎぐげご", "さ": "さしすせそざじずぜぞ", "た": "たちつてとだぢづでど",
    "な": "なにぬねの", "は": "はひふへほばびぶべぼぱぴぷぺぽ", "ま": "まみむめも", "や": "やゆよ", "ら": "らりるれろ",
    "わ": "わをん",
}  # fmt: skip
OTHERS = "町"
"""The row of towns whose reading nobody has said."""
NUMERALS = "〇一二三四五六七八九"
OLD = str.maketrans(
    "龍澤櫻濱邊邉齋齊廣嶋嶌﨑髙瀧國眞學圓榮條假舘淵藪檜槇之ノヶケヵガけ",
    "竜沢桜浜辺辺斎斉広島島崎高滝国真学円栄条仮館渕薮桧槙ののががががが",
)
DASHES = re.compile(r"[\-‐‑‒–—―−ｰー~〜]")
DROPPED = re.compile(r"[\s、。，,．.・]|大字|字(?=[^0-9])")
CHOME = re.compile(r"([〇一二三四五六七八九十]+)(?=丁目|番|号|条|区|線)")
LAST_PART = re.compile(r"(?:\d+|[〇一二三四五六七八九十]+|丁目|番地|番|号|の|-|ちょうめ|ばんち|ばん|ごう)$")
"""The last part of a house number: 本町1丁目2-3 is 本町1丁目, once three of these are gone."""
LAST_NUMERAL = re.compile(r"[〇一二三四五六七八九十]+$")
SAID = ("pref", "city", "town", "koaza", "town_kana", "town_romaji")
CITIES = ("pref", "city", "pref_kana", "city_kana", "pref_romaji", "city_romaji")


@dataclass(frozen=True, slots=True)
class Block:
    """One block: the smallest part of an address that has a point."""

    id: str
    label: str
    """The address in words, from the town on."""
    town: str
    spot: LonLat


@dataclass(frozen=True, slots=True)
class Town:
    """One town of the city."""

    id: str
    name: str
    kana: str = ""


@dataclass(slots=True)
class AddressBook:
    """The city's towns and blocks, held in memory."""

    towns: Mapping[str, Town]
    by_town: Mapping[str, Sequence[Block]]
    by_id: Mapping[str, Block]
    keys: Sequence[tuple[str, Block]]
    """What a typed text is compared with: every block's name and reading, folded."""
    prefixes: Sequence[str]
    """Prefecture and city, folded: people type them or leave them out."""
    _places: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    _blocks: Sequence[Block] = ()

    @classmethod
    def build(cls, features: Iterable[Feature]) -> AddressBook:
        """Make the book of the `addresses` layer."""
        towns: dict[str, Town] = {}
        blocks: dict[str, list[Block]] = {}
        keys: list[tuple[str, Block]] = []
        prefixes: set[str] = set()
        for one in features:
            if one.geometry is None or not one.columns.get("town"):
                continue
            said = {name: str(one.columns.get(name) or "") for name in SAID}
            town = towns.setdefault(said["town"], Town(said["town"], said["town"], _hiragana(said["town_kana"])))
            label = said["town"] + said["koaza"]
            block = Block(one.id, label, town.id, LonLat(one.geometry.x, one.geometry.y))
            blocks.setdefault(town.id, []).append(block)
            readings = [said[name] + said["koaza"] for name in ("town_kana", "town_romaji") if said[name]]
            keys += [(key, block) for key in dict.fromkeys(map(fold, (label, *readings)))]
            prefixes |= {fold(str(one.columns.get(name) or "")) for name in CITIES} - {""}
        every = [block for row in blocks.values() for block in row]
        places = np.array([(b.spot.lon, b.spot.lat) for b in every]).reshape(-1, 2)
        longest_first = sorted(prefixes, key=len, reverse=True)
        return cls(towns, blocks, {b.id: b for b in every}, keys, longest_first, places, every)

    def rows(self) -> dict[str, list[Town]]:
        """Give the towns by the first sound of their reading, あ to わ, then those whose reading is not known."""
        ranked = sorted(self.towns.values(), key=lambda t: (_row(t)[0], _counted(t.kana or t.name)))
        return {name: list(row) for (_, name), row in groupby(ranked, key=_row)}

    def town(self, identity: str) -> Town | None:
        """Give a town."""
        return self.towns.get(identity)

    def blocks(self, town: str) -> Sequence[Block]:
        """Give the blocks of a town, in the order in which one counts them."""
        return sorted(self.by_town.get(town, ()), key=lambda b: _counted(b.label))

    def block(self, identity: str) -> Block | None:
        """Give a block."""
        return self.by_id.get(identity)

    def find(self, text: str, limit: int) -> list[Block]:
        """Give the blocks that *text* may mean, best first; a house number behind the block is passed over."""
        wish = self._without_city(fold(text[:100]))
        if not wish:
            return []
        found = self._ranked(wish, limit)
        numeral = LAST_NUMERAL.search(wish)
        if not found and numeral is not None:
            found = self._ranked(wish[: numeral.start()] + str(_number(numeral[0])), limit)
        shorter = wish
        while not found and LAST_PART.search(shorter):
            shorter = LAST_PART.sub("", shorter)
            found = self._ranked(shorter, limit) if shorter else []
        return found or self._longest_start(wish, limit)

    def nearest(self, spot: LonLat) -> Block | None:
        """Give the block whose point lies nearest."""
        if not self._blocks:
            return None
        east = (self._places[:, 0] - spot.lon) * np.cos(np.radians(spot.lat))
        north = self._places[:, 1] - spot.lat
        return self._blocks[int((east**2 + north**2).argmin())]

    def _ranked(self, wish: str, limit: int) -> list[Block]:
        ranked = sorted(
            ((_rank(key, wish), len(key), key, block) for key, block in self.keys if wish in key),
            key=lambda row: row[:3],
        )
        return list({block.id: block for *_, block in ranked}.values())[:limit]

    def _longest_start(self, wish: str, limit: int) -> list[Block]:
        """Give the blocks whose whole name *wish* begins with, the longest name first."""
        fitting = sorted((row for row in self.keys if wish.startswith(row[0])), key=lambda row: -len(row[0]))
        best = [block for key, block in fitting if len(key) == len(fitting[0][0])] if fitting else []
        return list({block.id: block for block in best}.values())[:limit]

    def _without_city(self, wish: str) -> str:
        for _ in range(2):  # the prefecture, then the city
            known = next((p for p in self.prefixes if wish.startswith(p) and len(wish) > len(p)), "")
            wish = wish.removeprefix(known)
        return wish


def fold(text: str) -> str:
    """Write an address in the one way in which it is compared: width, kana, numerals, dashes and old characters."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    plain = CHOME.sub(lambda m: str(_number(m[1])), plain)
    plain = DASHES.sub("-", plain.translate(OLD)) if not plain.isascii() else DASHES.sub("-", plain)
    return DROPPED.sub("", _hiragana(plain))


def _hiragana(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in plain)


def _number(numerals: str) -> int:
    """Read 二十三 as 23."""
    tens, _, ones = numerals.rpartition("十")
    if "十" not in numerals:
        return int("".join(str(NUMERALS.index(c)) for c in numerals))
    ten = NUMERALS.index(tens) if tens in NUMERALS and tens else 1
    return 10 * ten + (NUMERALS.index(ones) if ones else 0)


def _rank(key: str, wish: str) -> int:
    return 0 if key == wish else 1 if key.startswith(wish) else 2


def _row(town: Town) -> tuple[int, str]:
    first = (town.kana or _hiragana(town.name))[:1]
    for number, (name, sounds) in enumerate(ROWS.items()):
        if first in sounds:
            return number, name
    return len(ROWS), OTHERS


def _counted(label: str) -> tuple[tuple[int, int, str], ...]:
    """Order 2丁目 before 10丁目."""
    parts = re.split(r"(\d+)", fold(label))
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts if p)
