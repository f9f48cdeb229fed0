"""Codes of areas, rivers and devices, and the blocks that nobody uses, kept for made-up worlds."""

from __future__ import annotations

MADE_UP_PREFECTURE = "99"
"""Prefectures are 01 to 47 (JIS X 0401); JMA river codes begin with a prefecture or 81 to 89."""
MADE_UP_EUI = "fe99"
"""0xfe has the locally-administered bit set, so no maker's block (IEEE OUI) can begin with it."""
MADE_UP_WAYS = range(9_900_000_000, 10_000_000_000)
"""OpenStreetMap's way ids have not come to a sixth of this, and grow by a hundredth of it a year."""


def made_up(code: str) -> bool:
    """Tell whether an area, office, river, gauge or device code is from a block that nobody uses."""
    return code.startswith(MADE_UP_PREFECTURE) or code.lower().startswith(MADE_UP_EUI)
