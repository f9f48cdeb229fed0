"""One mail that came back, read: somebody's own words and to what they answer, a return, or a machine's answer."""

from __future__ import annotations

import email
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime
from html.parser import HTMLParser

LARGEST = 256 * 1024
"""Bytes that are looked at: an answer is short, and what was attached is nobody's business here."""
MOST_IDS = 60
IDS = re.compile(r"<([^<>\s@]{1,128})@[^<>\s@]{1,255}>")
LINKS = re.compile(r"/a/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])")
QUOTED = re.compile(r"\s*[>＞|]")
CUT = re.compile(
    r"\s*(?:-{2,}|_{5,}|={5,}|\*{5,})|.*(?:wrote|schrieb|escreveu|đã viết|写道|寫道|작성)\s*[:：]?\s*$"
    r"|.*のメール[:：]\s*$|.*さんは書きました[:：]?\s*$|\s*(?:From|差出人|发件人|寄件者|보낸 사람|De|Từ)\s*[:：]"
    r"|\d{4}年\d{1,2}月\d{1,2}日.*[:：<].*$",
    re.IGNORECASE,
)
"""Where the message that is answered begins, in the mail programmes that do not mark its lines."""
OWN_LINES = 6


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person wrote back."""

    id: str
    sender: str
    about: tuple[str, ...]
    """The local parts of the Message-IDs that it answers."""
    links: tuple[str, ...]
    """Tokens of answer pages that stand in it, in what is quoted too."""
    text: str
    """The person's own first lines; nothing that is quoted."""
    sent_at: datetime | None = None
    test: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail of ours that a mail server could not deliver (RFC 3464)."""

    id: str
    address: str
    status: str
    """Enhanced status code, such as 5.1.1."""
    about: tuple[str, ...]


def read(raw: bytes) -> Reply | Returned | None:
    """Read one mail; None for what a machine wrote (holiday notes, lists, delays): it is no answer and gets none."""
    message = email.message_from_bytes(raw[:LARGEST], policy=default)
    identity = _identity(message, raw)
    if message.get_content_type() == "multipart/report":
        return _returned(message, identity)
    if _automatic(message):
        return None
    sender = next((address for _, address in getaddresses([str(message.get("From", ""))]) if "@" in address), "")
    if not sender:
        return None
    words = _words(message)
    about = IDS.findall(f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}")
    return Reply(
        identity, sender, tuple(about[-MOST_IDS:]), tuple(dict.fromkeys(LINKS.findall(words)))[:5], own(words),
        _sent(message),
    )  # fmt: skip


def own(words: str) -> str:
    """Keep what the person wrote: the lines above the message that is answered."""
    kept: list[str] = []
    for line in words.replace("\r\n", "\n").split("\n"):
        if CUT.match(line):
            break
        if QUOTED.match(line) or not line.strip():
            continue
        kept.append(line.strip())
    return "\n".join(kept[:OWN_LINES])


def _identity(message: Message, raw: bytes) -> str:
    said = _header(message, "Message-ID").strip()
    return hashlib.sha256(said.encode() or raw).hexdigest()[:40]


def _header(message: Message, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError):  # headers that the library cannot take apart
        return ""


def _automatic(message: Message) -> bool:
    """Tell whether a machine wrote it (RFC 3834); answering one would make two of them talk for ever."""
    said = _header(message, "Auto-Submitted").strip().casefold()
    marks = ("X-Autoreply", "X-Autorespond", "List-Id")
    return (
        said not in {"", "no"}
        or _header(message, "Return-Path").strip() == "<>"
        or _header(message, "Precedence").strip().casefold() in {"bulk", "junk", "list", "auto_reply"}
        or any(_header(message, name) for name in marks)
    )


def _sent(message: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(_header(message, "Date"))
    except (ValueError, TypeError, OverflowError):
        return None
    return at if at.tzinfo is not None else None


def _words(message: Message) -> str:
    """Give the text of a mail: the plain part, else what an HTML part shows outside of its quotations."""
    found: dict[str, str] = {}
    for part in message.walk():
        kind = part.get_content_type()
        if kind not in {"text/plain", "text/html"} or part.get_filename() or kind in found:
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            found[kind] = _decoded(payload, part.get_content_charset() or "utf-8")
    if found.get("text/plain", "").strip():
        return found["text/plain"]
    shown = _Shown()
    shown.feed(found.get("text/html", ""))
    return "".join(shown.said)


def _decoded(payload: bytes, charset: str) -> str:
    try:
        return payload.decode(charset, "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")


class _Shown(HTMLParser):
    """What an HTML mail shows, quotations marked as such."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.quoted = self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.quoted += tag == "blockquote"
        self.hidden += tag in {"style", "script", "head"}
        if tag in {"br", "p", "div", "tr", "li", "blockquote"}:
            self.said.append("\n" + "> " * bool(self.quoted))
        self.said += [f" {value} " for name, value in attrs if tag == "a" and name == "href" and value and self.quoted]

    def handle_endtag(self, tag: str) -> None:
        self.quoted -= tag == "blockquote" and self.quoted > 0
        self.hidden -= tag in {"style", "script", "head"} and self.hidden > 0
        if tag in {"p", "div", "tr", "li", "blockquote"}:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.said.append(" ".join(data.split()) if not self.quoted else "> " + " ".join(data.split()))


def _returned(message: Message, identity: str) -> Returned | None:
    """Read a report of a mail server; only what failed for good is one."""
    address, status, about = "", "", ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for block in part.get_payload():
                if not isinstance(block, Message) or _header(block, "Action").strip().casefold() != "failed":
                    continue
                address = _header(block, "Final-Recipient").rpartition(";")[2].strip() or address
                status = _header(block, "Status").strip()[:12] or status
        elif kind == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                about = _header(inner[0], "Message-ID")
        elif kind == "text/rfc822-headers":
            said = part.get_payload(decode=True)
            about = _header(email.message_from_bytes(said if isinstance(said, bytes) else b""), "Message-ID")
    if not address or not status.startswith("5"):
        return None
    return Returned(identity, address.strip("<>"), status, tuple(IDS.findall(about)))
