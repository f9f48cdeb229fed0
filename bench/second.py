"""One of several listeners on one store: `python -m bench.second PORT STORE NAME`; says `ready` when subscribed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from bench.mqtt import DEVICES, TOPIC, WORLD, _sensor
from bench.publisher import device
from disaster_hub.jobs.listen import Intake
from disaster_hub.jobs.process import stop_on_signals
from disaster_hub.store.session import open_store
from sensors.mqtt import Subscriber


def main(port: int, path: str, name: str) -> None:
    """Listen until ended."""
    stop = stop_on_signals()
    store = open_store(f"sqlite:///{path}")
    sensors = {device(n): _sensor(device(n)) for n in range(DEVICES)}
    intake = Intake(store, WORLD, sensors, clock=lambda: datetime(2026, 9, 20, tzinfo=UTC))
    subscriber = Subscriber(
        "127.0.0.1", port, client_id=f"second-{name}", topics=[TOPIC], keep=intake.keep, share="bench"
    )
    said = False

    def tell() -> None:
        nonlocal said
        if subscriber.subscribed and not said:
            said = True
            print("ready", flush=True)

    subscriber.run(stop, tell)
    store.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
