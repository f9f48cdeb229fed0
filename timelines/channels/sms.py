"""SMS by the city's gateway: the action first, no longer than one message may be, the answer page at the end."""

from __future__ import annotations

from disaster_hub.config import Config
from disaster_hub.terms.notice import Notice
from timelines.channel import Clock
from timelines.gateway import ByGateway, gateway_of
from timelines.outside import Outside
from timelines.short import cut, link, whole


class Sms(ByGateway):
    """Sends texts to mobile phones."""

    kind = "sms"

    def text(self, notice: Notice) -> str:
        """Write the text: what does not fit is cut from its end, and never the link."""
        return cut(whole(notice), self.gateway.most, link(notice, self.portal))


def make(config: Config, _wall: Clock) -> Sms:
    """Make the channel of the configuration; without a gateway of this kind there is none."""
    return Sms(gateway_of(config, "sms"), config.world.kind, Outside(config.outgoing), config.portal.address)
