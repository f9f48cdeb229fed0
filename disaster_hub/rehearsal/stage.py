"""The night's one truth in numbers: how the river, the brooks, the underpass and the rain go up and down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from disaster_hub.rehearsal.city import Water, minutes, moment

Curve = Sequence[tuple[str, float]]

RIVER: Curve = (
    ("12:00", 1.20), ("14:00", 1.80), ("15:00", 2.20), ("16:30", 3.03), ("17:30", 3.46), ("18:10", 3.70),
    ("18:40", 3.93), ("19:30", 4.27), ("20:20", 4.63), ("20:45", 5.05), ("21:10", 5.74), ("21:25", 5.58),
    ("22:00", 5.32), ("22:40", 4.96), ("23:30", 4.50), ("00:40", 3.84), ("01:30", 3.48), ("02:00", 3.28),
    ("04:00", 2.60), ("09:00", 1.60),
)  # fmt: skip
"""Metres above the zero of みなも橋; the levee gives way at 21:10, just above the design high water."""
RIVER_UNBROKEN: Curve = (
    *RIVER[:11], ("21:40", 6.05), ("22:30", 5.98), ("23:30", 5.40), ("00:40", 4.70), ("02:00", 3.90),
    ("04:00", 3.00), ("09:00", 1.80),
)  # fmt: skip
"""What a forecaster sees coming, who does not know that a levee will break."""
BROOK: Curve = (
    ("12:00", 0.15), ("15:00", 0.36), ("16:30", 0.48), ("17:30", 0.64), ("18:30", 0.86), ("19:35", 1.00),
    ("20:40", 1.14), ("21:30", 1.10), ("22:30", 0.90), ("23:30", 0.70), ("01:00", 0.50), ("02:00", 0.42),
    ("04:00", 0.30), ("09:00", 0.18),
)  # fmt: skip
"""1 is bankfull."""
UNDERPASS: Curve = (
    ("12:00", 0.0), ("17:22", 0.0), ("17:40", 0.34), ("18:30", 0.90), ("20:45", 1.30), ("23:30", 1.36),
    ("01:00", 0.70), ("02:00", 0.30), ("04:00", 0.0), ("09:00", 0.0),
)  # fmt: skip
"""Metres of water in the station-west underpass, from rain alone."""
RAIN: Curve = (
    ("12:00", 2.0), ("14:00", 8.0), ("16:00", 14.0), ("17:30", 28.0), ("18:30", 40.0), ("19:40", 30.0),
    ("20:30", 44.0), ("21:30", 20.0), ("22:30", 8.0), ("23:30", 3.0), ("01:00", 1.0), ("02:00", 0.0),
    ("09:00", 0.0),
)  # fmt: skip
"""Millimetres in an hour."""
BREACH = "21:10"
GATE_OPENS = "23:30"
"""The low quarter begins to drain."""
WATERS: dict[Water, Curve] = {"river": RIVER, "brook": BROOK, "underpass": UNDERPASS}


def along(curve: Curve, at: ArrayLike) -> NDArray[np.float64]:
    """Read *curve* at minutes after noon: a smooth line through the knots that never overshoots one."""
    xs = np.array([minutes(moment(text)) for text, _ in curve])
    ys = np.array([value for _, value in curve])
    wanted = np.clip(np.asarray(at, dtype=float), xs[0], xs[-1])
    slopes = _slopes(xs, ys)
    i = np.clip(np.searchsorted(xs, wanted, side="right") - 1, 0, len(xs) - 2)
    width = xs[i + 1] - xs[i]
    s = (wanted - xs[i]) / width
    rest = 1 - s
    value = (
        ys[i] * (1 + 2 * s) * rest**2
        + slopes[i] * width * s * rest**2
        + ys[i + 1] * s**2 * (3 - 2 * s)
        - slopes[i + 1] * width * s**2 * rest
    )
    return np.asarray(value, dtype=np.float64)


def _slopes(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give a slope a knot: harmonic mean of its two sides, zero at a peak (Fritsch and Butland)."""
    sides = np.diff(ys) / np.diff(xs)
    before, after = sides[:-1], sides[1:]
    same = before * after > 0
    inner = np.zeros_like(before)
    inner[same] = 2 * before[same] * after[same] / (before[same] + after[same])
    return np.concatenate([[0.0], inner, [0.0]])


def level(water: Water, at: float, *, scale: float = 1.0, lag_min: float = 0.0) -> float:
    """Give the depth in metres of a gauge on *water* at minutes after noon, *lag_min* behind the curve."""
    return float(along(WATERS[water], at - lag_min)) * scale


def rain(at: float) -> float:
    """Give the rain in mm an hour at minutes after noon."""
    return float(along(RAIN, at))
