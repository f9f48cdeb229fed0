"""A mailbox read by IMAP: what nobody has seen yet, one after the other; marked as seen only after it was kept."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from disaster_hub.config_outside import Replies
from disaster_hub.terms.errors import Unreachable
from sensors.mail_reply import LARGEST

TIMEOUT_S = 20
MOST = 200
"""Mails of one look; the next look takes the rest."""


class ImapBox:
    """One connection to the mailbox of the answers. To be used with `with`; every fault is Unreachable."""

    def __init__(self, replies: Replies) -> None:
        self.replies = replies
        self._box: imaplib.IMAP4 | None = None

    def __enter__(self) -> Self:
        """Connect, encrypt, sign in and open the folder."""
        said = self.replies
        try:
            self._box = self._connected()
            if said.username:
                self._box.login(said.username, said.password)
            self._ok(self._box.select(f'"{said.folder}"'))
        except (OSError, imaplib.IMAP4.error, ValueError) as fault:
            self._leave()
            # The name of the fault alone: a server's words may repeat what it was told.
            raise Unreachable(f"replies: the mailbox does not open ({type(fault).__name__})") from None
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _t: TracebackType | None
    ) -> None:
        """Sign out."""
        self._leave()

    def unseen(self) -> Iterator[tuple[str, bytes]]:
        """Give number and bytes of each mail that is not marked as seen, the oldest first."""
        try:
            found = self._ok(self._there.uid("SEARCH", "UNSEEN"))
            for number in (found[0] or b"").split()[:MOST]:
                name = number.decode("ascii")
                # PEEK: a mail is marked once it is kept, and not because somebody looked at it.
                rows = self._ok(self._there.uid("FETCH", name, f"(BODY.PEEK[]<0.{LARGEST}>)"))
                body = next((row[1] for row in rows if isinstance(row, tuple)), None)
                if isinstance(body, bytes):
                    yield name, body
        except (OSError, imaplib.IMAP4.error, UnicodeDecodeError) as fault:
            raise Unreachable(f"replies: the mailbox broke off ({type(fault).__name__})") from None

    def kept(self, number: str) -> None:
        """Mark a mail as seen."""
        try:
            self._ok(self._there.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))
        except (OSError, imaplib.IMAP4.error) as fault:
            raise Unreachable(f"replies: the mailbox broke off ({type(fault).__name__})") from None

    @property
    def _there(self) -> imaplib.IMAP4:
        if self._box is None:
            raise Unreachable("replies: the mailbox is not open")
        return self._box

    def _connected(self) -> imaplib.IMAP4:
        said = self.replies
        trust = ssl.create_default_context(cafile=str(said.ca) if said.ca else None)
        if said.security == "tls":
            return imaplib.IMAP4_SSL(said.imap_host, said.imap_port, ssl_context=trust, timeout=TIMEOUT_S)
        box = imaplib.IMAP4(said.imap_host, said.imap_port, timeout=TIMEOUT_S)
        if said.security == "starttls":
            box.starttls(trust)
        return box

    def _leave(self) -> None:
        if self._box is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                self._box.logout()
            self._box = None

    @staticmethod
    def _ok(answer: tuple[str, Sequence[Any]]) -> Sequence[Any]:
        state, rows = answer
        if state != "OK":
            raise imaplib.IMAP4.error("refused")
        return rows
