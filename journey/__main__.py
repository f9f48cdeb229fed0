"""Run a journey: `python -m journey NAME`; writes journeys/NAME/journey.json and a picture a step."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

JOURNEYS = {"resident": "journey.resident:walk", "hq": "journey.hq:walk", "night": "journey.night:walk"}
OUT = Path("journeys")


def main() -> int:
    """Walk the named journey; 1 where a step took longer than its limit, 3 where something needed is missing."""
    if len(sys.argv) != 2 or sys.argv[1] not in JOURNEYS:
        print(f"usage: python -m journey {'|'.join(JOURNEYS)}", file=sys.stderr)
        return 2
    name = sys.argv[1]
    module, _, function = JOURNEYS[name].partition(":")
    late: int = getattr(import_module(module), function)(OUT / name)
    return late


if __name__ == "__main__":
    sys.exit(main())
