"""Passwords: argon2id, old hashes still read, and a small rule against those that everybody tries first."""

from __future__ import annotations

import re
import secrets
import threading
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from werkzeug.security import check_password_hash

SHORTEST, LONGEST = 12, 200
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is easily misread on a printed slip: i, l, o, 0, 1."""
HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
"""RFC 9106's second recommendation: three passes over 64 MiB in four lanes; more than OWASP's least."""
AT_ONCE = threading.BoundedSemaphore(3)
"""64 MiB each: a rush of sign-ins waits instead of eating the machine's memory."""
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$YTZRcGc4b3VWbTFLZXhTMg$" + "A" * 43
"""Compared with where there is no such account, so that a wrong name takes as long as a wrong password."""
NO_PASSWORD = "!"  # noqa: S105 - it is none
"""Begins what stands in place of a hash where only an OpenID provider lets somebody in; it fits no password."""
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn")
SIMPLE = (
    "password", "passwort", "passcode", "pass", "word", "admin", "administrator", "root", "user", "guest", "login",
    "signin", "welcome", "letmein", "master", "secret", "test", "demo", "default", "changeme", "change", "initial",
    "system", "manager", "office", "staff", "iloveyou", "love", "sunshine", "princess", "dragon", "monkey", "football",
    "baseball", "soccer", "superman", "computer", "internet", "google", "microsoft", "windows", "trustno", "whatever",
    "spring", "summer", "autumn", "winter", "monday", "friday", "january", "hello", "abc", "qwerty", "asdf", "zxcv",
    "japan", "nippon", "nihon", "tokyo", "sakura", "yamato", "bousai", "bosai", "saigai", "taisaku", "honbu",
    "shiyakusho", "yakuba", "yakusho", "kikikanri", "kanri", "kanrisha", "arigatou", "konnichiwa", "disaster", "hub",
    "emergency",
    "パスワード", "ぱすわーど", "管理者", "災害対策本部", "災害", "対策", "本部", "防災", "職員", "市役所", "役場",
)  # fmt: skip
"""Words that a guesser puts together first; a password of such words, digits and signs alone is refused."""
LOOKALIKES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
RUN = 4
LEAST_LEFT, LEAST_KINDS = 5, 5


class Flaw(StrEnum):
    """What is wrong with a new password, in words for the console."""

    SHORT = f"shorter than {SHORTEST} characters"
    LONG = f"longer than {LONGEST} characters"
    NAME = "it is the account's own name, or little more"
    COMMON = "made of what everybody tries first: common words, rows of keys, one thing repeated"


SAID = {
    Flaw.SHORT: f"パスワードは{SHORTEST}文字以上にしてください。",
    Flaw.LONG: f"パスワードは{LONGEST}文字までです。",
    Flaw.NAME: "パスワードが名前とほとんど同じです。別のものにしてください。",
    Flaw.COMMON: (
        "パスワードがよく使われる言葉や並びだけでできています。"
        "関係のない言葉を三つ以上つなげると、覚えやすく破られにくくなります。"
    ),
}
"""The same in words for the page."""


def made() -> str:
    """Make a password that can be read aloud and typed from paper: 99 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def none() -> str:
    """Make what stands in place of a hash where there is no password; no two are the same."""
    return NO_PASSWORD + secrets.token_hex(16)


def hashed(password: str) -> str:
    """Hash a password."""
    with AT_ONCE:
        return HASHER.hash(password)


def fits(stored: str | None, password: str) -> bool:
    """Tell whether *password* is the one of *stored*; None takes as long as a wrong one."""
    if stored is not None and stored.startswith("scrypt:"):
        return check_password_hash(stored, password)
    with AT_ONCE:
        try:
            return HASHER.verify(stored if stored and not stored.startswith(NO_PASSWORD) else NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False


def stale(stored: str) -> bool:
    """Tell whether *stored* was made in an older way than `hashed` makes it now."""
    return not stored.startswith("$argon2id$") or HASHER.check_needs_rehash(stored)


def flaw(password: str, name: str) -> Flaw | None:
    """Give what is wrong with *password* as the new one of *name*; None where nothing is."""
    if len(password) < SHORTEST:
        return Flaw.SHORT
    if len(password) > LONGEST:
        return Flaw.LONG
    plain, own = password.casefold(), name.casefold()
    if len(own) >= RUN and len(plain.replace(own, "")) < LEAST_LEFT:
        return Flaw.NAME
    spellings = (plain, plain.translate(LOOKALIKES))
    if len(set(plain)) < LEAST_KINDS or any(len(_left(one)) < LEAST_LEFT for one in spellings):
        return Flaw.COMMON
    return None


def _left(text: str) -> str:
    """Take away common words, rows of keys, repetitions, digits and signs; give what somebody thought of themselves."""
    for word in sorted(SIMPLE, key=len, reverse=True):
        text = text.replace(word, " ")
    for row in ROWS:
        for line in (row, row[::-1]):
            for size in range(len(line), RUN - 1, -1):
                for start in range(len(line) - size + 1):
                    text = text.replace(line[start : start + size], " ")
    text = re.sub(r"(.+?)\1{2,}", " ", text)
    return "".join(sorted(set(re.sub(r"[\W\d_]", "", text))))
