"""E-mail: one RFC 5322 message a delivery, by SMTP with the city's own mail server; its refusals in three kinds."""

from __future__ import annotations

import hashlib
import logging
import re
import smtplib
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as MAIL
from email.utils import format_datetime
from http import HTTPStatus
from time import monotonic

from disaster_hub.config import Config, Mail
from disaster_hub.terms.clock import JAPAN
from disaster_hub.terms.errors import BadConfig, BadInput, Undeliverable
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from timelines.channel import Clock, Letter
from timelines.mark import marked, one_line, same_world

LOG = logging.getLogger(__name__)
LINK = re.compile(r"https?://[A-Za-z0-9][\x21\x23-\x3b\x3d\x3f-\x7e]*")
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
SUBJECT = 120
"""Characters of a subject; what is longer is in the text anyway."""
KEPT_S = 20.0
"""A connection that nobody used for longer is given back: mail servers close idle ones, some without a word."""
MOST_A_LINE = 100
"""Messages over one connection; some servers allow no more."""
PERMANENT = 500
POLICY = re.compile(rb"5\.7\.\d+")
NOBODY = re.compile(rb"5\.1\.\d+")


@dataclass(frozen=True, slots=True)
class To:
    """One address, taken apart."""

    local: str
    domain: str

    @property
    def spec(self) -> str:
        """Write it for SMTP; dots that older docomo and au addresses have in forbidden places are put into quotes."""
        odd = self.local.startswith(".") or self.local.endswith(".") or ".." in self.local
        return f'"{self.local}"@{self.domain}' if odd else f"{self.local}@{self.domain}"


def mailbox(text: str) -> To:
    """Read a mail address as typed; one that could carry more than an address raises BadInput without repeating it."""
    local, _, domain = text.strip().rpartition("@")
    if local.startswith('"') and local.endswith('"'):
        local = local[1:-1]
    if not LOCAL.fullmatch(local) or not DOMAIN.fullmatch(domain):
        raise BadInput("mail address: not of the form name@example.jp")
    return To(local, domain.lower())


def mark(key: str) -> str:
    """Give what stands before the @ of a Message-ID: an answer names it, and so says to which delivery it answers."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True)
class Written:
    """One message as bytes."""

    to: To
    message: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """One connection to the mail server that is kept for the next message."""

    server: smtplib.SMTP
    sent: int
    used_at: float


class Email:
    """Sends through one mail server, over a few connections that are kept from message to message."""

    kind = "email"

    def __init__(
        self, mail: Mail, world: WorldKind, portal: str = "", *, lines: int = 1, per_second: float = 0.0
    ) -> None:
        self.mail, self.world = mail, world
        self.parallel, self.per_second = lines, per_second
        self._free: list[Line] = []
        self._lock = threading.Lock()
        self.portal = portal
        """Address of the portal, before which a path is no link."""
        # Made once: reading the list of authorities takes longer than handing a mail over.
        self._trust = ssl.create_default_context(cafile=str(mail.ca) if mail.ca else None)

    def send(self, notice: Notice, address: str, key: str) -> None:
        """Hand the message to the mail server, which from then on answers for it; that is not yet the mailbox."""
        self.send_sealed(Letter(notice, address, key))

    def sealed(self, letter: Letter) -> Letter:
        """Write the message out: half a millisecond of work, and nothing of it waits for anybody."""
        try:
            to = mailbox(letter.address)
        except BadInput as fault:
            raise Undeliverable(f"email: {fault}", forever=True) from None
        written = Written(to, self.write(letter.notice, to, letter.key).as_bytes(policy=MAIL))
        return Letter(letter.notice, letter.address, letter.key, letter.language, written)

    def send_sealed(self, letter: Letter) -> None:
        """Hand over what was written out before, or is now."""
        same_world(letter.notice, self.world)
        written = letter.sealed if isinstance(letter.sealed, Written) else self.sealed(letter).sealed
        assert isinstance(written, Written)
        line = self._line()
        try:
            _hand_over(line.server, self.mail.sender, written.to, written.message)
        except (smtplib.SMTPException, OSError) as fault:
            # Where the line broke after the last dot, the server may have it: the next try bears the same Message-ID.
            line.server.close()
            raise Undeliverable(f"email: the mail server broke off ({type(fault).__name__})") from None
        except Undeliverable:
            self._keep(line)
            raise
        self._keep(line)

    def close(self) -> None:
        """Say good-bye on every connection that is kept."""
        with self._lock:
            kept, self._free = self._free, []
        for line in kept:
            with suppress(smtplib.SMTPException, OSError):
                line.server.quit()
            line.server.close()

    def __del__(self) -> None:
        """Leave no connection open behind."""
        for line in self._free:
            line.server.close()

    def _line(self) -> Line:
        """Take a connection that is still alive, or make one."""
        while True:
            with self._lock:
                line = self._free.pop() if self._free else None
            if line is None:
                break
            if line.sent < MOST_A_LINE and monotonic() - line.used_at < KEPT_S:
                try:
                    line.server.rset()  # nothing of the message before is left, and the server still listens
                except (smtplib.SMTPException, OSError):
                    line.server.close()
                    continue
                return line
            with suppress(smtplib.SMTPException, OSError):
                line.server.quit()
            line.server.close()
        try:
            return Line(self._open(), 0, monotonic())
        except smtplib.SMTPResponseException as fault:
            raise Undeliverable(f"email: {_door(fault)}") from None
        except smtplib.SMTPNotSupportedError:
            raise Undeliverable("email: the mail server offers no STARTTLS or no sign-in (mail.security)") from None
        except (OSError, ValueError) as fault:
            raise Undeliverable(f"email: no connection to the mail server ({type(fault).__name__})") from None

    def _keep(self, line: Line) -> None:
        """Keep a connection for the next message."""
        with self._lock:
            self._free.append(Line(line.server, line.sent + 1, monotonic()))

    def write(self, notice: Notice, to: To, key: str) -> EmailMessage:
        """Write the message; the same key gives the same message, Message-ID and all."""
        message = EmailMessage(policy=MAIL)
        message["From"] = Address(self.mail.sender_name, addr_spec=self.mail.sender)
        message["To"] = to.spec
        if self.mail.reply_to:
            message["Reply-To"] = Address(addr_spec=self.mail.reply_to)
        message["Subject"] = one_line(marked(notice, notice.headline))[:SUBJECT]
        message["Date"] = format_datetime(notice.decided_at.astimezone(JAPAN))
        domain = self.mail.sender.rpartition("@")[2]
        message["Message-ID"] = f"<{mark(key)}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        parts = [marked(notice, notice.text)]
        if page := self._link(notice, notice.url):
            parts.append(page)
        if end := self._link(notice, notice.unsubscribe):
            message["List-Unsubscribe"] = f"<{end}>"
            if end.startswith("https:"):
                message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            parts.append(f"このお知らせを止める / Stop these messages:\n{end}")
        # base64 and not 8bit: a relay on the way to a carrier's phone may not carry eight bits.
        message.set_content("\n\n".join(parts) + "\n", charset="utf-8", cte="base64")
        return message

    def _link(self, notice: Notice, url: str) -> str:
        """Give a whole web address; what is none is left out, for a warning without its link is still a warning."""
        whole = f"{self.portal}{url}" if url.startswith("/") and self.portal else url
        if not whole or whole.startswith("/"):
            return ""
        if not LINK.fullmatch(whole):
            LOG.error("email: a link that is no web address was left out of %s", one_line(notice.key))
            return ""
        return whole

    def _open(self) -> smtplib.SMTP:
        """Connect, encrypt and sign in; a server without the encryption asked for is never spoken to in the clear."""
        mail = self.mail
        # The name in EHLO: this machine's own would be looked up, which may take long and says more than it should.
        ours = mail.sender.rpartition("@")[2]
        server: smtplib.SMTP
        if mail.security == "tls":
            server = smtplib.SMTP_SSL(mail.host, mail.port, ours, timeout=mail.timeout_s, context=self._trust)
        else:
            server = smtplib.SMTP(mail.host, mail.port, ours, timeout=mail.timeout_s)
        try:
            if mail.security == "starttls":
                server.starttls(context=self._trust)
            server.ehlo_or_helo_if_needed()
            if mail.username is not None:
                server.login(mail.username, mail.password or "")
        except BaseException:
            server.close()
            raise
        return server


def _hand_over(server: smtplib.SMTP, sender: str, to: To, message: bytes) -> None:
    """Say MAIL, RCPT and DATA; what the server answers to each means something else."""
    code, _ = server.mail(sender, ["BODY=8BITMIME"] if server.has_extn("8bitmime") else [])
    if code >= HTTPStatus.BAD_REQUEST:
        raise Undeliverable(
            f"email: our fault: the mail server refuses the sender ({code})"
            if code >= PERMANENT
            else f"email: the mail server is busy ({code})"
        )
    server.putcmd("RCPT", f"TO:<{to.spec}>")
    code, words = server.getreply()
    if code >= PERMANENT:
        if POLICY.match(words):  # 5.7.x is about us (relaying, reputation), not about the mailbox
            raise Undeliverable(f"email: the mail server does not let us send there ({code} {words[:5].decode()})")
        raise Undeliverable(f"email: the address is refused ({code})", forever=True, gone=bool(NOBODY.match(words)))
    if code >= HTTPStatus.BAD_REQUEST:
        raise Undeliverable(f"email: the mailbox cannot take it now ({code})")
    try:
        code, _ = server.data(message)
    except smtplib.SMTPDataError as fault:
        code = fault.smtp_code
    if code >= PERMANENT:
        raise Undeliverable(f"email: the message is refused ({code})", forever=True)
    if code >= HTTPStatus.BAD_REQUEST:
        raise Undeliverable(f"email: the mail server is busy ({code})")


def _door(fault: smtplib.SMTPResponseException) -> str:
    """Say what was wrong before a message was offered: it is never the fault of the person addressed."""
    if isinstance(fault, smtplib.SMTPAuthenticationError):
        return f"our fault: the mail server refuses mail.username and mail.password ({fault.smtp_code})"
    return f"the mail server does not want to talk now ({fault.smtp_code})"


def make(config: Config, _wall: Clock) -> Email:
    """Make the channel of the configuration; without [mail] there is none."""
    if config.mail is None:
        raise BadConfig("mail: missing; the channel email needs mail.host and mail.sender")
    sending = config.sending
    address = config.portal.address
    return Email(
        config.mail, config.world.kind, address, lines=max(1, sending.mail_lines), per_second=sending.per_second
    )
