"""The plan itself as plain text for a QR code: lines that anybody can read, and one that gives the plan back exactly.

What the household typed (address, names, own words) stands once, in the lines for people. The last line, `HUB1` and
letters that cannot be mistaken for each other, carries everything else and a check value over all of it. No token, no
address of a server, no name of a person that nobody typed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.household import Destination, Home, Household, Kind, Mode, Need, Plan, Structure
from disaster_hub.terms.place import LonLat
from timelines import hub1, qr

MARK = "HUB1"
"""First word of the last line: how to read it. Another dictionary or order of fields is another number."""
LONGEST = 8_000
"""Characters of text, and bytes of its unpacked last line, that are looked at at all."""
JAPANESE = re.compile("[\u3040-\u30fa\u4e00-\u9fff]")
FULL_WIDTH = {ord(narrow): wide for narrow, wide in zip(" 0123456789+()", "　０１２３４５６７８９＋（）", strict=True)}
BASE32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
"""To Crockford's letters, of which none looks like another."""
BACK = bytes.maketrans(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
LOOK_ALIKE = str.maketrans("OIL", "011")
"""O, I and L are read as the digits they look like."""
DAMAGED = "plan: the text is damaged or incomplete; scan the code again, or the other one on the sheet"
SHOWN = " \u3000\u200c\u200d"
"""Spaces and joiners that stay as they are inside a line."""
KEYS = (
    "qr.title", "qr.for_parent", "qr.home", "qr.first", "qr.second", "qr.leave_level", "qr.level", "qr.own",
    "qr.helper", "qr.upper_floors", "qr.shortened", "kind.shelter", "kind.relatives", "kind.upstairs",
)  # fmt: skip
"""The phrases that `write` asks for, besides `step.<id>` of every step; `{level}` in a phrase is filled in."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line for people: a label in their language and, where *typed*, words that `read` takes back exactly."""

    label: str
    value: str = ""
    typed: bool = False

    @property
    def text(self) -> str:
        """Give the line as printed."""
        # ① is not in JIS X 0208: one such letter would cost the whole text its kanji mode.
        label = re.sub(r"\s+", " ", self.label).strip().translate({ord("①"): "1", ord("②"): "2"})
        wide = bool(JAPANESE.search(label))
        if wide:
            # Each change between the code's alphabets costs five bytes; ３ among kanji costs none.
            label = label.translate(FULL_WIDTH)
        if not self.typed:
            return label
        return f"{re.sub('[:：]', ' ', label)}{'：' if wide else ': '}{_escaped(self.value)}".rstrip(" ")


def write(plan: Plan, say: Callable[[str], str], extra: Sequence[str] = ()) -> str:
    """Write *plan* as text that fits one code; *say* gives a phrase, *extra* are lines such as the way in short.

    Where all of it is too long, first *extra* and then words of steps are left out, as many as must be, and the lines
    say how many; the last line still carries every step. BadInput where even what the household typed does not fit.
    """
    for more in (extra, ()):
        text = _text(plan, list(_lines(plan, say, more, LONGEST)))
        if qr.fits(text):
            return text
    bare = _text(plan, list(_lines(plan, say, (), 0)))
    if not qr.fits(bare):
        raise BadInput("plan: address, names and own words are too long for the code on paper; shorten the own words")
    low, high = 0, LONGEST
    while low + 1 < high:
        letters = (low + high) // 2
        text = _text(plan, list(_lines(plan, say, (), letters)))
        low, high, bare = (letters, high, text) if qr.fits(text) else (low, letters, bare)
    return bare


def _text(plan: Plan, lines: Sequence[Line]) -> str:
    shown = [line for line in lines if line.text]
    typed = [number for number, line in enumerate(shown) if line.typed]
    return "\n".join([*(line.text for line in shown), _packed(plan, typed)])


def _lines(plan: Plan, say: Callable[[str], str], extra: Sequence[str], letters: int) -> Iterator[Line]:
    """Give the lines in the order in which `_typed` lists the typed ones; a level's steps in *letters* letters."""
    yield Line(say("qr.title"))
    if plan.made_for == "parent":
        yield Line(say("qr.for_parent"))
    yield Line(say("qr.home"), plan.home.address, typed=True)
    yield Line(f"{plan.home.spot.lat:.5f},{plan.home.spot.lon:.5f}")
    for key, place in (("qr.first", plan.first), ("qr.second", plan.second)):
        if place is not None:
            upper = f" ({say('qr.upper_floors')})" if place.upper_floors else ""
            yield Line(f"{say(key)} {say('kind.' + place.kind)}{upper}", place.name, typed=True)
    yield Line(_numbered(say("qr.leave_level"), plan.leave_level))
    yield from (Line(words) for words in extra)
    short = False
    for level in sorted({*plan.steps, *plan.own_words}):
        heading = _numbered(say("qr.level"), level)
        words = [say(f"step.{step}") for step in plan.steps.get(level, ())]
        most = next((n for n in range(len(words), 0, -1) if sum(map(len, words[:n])) <= letters), 0)
        short = short or most < len(words)
        if words:
            left_out = f" +{len(words) - most}" if most < len(words) else ""
            mark = "・" if JAPANESE.search(words[0]) else ", "
            yield Line(f"{heading} {mark.join(words[:most])}{left_out}")
        if level in plan.own_words:
            yield Line(f"{heading} {say('qr.own')}", plan.own_words[level], typed=True)
    yield Line(say("qr.helper"), plan.helper, typed=True)
    if short:
        yield Line(say("qr.shortened"))


def _numbered(phrase: str, level: int) -> str:
    """Put *level* where the phrase has room for it, else behind it: a level without its number says nothing."""
    return phrase.replace("{level}", str(level)) if "{level}" in phrase else f"{phrase} {level}"


def _typed(plan: Plan) -> list[str]:
    """Give what the household typed, in the order of the lines."""
    names = [place.name for place in (plan.first, plan.second) if place is not None]
    return [plan.home.address, *names, *(plan.own_words[level] for level in sorted(plan.own_words)), plan.helper]


def _coded(plan: Plan) -> list[Any]:
    """Give everything that nobody typed, in a fixed order."""
    home, people = plan.home, plan.household
    return [
        _spot(home.spot),
        [home.storeys, home.floor, home.structure.value],
        [people.people, sorted(need.value for need in people.needs), people.mode.value, people.ten_minutes_m],
        [int(people.stairs), int(people.pram), people.prepare_min, people.endure_hours],
        _place(plan.first),
        _place(plan.second),
        plan.leave_level,
        [[level, list(plan.steps[level])] for level in sorted(plan.steps)],
        sorted(plan.own_words),
        plan.made_for,
        sorted(plan.seen_by),
        plan.language,
        None if plan.reviewed_on is None else plan.reviewed_on.isoformat(),
    ]


def _spot(spot: LonLat | None) -> list[float] | None:
    return None if spot is None else [spot.lon, spot.lat]


def _place(place: Destination | None) -> list[Any] | None:
    return None if place is None else [place.kind.value, place.shelter, _spot(place.spot), int(place.upper_floors)]


def _packed(plan: Plan, typed: Sequence[int]) -> str:
    """Give the last line: the mark, the packed fields, the check value."""
    fields = json.dumps([list(typed), *_coded(plan)], separators=(",", ":"), allow_nan=False)
    press = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=hub1.TEXT)
    raw = press.compress(fields.encode()) + press.flush()
    letters = base64.b32encode(raw).rstrip(b"=").translate(BASE32).decode()
    return f"{MARK} {letters} {_check(letters, _typed(plan))}"


def _check(letters: str, typed: Sequence[str]) -> str:
    """Give six letters that change when any letter of the last line or any typed word changes."""
    digest = hashlib.blake2b(json.dumps([letters, *typed]).encode(), digest_size=5).digest()
    return base64.b32encode(digest).translate(BASE32).decode()[:6]


def _escaped(words: str) -> str:
    """Give *words* on one line in which nothing is hidden: breaks, controls and outer spaces are spelled out."""

    def spelled(place: int, letter: str) -> str:
        if letter == "\\":
            return "\\\\"
        if letter == "\n":
            return "\\n"
        outer = place in {0, len(words) - 1} and letter.isspace()
        hidden = letter not in SHOWN and unicodedata.category(letter)[0] in "CZ"
        return f"\\u{{{ord(letter):x}}}" if outer or hidden else letter

    return "".join(spelled(place, letter) for place, letter in enumerate(words))


def _unescaped(words: str) -> str:
    def meant(found: re.Match[str]) -> str:
        return chr(int(found[1], 16)) if found[1] else {"n": "\n", "\\": "\\"}[found[2]]

    return re.sub(r"\\(?:u\{([0-9a-f]{1,6})\}|([n\\]))", meant, words)


def read(text: str) -> Plan:
    """Give the plan back that `write` wrote; BadInput in one sentence where the text is damaged or is none."""
    if len(text) > LONGEST:
        raise BadInput(f"plan: {len(text)} characters are more than any printed plan has")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    starts = [number for number, line in enumerate(lines) if re.match(r"HUB\d+ ", line.upper())]
    if not starts:
        raise BadInput(f"plan: the last line, which begins with {MARK}, is missing; copy or scan all of it")
    mark, *words = " ".join(lines[starts[-1] :]).upper().split()
    if mark != MARK:
        raise BadInput(f"plan: printed by another version ({mark[:8]}); this one reads {MARK}")
    letters = "".join(words).translate(LOOK_ALIKE)
    try:
        where, *coded = json.loads(_unpacked(letters[:-6]))
        typed = [_unescaped(re.sub(r"^[^:：]*[:：] ?", "", lines[number], count=1)) for number in where]
        if _check(letters[:-6], typed) != letters[-6:]:
            raise BadInput(DAMAGED)
        return _plan(coded, typed)
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        OverflowError,
        RecursionError,
        StopIteration,
        zlib.error,
    ) as fault:
        raise BadInput(DAMAGED) from fault


def _unpacked(letters: str) -> str:
    raw = letters.encode("ascii").translate(BACK)
    packed = base64.b32decode(raw + b"=" * (-len(raw) % 8))
    opener = zlib.decompressobj(-15, zdict=hub1.TEXT)
    fields = opener.decompress(packed, LONGEST)
    if not opener.eof:
        raise ValueError("cut off, or far too long")
    return fields.decode()


def _plan(coded: list[Any], typed: list[str]) -> Plan:
    """Put the plan together from its fields, in the order of `_coded` and `_typed`."""
    spot, house, people, pace, first, second, leave, steps, levels, made_for, seen_by, language, reviewed = coded
    words = iter(typed)
    return Plan(
        home=Home(_point(spot), next(words), house[0], house[1], Structure(house[2])),
        household=Household(
            people=people[0],
            needs=frozenset(Need(need) for need in people[1]),
            mode=Mode(people[2]),
            ten_minutes_m=people[3],
            stairs=bool(pace[0]),
            pram=bool(pace[1]),
            prepare_min=pace[2],
            endure_hours=pace[3],
        ),
        first=_destination(first, words),
        second=_destination(second, words),
        leave_level=leave,
        steps={level: tuple(ids) for level, ids in steps},
        own_words={level: next(words) for level in levels},
        made_for=made_for,
        seen_by=frozenset(seen_by),
        helper=next(words),
        language=language,
        reviewed_on=None if reviewed is None else date.fromisoformat(reviewed),
    )


def _point(spot: list[float]) -> LonLat:
    lon, lat = spot
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError("no place on earth")
    return LonLat(lon, lat)


def _destination(place: list[Any] | None, words: Iterator[str]) -> Destination | None:
    if place is None:
        return None
    kind, shelter, spot, upper = place
    return Destination(Kind(kind), shelter, next(words), None if spot is None else _point(spot), bool(upper))
