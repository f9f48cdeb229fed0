"""Answers by mail, taken in by `listen`: a mailbox that is read every few seconds, or a port at which mail is taken.

A thread of `listen` and no process of its own: it brings facts in like the rest of `listen`, waits nearly all its time,
and one small machine has better use for 80 MB. Two of them, on two machines, take every mail once all the same.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from disaster_hub.alerts import replying, sirens
from disaster_hub.alerts.replying import Outcome
from disaster_hub.config import Config
from disaster_hub.store import pulse
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.errors import HubError, Unreachable
from disaster_hub.terms.world import World
from sensors.imap_box import ImapBox
from sensors.mail_reply import LARGEST, Reply, read
from timelines.phrases import Reviews

log = logging.getLogger(__name__)
SOURCE = "replies"
OK, LATER = "250 2.0.0 Ok", "451 4.3.0 Try again later"


class Intake:
    """Takes one mail after the other, each in one transaction; what cannot be kept now comes again."""

    def __init__(self, store: Store, config: Config, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        self.store, self.world, self.clock = store, world, clock
        self.config = replace(config, world=world)
        self.keys = Keyring.open(config.keys.folder)

    def keep(self, raw: bytes) -> Outcome | None:
        """Take one mail; None for what a machine wrote. A store that does not answer raises Unreachable."""
        found = read(raw)
        if found is None:
            return None
        now = self.world.now(self.clock())
        source = self.config.source
        reviews = Reviews((source.parent if source is not None else Path()) / "reviews.toml")
        with self.store.write() as tx:
            if isinstance(found, Reply) and sirens.receipt(tx, found.text, self.clock()):
                return None
            if isinstance(found, Reply):
                return replying.take(tx, self.keys, self.config, reviews, found, now)
            return replying.returned(tx, self.keys, found, now)

    def look(self) -> int:
        """Read the mailbox once; give how many mails were new."""
        said = self.config.replies
        if said is None:
            return 0
        count = 0
        with ImapBox(said) as box:
            for number, raw in box.unseen():
                try:
                    self.keep(raw)
                except Unreachable:
                    raise
                except (HubError, ValueError, LookupError) as fault:
                    # One that nobody can read must not stand before the cry for help behind it.
                    log.warning("replies: a mail could not be taken (%s)", type(fault).__name__)
                box.kept(number)
                count += 1
        return count

    def close(self) -> None:
        """Let go of the keys."""
        self.keys.close()


class Replies:
    """Runs beside `listen`; without [replies] it does nothing. To be used with `with`."""

    def __init__(self, store: Store, config: Config, world: World) -> None:
        self.store, self.config, self.world = store, config, world
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._door: Controller | None = None
        self._intake: Intake | None = None

    def __enter__(self) -> Self:
        """Open the port and begin to read."""
        said = self.config.replies
        if said is None or not (said.imap_host or said.smtp_port):
            return self
        self._intake = Intake(self.store, self.config, self.world)
        if said.smtp_port:
            # The library writes senders and recipients at INFO: they belong into no log.
            logging.getLogger("mail.log").setLevel(logging.ERROR)
            self._door = Controller(
                _Taker(self._intake), hostname=said.smtp_host, port=said.smtp_port, data_size_limit=LARGEST * 4
            )
            self._door.start()
        if said.imap_host:
            self._thread = threading.Thread(target=self._run, name=SOURCE, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop reading; what is under way comes to its end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
        if self._door is not None:
            self._door.stop()
        if self._intake is not None and (self._thread is None or not self._thread.is_alive()):
            self._intake.close()

    def _run(self) -> None:
        assert self._intake is not None
        assert self.config.replies is not None
        said = ""
        while not self._stop.is_set():
            try:
                self._intake.look()
                said = self._tell("", said)
            except Unreachable as fault:
                said = self._tell(str(fault), said)
            except Exception as fault:  # noqa: BLE001  # a mailbox is the outside: whatever it sends, reading goes on
                said = self._tell(f"replies: {type(fault).__name__}", said)
            self._stop.wait(self.config.replies.every_s)

    def _tell(self, reason: str, before: str) -> str:
        """Write how the mailbox is: a broken one is seen on the page of the feeds like any other."""
        now = self.world.now(utc_now())
        try:
            with self.store.write() as tx:
                if reason:
                    pulse.failure(tx, SOURCE, now, reason)
                else:
                    pulse.success(tx, SOURCE, now)
        except Unreachable:
            return before
        if reason and reason != before:
            log.error("%s", reason)
        return reason


class _Taker:
    """What the SMTP port does with a mail: it is taken only once it is kept."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # its name there
        """Keep a mail before saying that it was taken; the sender's server brings it again otherwise."""
        raw = envelope.original_content or envelope.content or b""
        if envelope.mail_from in {None, "", "<>"}:
            raw = b"Return-Path: <>\r\n" + raw
        try:
            self.intake.keep(bytes(raw))
        except Unreachable:
            return LATER
        except (HubError, ValueError, LookupError) as fault:
            log.warning("replies: a mail could not be taken (%s)", type(fault).__name__)
        return OK
