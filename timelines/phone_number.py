"""A telephone number as people write it, made into the one form that every gateway takes (E.164)."""

from __future__ import annotations

import re
import unicodedata

from disaster_hub.terms.errors import BadInput

E164 = re.compile(r"\+[1-9][0-9]{7,14}")
BETWEEN = re.compile(r"[\s()（）.\-‐-―−ーｰ]")
JAPAN = "+81"
ABROAD = "010"
"""What one dials in Japan before a number abroad."""
MOBILE = re.compile(r"\+81[789]0[0-9]{8}")
LANDLINE = re.compile(r"\+81[1-9][0-9]{8}")
NO_CALLS = re.compile(r"\+81(?:120|570|800|990|180|170|1[0-9]{2}$)")
"""Numbers of services, which nobody has at home: free and charged lines, and the three digits for help."""


def number(typed: str, kind: str = "sms") -> str:
    """Give a number in E.164; one that cannot be reached by *kind* raises BadInput without repeating it."""
    bare = BETWEEN.sub("", unicodedata.normalize("NFKC", typed))
    if bare.startswith(ABROAD):
        bare = f"+{bare.removeprefix(ABROAD)}"
    elif bare.startswith("0"):
        bare = JAPAN + bare[1:]
    if bare.startswith(f"{JAPAN}0"):  # +81 (0)90… is written often
        bare = JAPAN + bare.removeprefix(f"{JAPAN}0")
    if not E164.fullmatch(bare) or NO_CALLS.match(bare):
        raise BadInput("telephone number: not of the form 090-1234-5678")
    if bare.startswith(JAPAN) and not MOBILE.fullmatch(bare) and (kind == "sms" or not LANDLINE.fullmatch(bare)):
        raise BadInput("telephone number: no mobile phone" if kind == "sms" else "telephone number: too few digits")
    return bare


def national(known: str) -> str:
    """Give a Japanese number as it is dialled in Japan; any other stays as it is."""
    return f"0{known.removeprefix(JAPAN)}" if known.startswith(JAPAN) else known


def hinted(known: str) -> str:
    """Give the last digits of a number, for a page on which the whole one has no business."""
    return f"…{known[-2:]}"
