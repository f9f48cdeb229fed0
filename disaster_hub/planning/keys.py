"""The keys that no store may hold: the VAPID pair and the households' keys, made at the first start."""

from __future__ import annotations

from pathlib import Path

from disaster_hub.store.keyring import Keyring
from timelines import vapid


def ensure_keys(folder: Path) -> None:
    """Make what is missing in *folder*; what is there stays. Raises BadConfig where it cannot be kept safe."""
    vapid.ensure(folder)
    Keyring.open(folder).close()
