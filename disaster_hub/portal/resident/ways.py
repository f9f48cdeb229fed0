"""One way as the pages show it: its picture and its words."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from disaster_hub.portal.resident import wording
from disaster_hub.portal.resident.desk import desk
from disaster_hub.portal.resident.sight import of_choice
from disaster_hub.terms.place import LonLat
from disaster_hub.terms.way import Choice
from timelines.picture import map_svg


def way_view(home: LonLat, choice: Choice | None, name: str) -> dict[str, Any] | None:
    """Give one way as the pages show it; None where there is none."""
    if choice is None or choice.way is None:
        return None
    here = desk()
    said = wording.way(choice, name)
    with here.shared.store.read() as tx:
        picture = of_choice(tx, home, choice)
    drawn = here.aside(map_svg, picture)
    return said | {"picture": Markup(drawn)}  # noqa: S704  # `map_svg` escapes every word
