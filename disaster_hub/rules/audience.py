"""Whom an alert is for: one household held against it, and why it comes there or why it does not.

The order of the questions is the order in which a person would ask them, and the first one that settles it is the
reason. What is not known never keeps a message away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from disaster_hub.terms.alert import Audience, Because, Brief


@dataclass(frozen=True, slots=True)
class Facts:
    """One household as it was known at that moment."""

    inside: bool
    """Its home lies in the alert's shape or on its border."""
    brief: Brief | None
    """Of its plan; None where that cannot be opened any more."""
    channels: Collection[str]
    """What somebody there has confirmed."""
    planned: bool = True
    """It has saved a plan."""
    told: bool = False
    """Another alert in force has told it the same already (`alerts.once`)."""


def because(wanted: Audience, found: Facts) -> Because:
    """Say why an alert for *wanted* comes to a household, or why it does not."""
    return next(_against(wanted, found), Because.CHOSEN)


def _against(wanted: Audience, found: Facts) -> Iterator[Because]:
    """Give what speaks against it, in the order of the questions."""
    brief = found.brief
    if not found.inside:
        yield Because.OUTSIDE
    if not found.planned:
        yield Because.NO_PLAN
    if brief is None:
        yield Because.UNREADABLE
        return
    if not _in_a_zone(wanted, brief):
        yield Because.HAZARD
    if not _leaves_then(wanted, brief):
        yield Because.PLAN_LEVEL
    if not _of_the_group(wanted, brief):
        yield Because.NEEDS
    if found.told:
        yield Because.DOUBLE
    if not found.channels:
        yield Because.NO_CHANNEL


def _in_a_zone(wanted: Audience, brief: Brief) -> bool:
    """Tell whether the home lies in a zone of one of the hazards, or nobody knows whether it does."""
    return not wanted.hazards or bool(wanted.hazards & {*brief.hazards, *brief.unknown})


def _leaves_then(wanted: Audience, brief: Brief) -> bool:
    return not wanted.leave_levels or brief.leave_level in wanted.leave_levels


def _of_the_group(wanted: Audience, brief: Brief) -> bool:
    return not wanted.needs or bool(wanted.needs & set(brief.needs))
