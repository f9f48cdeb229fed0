"""How names sound: while Japanese is being typed, the reading is there before the characters are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

SOUNDS = {
    "小学校": "しょうがっこう", "中学校": "ちゅうがっこう", "高等学校": "こうとうがっこう", "学校": "がっこう",
    "公民館": "こうみんかん", "体育館": "たいいくかん", "会館": "かいかん", "市民": "しみん", "公園": "こうえん",
    "大橋": "おおはし", "橋": "ばし", "川": "がわ", "本町": "ほんちょう", "新町": "しんまち", "駅": "えき",
    "地下道": "ちかどう", "用水": "ようすい", "水路": "すいろ", "病院": "びょういん", "保育園": "ほいくえん",
    "第一": "だいいち", "第二": "だいに", "第三": "だいさん", "中央": "ちゅうおう", "東": "ひがし", "西": "にし",
    "南": "みなみ", "北": "きた", "新": "しん", "上": "かみ", "下": "しも", "町": "まち",
}  # fmt: skip
"""Words of which place names are made; what is not in here keeps its characters."""
LONGEST = 6
PARTS = re.compile(r"[\s　・（）()／/]+")
"""「みなも川（芦原橋）」 is asked for as 芦原橋."""


class Sounds:
    """The readings that are known: of common words, and of a city's own towns."""

    def __init__(self, towns: Mapping[str, str]) -> None:
        self._known = {**SOUNDS, **towns}

    def of(self, name: str, more: Iterable[str] = ()) -> Iterator[str]:
        """Give *name*, then *more* names of the same, then how *name* sounds as far as that is known."""
        yield name
        yield from more
        parts = [part for part in PARTS.split(name) if part]
        yield from parts if len(parts) > 1 else ()
        said, at = "", 0
        while at < len(name):
            word = next((name[at : at + n] for n in range(LONGEST, 0, -1) if name[at : at + n] in self._known), None)
            said += self._known[word] if word else name[at]
            at += len(word) if word else 1
        yield said
