"""The map's frame: folium writes it once at the start; taken apart so that no inline script is left."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from disaster_hub.config import Config

STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
NAME = re.compile(r'class="folium-map" id="(\w+)"')
OWN_ID = "hub_map"


@dataclass(frozen=True, slots=True)
class Frame:
    """What folium wrote: the element, its style, and the script that makes the Leaflet map."""

    html: str
    style: str
    script: str


def build(config: Config) -> Frame:
    """Let folium write the map of *config*'s city: no tiles, no plugins, nothing from another host."""
    import folium  # noqa: PLC0415  # 0.6 s and 70 MB that only the portal pays, once

    city = config.city
    made = folium.Map(
        location=(city.lat, city.lon), zoom_start=city.zoom, tiles=None, prefer_canvas=True,
        zoom_control=False, attribution_control=False, world_copy_jump=False, max_zoom=18, min_zoom=5,
        zoom_snap=0.25, wheel_px_per_zoom_level=90, zoom_animation=True, keyboard=True,
    )  # fmt: skip
    made.default_js, made.default_css = [], []
    root: Any = made.get_root()
    root.render()
    html = root.html.render()
    name = NAME.search(html)
    if name is None:
        raise RuntimeError("folium: the map's element is not where it was; frame.py must follow folium")
    styles = [block for block in STYLE.findall(root.header.render()) if name[1] in block]
    script = root.script.render().replace(name[1], OWN_ID)
    return Frame(
        html=html.replace(name[1], OWN_ID).strip(),
        style="\n".join(styles).replace(name[1], OWN_ID),
        script=script + f"\nwindow.hubMap = {OWN_ID};\n",
    )
