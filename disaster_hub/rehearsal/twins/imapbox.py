"""The twin of a mailbox that is read by IMAP: as much of RFC 3501 as a reader of new mails asks for."""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from disaster_hub.rehearsal.twins.loopback import HOST

FETCH = re.compile(r"UID FETCH (\d+) \(BODY\.PEEK\[\](?:<0\.(\d+)>)?\)", re.IGNORECASE)
STORE = re.compile(r"UID STORE (\d+) \+FLAGS(?:\.SILENT)? \(?\\Seen\)?", re.IGNORECASE)
LOGIN = re.compile(r'LOGIN "?([^" ]*)"? "?([^"]*)"?', re.IGNORECASE)


@dataclass
class Kept:
    """One mail in the box."""

    raw: bytes
    seen: bool = False


@dataclass
class ImapTwin:
    """Speaks IMAP at *port* (0 takes a free one). To be used with `with`."""

    port: int = 0
    user: str = "answers"
    password: str = "secret"  # noqa: S105  # a twin's, on loopback
    mails: list[Kept] = field(default_factory=list)
    down: bool = False
    """True breaks every connection off at the next command."""
    _server: socketserver.ThreadingTCPServer | None = None

    def put(self, raw: bytes) -> None:
        """Let a mail arrive."""
        self.mails.append(Kept(raw))

    @property
    def unseen(self) -> int:
        """Count the mails that nobody has read."""
        return sum(not one.seen for one in self.mails)

    def answer(self, command: str) -> tuple[bytes, str]:
        """Give what is sent before the last line, and the last line's words."""
        name = command.split(" ", 1)[0].upper()
        if name == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n", "OK done"
        if name == "LOGIN":
            said = LOGIN.fullmatch(command)
            right = said is not None and (said[1], said[2]) == (self.user, self.password)
            return b"", "OK in" if right else "NO wrong"
        if name == "SELECT":
            return f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY 1] yes\r\n".encode(), "OK [READ-WRITE] open"
        if command.upper() == "UID SEARCH UNSEEN":
            numbers = " ".join(str(n) for n, one in enumerate(self.mails, 1) if not one.seen)
            return f"* SEARCH {numbers}".rstrip().encode() + b"\r\n", "OK found"
        return self._mail(command)

    def _mail(self, command: str) -> tuple[bytes, str]:
        fetch, stored = FETCH.fullmatch(command), STORE.fullmatch(command)
        if fetch:
            number = int(fetch[1])
            raw = self.mails[number - 1].raw[: int(fetch[2] or 1 << 30)]
            head = f"* {number} FETCH (UID {number} BODY[]<0> {{{len(raw)}}}\r\n".encode()
            return head + raw + b")\r\n", "OK given"
        if stored:
            self.mails[int(stored[1]) - 1].seen = True
            return b"", "OK stored"
        return b"", "OK bye" if command.upper() == "LOGOUT" else "BAD what?"

    def __enter__(self) -> Self:
        self._server = _Server((HOST, self.port), _Talk)
        self._server.twin = self
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="imap twin", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    twin: ImapTwin


class _Talk(socketserver.StreamRequestHandler):
    """One connection."""

    server: _Server

    def handle(self) -> None:
        """Answer line by line until the other side leaves."""
        self.wfile.write(b"* OK twin\r\n")
        while line := self.rfile.readline(8192):
            if self.server.twin.down:
                return
            tag, _, command = line.decode("ascii", "replace").strip().partition(" ")
            before, last = self.server.twin.answer(command)
            self.wfile.write(before + f"{tag} {last}\r\n".encode())
            if command.upper() == "LOGOUT":
                return
