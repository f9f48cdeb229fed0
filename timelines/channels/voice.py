"""A call by the city's gateway: the short text, read aloud twice; no link, for nobody can tap one."""

from __future__ import annotations

from disaster_hub.config import Config
from disaster_hub.terms.notice import Notice
from timelines.channel import Clock
from timelines.gateway import ByGateway, gateway_of
from timelines.outside import Outside
from timelines.short import cut, whole

AGAIN = "。\nくりかえします。\n"
"""Between the two readings; the pauses are the gateway's at each full stop."""
FIXED = len(AGAIN)


class Voice(ByGateway):
    """Calls telephones, those of houses too."""

    kind = "voice"

    def text(self, notice: Notice) -> str:
        """Write what is read: the same twice, and both in the length that the gateway takes."""
        once = cut(whole(notice), (self.gateway.most - FIXED) // 2).rstrip("。")
        return f"{once}{AGAIN}{once}"


def make(config: Config, _wall: Clock) -> Voice:
    """Make the channel of the configuration; without a gateway of this kind there is none."""
    return Voice(gateway_of(config, "voice"), config.world.kind, Outside(config.outgoing), config.portal.address)
