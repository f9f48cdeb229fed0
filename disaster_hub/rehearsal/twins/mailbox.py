"""The twin of a mail server with everybody's mailbox behind it: takes mail by SMTP, shows it, refuses when told to."""

from __future__ import annotations

import email
import logging
import ssl
import threading
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from disaster_hub.rehearsal.twins.loopback import HOST, Answer, Asked, Loopback, as_json

OK = "250 2.0.0 Ok"
CLOSE = "close"
"""Not an answer: the connection breaks off."""
KEPT = 1000
STAGES = ("mail", "rcpt", "data")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was handed over: the envelope, and the message as bytes."""

    sender: str
    to: tuple[str, ...]
    raw: bytes
    encrypted: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        """Give the message, read."""
        return email.message_from_bytes(self.raw, _class=EmailMessage, policy=default)

    @property
    def text(self) -> str:
        """Give its text, as a reader shows it."""
        return str(self.message.get_content()).replace("\r\n", "\n")


class Mailbox:
    """Speaks SMTP at *port* (0 takes a free one) and shows the mails over HTTP at *web*. To be used with `with`."""

    def __init__(
        self,
        port: int = 0,
        web: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        at_once: bool = False,
        password: tuple[str, str] | None = None,
    ) -> None:
        self.mails: list[Mail] = []
        self.taken = 0
        self.answers: dict[str, str] = {}
        """Stage (`mail`, `rcpt`, `data`) or `rcpt ADDRESS` → what is said there instead of 250; `CLOSE` breaks off."""
        self.came = threading.Condition()
        self._password = password
        options: dict[str, Any] = {"tls_context": tls} if tls and not at_once else {}
        if password:
            # The library counts only STARTTLS as TLS; where TLS is there from the first byte it need not ask for it.
            upgrade = tls is not None and not at_once
            options |= {"auth_required": upgrade, "auth_require_tls": upgrade, "authenticator": self._authenticate}
        # It writes senders and recipients at INFO; a twin keeps them to itself as the real channel does.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self._smtp = _Smtp(
            _Hooks(self), hostname=HOST, port=port, server_hostname="mail.example.jp", enable_SMTPUTF8=False,
            ssl_context=tls if at_once else None, **options,
        )  # fmt: skip
        self.web = Loopback("mailbox", self._answer, web)

    @property
    def port(self) -> int:
        """Give the port at which SMTP is spoken."""
        return int(self._smtp.port)

    def fail(self, stage: str, answer: str | None) -> None:
        """Answer *answer* (such as `451 4.3.0 try later`) at *stage* from now on; None mends it."""
        if answer is None:
            self.answers.pop(stage, None)
        else:
            self.answers[stage] = answer

    def since(self, taken: int) -> list[Mail]:
        """Give the mails that came after the first *taken*; those that fell out of the box are gone."""
        with self.came:
            return self.mails[-(self.taken - taken) :] if self.taken > taken else []

    def wait(self, count: int, timeout_s: float) -> bool:
        """Wait until *count* mails are here; tell whether they are."""
        with self.came:
            return self.came.wait_for(lambda: len(self.mails) >= count, timeout_s)

    def keep(self, mail: Mail) -> None:
        """Put a mail into the box."""
        with self.came:
            self.mails = [*self.mails, mail][-KEPT:]
            self.taken += 1
            self.came.notify_all()

    def _authenticate(self, _server: object, _session: object, _envelope: object, _kind: str, said: Any) -> AuthResult:
        given = said.login.decode("utf-8", "replace"), said.password.decode("utf-8", "replace")
        return AuthResult(success=given == self._password, auth_data=given[0], handled=given == self._password)

    def _answer(self, asked: Asked) -> Answer:
        """Show the mails: `/mails` all of them as JSON, newest first; `/` the newest as text."""
        mails = list(reversed(self.mails))
        if asked.path == "/mails":
            return as_json(HTTPStatus.OK, [shown(one) for one in mails])
        if asked.path != "/":
            return Answer(HTTPStatus.NOT_FOUND)
        text = "no mail yet\n"
        if mails:
            said = shown(mails[0])
            text = (
                "".join(f"{name}: {said[name]}\n" for name in ("from", "to", "date", "subject")) + f"\n{said['text']}"
            )
        return Answer(HTTPStatus.OK, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})

    def __enter__(self) -> Self:
        self._smtp.start()
        self.web.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.web.stop()
        self._smtp.stop()


def shown(mail: Mail) -> dict[str, str]:
    """Give what a person sees of a mail, and the headers that a machine reads."""
    names = ("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe")
    return {name.lower(): str(mail.message.get(name, "")) for name in names} | {"text": mail.text}


class _Smtp(Controller):
    """The SMTP server on a thread of its own."""

    def _trigger_server(self) -> None:
        """Say which port was taken, before the library knocks at it."""
        sockets: Any = getattr(self.server, "sockets", ())
        self.port = int(sockets[0].getsockname()[1])
        super()._trigger_server()  # type: ignore[no-untyped-call]  # the library has types in part


class _Hooks:
    """What the server asks at each stage."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    async def handle_MAIL(  # noqa: N802 - its name there
        self, server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Answer MAIL FROM."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._said(server, "mail")

    async def handle_RCPT(  # noqa: N802 - its name there
        self, server: Any, _session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Answer RCPT TO."""
        said = self._said(server, f"rcpt {address}", self._said(server, "rcpt"))
        if said == OK:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - its name there
        """Answer the end of DATA."""
        said = self._said(server, "data")
        if said == OK:
            raw = envelope.original_content or envelope.content
            to = tuple(envelope.rcpt_tos)
            encrypted = server.transport.get_extra_info("sslcontext") is not None
            user = session.auth_data
            self.box.keep(Mail(envelope.mail_from, to, bytes(raw), encrypted, user))
        return said

    def _said(self, server: Any, stage: str, otherwise: str = OK) -> str:
        said = self.box.answers.get(stage, otherwise)
        if said == CLOSE:
            server.transport.abort()
        return said
