"""What is told to us about the outside: LINE, gateways, web hooks, replies, other worlds, test handsets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PUSH_HOSTS = (
    "fcm.googleapis.com",
    "jmt17.google.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""The push services of the browsers that people have: Chrome (and what is built on it), Firefox, Safari, Edge."""


@dataclass(frozen=True, slots=True)
class Push:
    """Web Push: who we are to the push services, and which of them we talk to."""

    contact: str
    """`mailto:` or `https:` address at which a push service reaches the people who run this hub."""
    hosts: tuple[str, ...] = PUSH_HOSTS
    """Hosts that a subscription may name; `*.` stands for any name below."""


@dataclass(frozen=True, slots=True)
class Line:
    """LINE Login, for the pages opened inside LINE (LIFF)."""

    channel: str
    """Id of the LINE Login channel: whom an id token must be meant for."""
    liff: str = ""
    """Id of the LIFF app, which the page needs."""
    api: str = "https://api.line.me"
    issuer: str = "https://access.line.me"


@dataclass(frozen=True, slots=True)
class LineBot:
    """LINE's Messaging API: one channel of the city, and never the same one for a drill."""

    token: str
    """Channel access token."""
    secret: str
    """Channel secret, with which LINE signs what it sends us."""
    api: str = "https://api.line.me"
    add: str = ""
    """Address at which people add the city's account as a friend."""
    per_second: float = 1500
    """Pushes; the service allows 2,000."""
    multicast_per_second: float = 150
    """The service allows 200."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """An SMS or telephone gateway with an HTTP interface: the operator's own words for number, text and key."""

    url: str
    kind: str = "sms"
    """`sms` or `voice`."""
    body: str = '{"to": {to}, "text": {text}, "key": {key}}'
    """Template: {to}, {text} and {key} are put in as JSON strings (or as form values where *form* is set)."""
    form: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    accepted: tuple[int, ...] = (200, 201, 202)
    refused: tuple[int, ...] = (400, 404, 410, 422)
    """Answers after which this number is never tried again with this message."""
    most: int = 660
    """Characters of one message; what is longer is shortened, the action first."""
    per_second: float = 10
    secret: str = ""
    """With which the gateway signs replies and receipts (HMAC-SHA256 of the body, in `X-Signature`)."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A program of somebody else that is told of every alert of the city; nothing personal goes there."""

    name: str
    url: str
    secret: str
    """With which the body is signed (HMAC-SHA256, in `X-Hub-Signature-256`)."""


@dataclass(frozen=True, slots=True)
class Replies:
    """Where answers by mail come in: a mailbox that is read (IMAP), or a port at which we take mail (SMTP)."""

    imap_host: str = ""
    imap_port: int = 993
    security: str = "tls"
    """`tls`, `starttls` or `none` (on this machine alone)."""
    username: str = ""
    password: str = ""
    folder: str = "INBOX"
    every_s: float = 20
    smtp_port: int = 0
    """Port on *smtp_host* at which mail is taken; 0: none."""
    smtp_host: str = "127.0.0.1"
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another world of this city: where the drafts of an exercise or a test go."""

    status: str
    """`actual`, `exercise` or `test`."""
    name: str
    store: str
    address: str = ""
    """Where its own portal is."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A test handset: who gets the canary of one channel, and never a resident."""

    channel: str
    address: str
    name: str = ""
    every_s: float = 300
    within_s: float = 120
    """A receipt that takes longer is late."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How alerts are sent."""

    world: str = "real"
    """Whose keys the sections above hold: `real`, `drill` or `replay`. A hub of another world does not start."""
    order_hours: float = 6
    """How long an order's messages may still go out; the order itself stays until it is lifted."""
    draft_minutes: float = 30
    alone_pause_s: float = 60
    """Between the two confirmations of one officer who is alone."""
    per_second: float = 0
    """Mails a second that the city's mail server allows; 0: as many as it takes."""
    mail_lines: int = 8
    """Connections to the mail server at once."""
    folder: str = "var/handover"
    """Where hand-over files (CAP, L-Alert, loudspeaker) are put."""
    names: str = ""
    """Who signs: the city's name in messages where it is not city.name."""
    area_mail_title: int = 15
    """Full-width characters of an area mail's title; by the carriers' guides as we remember them: ask your carriers."""
    area_mail_body: int = 200
    """Full-width characters of its body; the same holds."""
    social_most: int = 140
    """Full-width characters of one post."""
    spoken_per_second: float = 5
    """Characters of a loudspeaker's text that are read in a second."""
