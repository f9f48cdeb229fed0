"""Running one twin as a process: `disaster-hub twin mail|push|line|bot|sms PORT`."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from disaster_hub.rehearsal.twins.linebot import LineBot
from disaster_hub.rehearsal.twins.linelogin import LineLogin
from disaster_hub.rehearsal.twins.mailbox import Mailbox
from disaster_hub.rehearsal.twins.pushservice import PushService
from disaster_hub.rehearsal.twins.smsgateway import SmsGateway

LOG = logging.getLogger(__name__)
TWINS = ("mail", "push", "line", "bot", "sms")


def run_twin(name: str, port: int) -> None:
    """Run the twin *name* at *port* until SIGTERM or SIGINT; the mails are shown at the next port."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with _twin(name, port):
        LOG.info("twin %s at 127.0.0.1:%d", name, port)
        ended.wait()


def _twin(name: str, port: int) -> AbstractContextManager[object]:
    if name == "mail":
        return Mailbox(port, port + 1)
    made: dict[str, Callable[[int], AbstractContextManager[object]]] = {
        "push": PushService, "line": LineLogin, "bot": LineBot, "sms": SmsGateway,
    }  # fmt: skip
    return made[name](port)
