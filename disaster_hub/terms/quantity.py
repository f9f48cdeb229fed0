"""The table of words for what is measured: one name, one unit; sources only point into it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from disaster_hub.terms.errors import BadInput


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that is measured, its one unit and what it means."""

    name: str
    unit: str
    meaning: str


class Quality(StrEnum):
    """Whether a value can be believed; a value that is not `ok` is None, never zero."""

    OK = "ok"
    MISSING = "missing"
    """欠測: the gauge should have spoken and did not."""
    NOT_COMPUTED = "not_computed"
    """未計算: the forecast was not made."""
    SUSPECT = "suspect"


QUANTITIES = {
    q.name: q
    for q in (
        Quantity("water_level", "m", "Water surface above the zero that the station states"),
        Quantity("discharge", "m3/s", "Flow through the section"),
        Quantity("distance", "m", "From the sensor down to the water"),
        Quantity("rainfall", "mm", "Rain fallen in the interval that ends at the reading"),
        Quantity("battery", "%", "Charge left"),
        Quantity("battery_voltage", "V", "Voltage of the battery"),
        Quantity("temperature", "degC", "Air or case temperature"),
        Quantity("flood_level", "level", "Level 0 to 5 of a flood forecast's own level series"),
        Quantity("tilt", "flag", "1 where the device says that it no longer hangs straight"),
    )
}

FACTORS = {
    ("mm", "m"): 0.001, ("cm", "m"): 0.01, ("m", "m"): 1.0, ("km", "m"): 1000.0,
    ("m3/s", "m3/s"): 1.0, ("立方メートル毎秒", "m3/s"): 1.0,
    ("mm", "mm"): 1.0, ("cm", "mm"): 10.0, ("m", "mm"): 1000.0,
    ("%", "%"): 1.0, ("V", "V"): 1.0, ("mV", "V"): 0.001,
    ("degC", "degC"): 1.0, ("℃", "degC"): 1.0, ("level", "level"): 1.0, ("flag", "flag"): 1.0,
}  # fmt: skip


def to_house_unit(value: float, unit: str, quantity: str) -> float:
    """Convert *value* to the unit of *quantity*; an unknown quantity or unit raises BadInput, never a guess."""
    if quantity not in QUANTITIES:
        raise BadInput(f"quantity: {quantity[:40]!r} is not in the table")
    factor = FACTORS.get((unit, QUANTITIES[quantity].unit))
    if factor is None:
        raise BadInput(f"unit: {quantity} arrived in {unit[:20]!r}")
    return value * factor
