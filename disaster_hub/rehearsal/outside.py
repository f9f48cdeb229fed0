"""The demo's way out: stand-ins for LINE, push, SMS and mail, with the test handsets that the canaries go to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from disaster_hub.rehearsal.phones import Phone
from disaster_hub.rehearsal.settings import row, table
from disaster_hub.rehearsal.twins.loopback import HOST as LOOPBACK

TOKEN, SECRET = "demo-line-token", "demo-line-secret"
"""Of a LINE that is on this machine alone."""
GATEWAY_SECRET = "demo-gateway-secret"  # noqa: S105  # nobody's: the gateway is on this machine alone
CANARY_EVERY_S = 300.0


def sections(ports: Mapping[str, int], canaries: Sequence[Phone]) -> Iterator[str]:
    """Give the sections of config.toml."""
    yield table("line_bot", {
        "token": TOKEN, "secret": SECRET, "api": f"http://{LOOPBACK}:{ports['bot']}",
    })  # fmt: skip
    for kind in ("sms", "voice"):
        yield row("gateways", {
            "kind": kind, "url": f"http://{LOOPBACK}:{ports['sms']}/{kind}", "secret": GATEWAY_SECRET,
        })  # fmt: skip
    yield table("replies", {"smtp_port": ports["replies"]})
    for one in canaries:
        yield row("canaries", {
            "channel": one.channel, "address": one.address, "name": one.name, "every_s": CANARY_EVERY_S,
        })  # fmt: skip
