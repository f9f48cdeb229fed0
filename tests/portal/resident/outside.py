"""The services outside, brought to a hamlet in this process: what they send arrives at its own door."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from disaster_hub.rehearsal.twins import linebot, smsgateway
from disaster_hub.rehearsal.twins.linebot import LineBot
from disaster_hub.rehearsal.twins.smsgateway import SmsGateway
from disaster_hub.store import households
from disaster_hub.store.households import Contact
from tests.portal.resident.alerted import desk_of
from tests.portal.resident.hamlet import Hamlet, hamlet_of

HANA, TARO = f"U{'a' * 32}", f"U{'b' * 32}"


@dataclass
class Outside:
    """A hamlet with a LINE and a gateway."""

    hamlet: Hamlet
    bot: LineBot
    gateway: SmsGateway

    def contacts(self) -> list[Contact]:
        """Give every contact of every household."""
        here = desk_of(self.hamlet)
        with self.hamlet.store.read() as tx:
            return [
                one
                for name, _ in households.everyone(tx, here.keys)
                for one in households.contacts(tx, here.keys, name)
            ]


@contextmanager
def outside_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    """Give a hamlet whose twins post to its application directly."""
    with ExitStack() as stack:
        bot, gateway = stack.enter_context(LineBot()), stack.enter_context(SmsGateway())
        hamlet = stack.enter_context(hamlet_of(folder, bot=bot.base, gateway=gateway.base))
        hamlet.app.config["WTF_CSRF_ENABLED"] = True
        bot.wall = gateway.wall = lambda: hamlet.wall[0]
        bot.hub, gateway.hub = "http://hub/api/line", "http://hub/api/gateway"

        def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
            with hamlet.app.test_client() as client:
                return client.post(urlsplit(url).path, data=body, headers=dict(headers)).status_code

        monkeypatch.setattr(linebot, "post", post)
        monkeypatch.setattr(smsgateway, "post", post)
        yield Outside(hamlet, bot, gateway)
