"""Mail and LINE beside a plain loop over what each is usually sent with: smtplib, and requests; the same stand-in."""

from __future__ import annotations

import smtplib
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from bench import alert_town as town
from bench.alert_peers import notice_of
from bench.alerts import FANOUT_DELAY_MS, GOAL_PLAIN, ROUNDS, Stand, _rates, hub
from disaster_hub.config import Config, Mail
from disaster_hub.config_outside import LineBot
from disaster_hub.terms.notice import Notice
from timelines.channels.line import PUSH, messages

HOMES, PLAIN = 2_000, 300
SENDER = "hub@city.example.jp"


def run_mail() -> Mapping[str, Mapping[str, Any]]:
    """Measure mails a second, ours from the order on."""
    with tempfile.TemporaryDirectory() as folder, Stand(FANOUT_DELAY_MS, "bench.mail_stand") as stand:
        mail = Mail("127.0.0.1", SENDER, stand.ports[1], security="none")
        config = replace(town.config_of(Path(folder)), mail=mail)
        found = _beside(config, "email", stand, lambda said: _mails(said, stand.ports[1]))
    return {"alerts_mail": _rates(*found, GOAL_PLAIN, _size(), f"a plain loop over smtplib ({PLAIN:,} a round)")}


def run_line() -> Mapping[str, Mapping[str, Any]]:
    """Measure pushes by LINE a second, each in its household's own words, without the service's own limit."""
    with tempfile.TemporaryDirectory() as folder, Stand(FANOUT_DELAY_MS, "bench.push_stand", "200") as stand:
        bot = LineBot("token", "secret", f"http://127.0.0.1:{stand.port}", per_second=0)
        config = replace(town.config_of(Path(folder)), line_bot=bot)
        found = _beside(config, "line", stand, lambda said: _pushes(said, bot))
    return {"alerts_line": _rates(*found, GOAL_PLAIN, _size(), f"a plain loop over requests ({PLAIN:,} a round)")}


def _size() -> str:
    return (
        f"{HOMES:,} households a round, SQLite, from the order to the last message taken; "
        f"stand-in answers in {FANOUT_DELAY_MS} ms"
    )


def _beside(
    config: Config, channel: str, stand: Stand, plain: Callable[[Notice], None]
) -> tuple[list[float], list[float]]:
    ours, peer = [], []
    folder = config.keys.folder.parent
    with hub(folder, HOMES, stand.port, config=config, channel=channel) as (_, order, _memory):
        said = notice_of(folder)
        for n in range(ROUNDS):
            stand.ask("reset")
            begun = order(n)
            ours.append(HOMES / (stand.wait(HOMES)["last"] - begun))
            time.sleep(1)  # what is left to settle is not the peer's burden
            stand.ask("reset")
            begun = time.monotonic()
            plain(said)
            peer.append(PLAIN / (stand.wait(PLAIN)["last"] - begun))
    return ours, peer


def _mails(said: Notice, port: int) -> None:
    """Send over one connection, message by message, as smtplib's own page shows."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        for n in range(PLAIN):
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = SENDER, f"n{n}@example.jp", said.headline
            message.set_content(f"{said.text}\n\n{said.url}\n")
            server.send_message(message)


def _pushes(said: Notice, bot: LineBot) -> None:
    """Push one after the other over one session."""
    with requests.Session() as session:
        for n in range(PLAIN):
            body = {"to": f"U{n:032x}", "messages": messages(said, "", "ja")}
            head = {"Authorization": f"Bearer {bot.token}", "X-Line-Retry-Key": str(uuid4())}
            session.post(f"{bot.api}{PUSH}", json=body, headers=head, timeout=10).raise_for_status()
