"""Running one twin as a process: `disaster-hub twin mail|push|line PORT`."""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import AbstractContextManager

from disaster_hub.rehearsal.twins.linelogin import LineLogin
from disaster_hub.rehearsal.twins.mailbox import Mailbox
from disaster_hub.rehearsal.twins.pushservice import PushService

LOG = logging.getLogger(__name__)
TWINS = ("mail", "push", "line")


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
    return PushService(port) if name == "push" else LineLogin(port)
