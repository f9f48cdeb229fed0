"""Whom an alert is for: one household held against it, and why it comes there or why it does not.

The order of the questions is the order in which a person would ask them, and the first one that settles it is the
reason. What is not known never keeps a message away.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from disaster_hub.terms.alert import Alert, Audience, Because, Brief


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
    """Another alert in force has told it the same already (`doubled`)."""


def because(wanted: Audience, found: Facts) -> Because:
    """Say why an alert for *wanted* comes to a household, or why it does not."""
    questions = (
        (Because.OUTSIDE, not found.inside),
        (Because.NO_PLAN, not found.planned),
        (Because.UNREADABLE, found.brief is None),
        (Because.HAZARD, found.brief is not None and not _in_a_zone(wanted, found.brief)),
        (Because.PLAN_LEVEL, found.brief is not None and not _leaves_then(wanted, found.brief)),
        (Because.NEEDS, found.brief is not None and not _of_the_group(wanted, found.brief)),
        (Because.DOUBLE, found.told),
        (Because.NO_CHANNEL, not found.channels),
    )
    return next((reason for reason, yes in questions if yes), Because.CHOSEN)


def _in_a_zone(wanted: Audience, brief: Brief) -> bool:
    """Tell whether the home lies in a zone of one of the hazards, or nobody knows whether it does."""
    return not wanted.hazards or bool(wanted.hazards & {*brief.hazards, *brief.unknown})


def _leaves_then(wanted: Audience, brief: Brief) -> bool:
    return not wanted.leave_levels or brief.leave_level in wanted.leave_levels


def _of_the_group(wanted: Audience, brief: Brief) -> bool:
    return not wanted.needs or bool(wanted.needs & set(brief.needs))


def doubled(new: Alert, other: Alert) -> bool:
    """Tell whether *other*, which is in force, told the same as the automatic alert *new*, or more."""
    return (
        other.id != new.id
        and other.hazard == new.hazard
        and other.level is not None
        and new.level is not None
        and other.level >= new.level
    )
