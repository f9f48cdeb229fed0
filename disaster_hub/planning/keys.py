"""The keys that no store may hold: the VAPID pair and the households' keys, made at the first start, for one store."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from disaster_hub.store.keyring import Keyring
from disaster_hub.terms.errors import BadConfig
from timelines import vapid

OWNER = "store.id"
"""Names the store that the keys in a folder are for: its own random id, not where it lies."""


def ensure_keys(folder: Path) -> None:
    """Make what is missing in *folder*; what is there stays. Raises BadConfig where it cannot be kept safe."""
    vapid.ensure(folder)
    Keyring.open(folder).close()


def claim(folder: Path, store: str) -> None:
    """Claim the keys in *folder* for one store; BadConfig where they are another's already.

    Two hubs over one folder would tidy away the keys of each other's households, and nobody could read their plans.
    """
    path = folder / OWNER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = _owner(path)
        if not there:
            _write(path, store)
            there = _owner(path)
    except OSError as fault:
        raise BadConfig(f"keys.folder: {path}: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise BadConfig(f"keys.folder: {path}: not written by disaster-hub") from fault
    if there != store:
        raise BadConfig(
            f"keys.folder: {folder.absolute()} holds the keys of another hub's store; give each hub its own folder. "
            f"Only where that other store is no more for good: delete {path.absolute()} and start again"
        )


def _owner(path: Path) -> str:
    return path.read_text(encoding="ascii").strip() if path.exists() else ""


def _write(path: Path, store: str) -> None:
    """Write it whole or not at all; of two that start at once one is the first."""
    fresh = path.with_name(f"{OWNER}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        file.write(f"{store}\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(fresh)
    except OSError:
        # Taken by another; or empty, as a machine leaves it that dies; or on a file system that knows no such links,
        # as a borrowed machine may have: neither of the last two may keep a city out of its own hub.
        if not _owner(path):
            fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
