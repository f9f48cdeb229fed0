"""The marks of what is not actual, and how one is found again however it was typed."""

from __future__ import annotations

import re
import unicodedata

EXERCISE = "【訓練】"
TEST = "【テスト】"
_OPENS = re.compile(r"[【［\[〔﹇︻︹]")
"""Most texts hold none of these: only what does is looked at letter by letter."""
_EXERCISES = re.compile(r"[【\[〔](?:訓練|演習)[】\]〕]")
_TESTS = re.compile(r"[【\[〔](?:テスト|試験)[】\]〕]")


def bears(*texts: str, test: bool = False) -> bool:
    """Tell whether a text bears the mark of an exercise, or of a test where it is none (*test*).

    The mark alone counts: a town may well say in earnest that tomorrow's 訓練 is off.
    """
    for text in texts:
        if _OPENS.search(text):
            # Spaces, line ends and signs that nobody sees make no other mark of it.
            plain = "".join(c for c in unicodedata.normalize("NFKC", text) if c.isprintable() and not c.isspace())
            if _EXERCISES.search(plain) or (not test and _TESTS.search(plain)):
                return True
    return False
