"""From what a device measures to what the house speaks of; needs what the city knows about the device."""

from __future__ import annotations

from dataclasses import replace

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.observation import Observation


def water_level(distance: Observation, zero_m: float) -> Observation:
    """Turn a distance down to the water into a level above the station's zero, *zero_m* being the sensor's height.

    What is not a distance raises BadInput; a value that is missing stays missing.
    """
    if distance.quantity != "distance":
        raise BadInput(f"quantity: {distance.quantity} is no distance down to the water")
    level = None if distance.value is None else round(zero_m - distance.value, 4)
    return replace(distance, quantity="water_level", value=level)
