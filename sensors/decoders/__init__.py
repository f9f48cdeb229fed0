"""Decoders of device payloads: one file a maker, pure; a model nobody knows is refused, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.findings import Uplink
from disaster_hub.terms.observation import Observation
from sensors.decoders import milesight

Decoded = tuple[tuple[Observation, ...], tuple[str, ...]]
"""Readings, and what could not be read."""

DECODERS: Mapping[str, Callable[[Uplink], Decoded]] = {"EM500-UDL": milesight.em500_udl}
"""The maker's model name → its decoder."""


def decode(model: str, uplink: Uplink) -> Decoded:
    """Decode an uplink's payload; an unknown *model* raises BadInput."""
    if model not in DECODERS:
        raise BadInput(f"device: no decoder for the model {model[:40]!r}; there are {', '.join(sorted(DECODERS))}")
    return DECODERS[model](uplink)
