"""Which telegrams speak of which hazard, and which of them decides while two systems run side by side."""

from __future__ import annotations

from collections.abc import Iterator

from disaster_hub.terms.bulletin import Hazard

NEW = {
    "VPWW55": frozenset({Hazard.RAIN}),
    "VPWW56": frozenset({Hazard.LANDSLIDE}),
    "VPWW57": frozenset({Hazard.SURGE}),
    "VPWW58": frozenset({Hazard.WIND, Hazard.BLIZZARD}),
    "VPWW59": frozenset({Hazard.WAVE}),
    "VPWW60": frozenset({Hazard.SNOW}),
    "VPWW61": frozenset({Hazard.OTHER}),
}
"""The telegrams in force since 2026-05-29: one a hazard, each the whole state of its prefecture."""

COPIES = ("VPWW53", "VPWW54")
"""Transition copies in the old system: every hazard in one telegram. They decide only what no new one says."""

SUPPLEMENT = "VXWW50"
"""土砂災害警戒情報: a supplement to VPWW56, level 4 or nothing."""

RIVERS = "VXKO"

WEATHER = (*NEW, *COPIES, SUPPLEMENT)


def types_for(hazard: Hazard) -> Iterator[str]:
    """Name the new telegram types that speak of *hazard*."""
    return (kind for kind, hazards in NEW.items() if hazard in hazards)
