"""How a process that lives for weeks looks through its memory."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""Objects between two looks; at the language's own 700, a quarter of a large alert's time is looking."""


def long_lived() -> None:
    """Leave what is there for good out of every later look, and look less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
