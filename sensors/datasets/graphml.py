"""Road graphs as OSMnx writes them (GraphML): every value a text, some of them Python lists, each street twice."""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import shapely
from lxml import etree
from shapely import LineString

from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.place import Feature, flat
from sensors.datasets.dataset import Dataset, Tally
from sensors.datasets.osm import CREDIT, NOT_WALKED
from sensors.datasets.shapes import in_japan
from sensors.datasets.table import Material

KIND = "graphml"
MAX_BYTES = 1_000_000_000
SPACE = "{http://graphml.graphdrawing.org/xmlns}"
DEGREES = {"epsg:4326", "epsg:6668", "epsg:4612"}
KEPT = ("bridge", "tunnel", "width", "surface", "wheelchair", "layer", "incline", "kerb", "access", "foot")
READ = {*KEPT, "osmid", "name", "highway", "oneway", "geometry", "reversed"}
LEFT = {
    "length", "ref", "lanes", "maxspeed", "est_width", "junction", "service", "area", "landuse", "from", "to", "key",
    "speed_kph", "travel_time", "bearing", "grade", "grade_abs", "street_count",
}  # fmt: skip
"""Values of the edges that nothing here asks for."""
NEAR_DEG = 1e-6
"""A decimetre: a line that ends so near its node ends there."""
LONGEST_LIST = 20_000
"""Letters of a list text beyond which no street was ever put together."""

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Edge:
    """One directed edge of the graph."""

    source: str
    target: str
    said: Mapping[str, tuple[str, ...]]
    """Every value as a row of texts: most rows have one."""
    line: LineString

    def first(self, key: str) -> str | None:
        """Give the first text of a value; None where there is none."""
        texts = self.said.get(key)
        return texts[0] if texts else None

    @property
    def oneway(self) -> bool:
        """Tell whether any part of the edge is one-way."""
        return "True" in self.said.get("oneway", ()) or "yes" in self.said.get("oneway", ())


def fits(material: Material) -> bool:
    """Tell whether the file's root element is `graphml`."""
    return material.stream == "graphml"


def read(material: Material) -> Dataset:
    """Read the streets; an edge there and one back along one line are one link."""
    path, tally = material.path, Tally()
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(f"{path.name}: more than {MAX_BYTES // 10**9} GB; cut the graph to the city")
    try:
        nodes, edges = _graph(path, tally)
    except etree.XMLSyntaxError as error:
        raise BadInput(f"{path.name}: not whole XML at line {error.lineno} ({str(error.msg)[:80]})") from None
    if not edges:
        raise BadInput(f"{path.name}: a graph without an edge")
    return Dataset(KIND, path.name, ("roads",), tuple(_links(nodes, edges, path.name, tally)), CREDIT, tally.lines())


def _graph(path: Path, tally: Tally) -> tuple[dict[str, int], list[Edge]]:
    """Stream the graph: its nodes' ids as numbers, and its edges."""
    keys: dict[str, str] = {}
    spots: dict[str, Spot] = {}
    edges: list[Edge] = []
    degrees = False
    tags = [f"{SPACE}{name}" for name in ("graphml", "key", "node", "edge", "data")]
    with path.open("rb") as file:
        walk = etree.iterparse(
            file, events=("start", "end"), tag=tags, resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        for event, element in walk:
            sort = str(element.tag).removeprefix(SPACE)
            if event == "start":
                if sort == "graphml" and element.getroottree().docinfo.internalDTD is not None:
                    raise BadInput(f"{path.name}: a DOCTYPE in a GraphML file is refused")
                continue
            if sort == "key":
                keys[element.get("id", "")] = element.get("attr.name", "")
            elif sort == "data" and element.getparent().tag == f"{SPACE}graph":
                degrees |= _checked(keys.get(element.get("key", "")), element.text, path.name)
            elif sort in {"node", "edge"}:
                said = {keys.get(d.get("key", ""), ""): d.text or "" for d in element.iterfind(f"{SPACE}data")}
                if sort == "node":
                    spots[element.get("id", "")] = _spot(said, f"{path.name}: node {element.get('id')}")
                else:
                    edges.append(_edge(element, said, spots, path.name, tally))
                element.clear()
    if edges and not degrees:
        raise BadInput(f"{path.name}: the graph says no crs; wanted degrees, such as epsg:4326")
    return {name: _number(name, path.name) for name in spots}, edges


def _checked(key: str | None, text: str | None, name: str) -> bool:
    """Tell whether a value of the graph is its CRS; BadInput for one that is not in degrees."""
    if key != "crs":
        return False
    if (text or "").strip().lower() not in DEGREES:
        raise BadInput(f"{name}: crs {str(text)[:40]!r} is not read; wanted degrees, such as epsg:4326")
    return True


def _spot(said: Mapping[str, str], where: str) -> Spot:
    """Give a node's place."""
    try:
        spot = float(said.get("x", "")), float(said.get("y", ""))
    except ValueError:
        raise BadInput(f"{where}: x or y is no number") from None
    in_japan(shapely.Point(spot), where)
    return spot


def _edge(element: etree._Element, said: dict[str, str], spots: Mapping[str, Spot], name: str, tally: Tally) -> Edge:
    """Turn one element into an edge; its line is the one drawn, or the straight one."""
    ends = element.get("source", ""), element.get("target", "")
    where = f"{name}: edge {ends[0][:20]} to {ends[1][:20]}"
    missing = [end for end in ends if end not in spots]
    if missing:
        raise BadInput(f"{where}: node {missing[0][:20]!r} is not in the file, or stands after its edge")
    for key in sorted(said.keys() - READ - LEFT):
        tally.note(f"value {key[:40]} of the edges, not used", where)
    try:
        line = shapely.from_wkt(said["geometry"]) if "geometry" in said else LineString([spots[end] for end in ends])
    except shapely.errors.ShapelyError:
        raise BadInput(f"{where}: geometry is no WKT") from None
    if line.geom_type != "LineString" or line.is_empty:
        raise BadInput(f"{where}: a {line.geom_type} where a LineString should be")
    ways_out = zip((line.coords[0], line.coords[-1]), (spots[end] for end in ends), strict=True)
    if any(abs(at[n] - spot[n]) > NEAR_DEG for at, spot in ways_out for n in (0, 1)):
        raise BadInput(f"{where}: its line does not begin and end at its nodes")
    in_japan(line, where)
    rows = {key: _texts(text, f"{where}: {key}") for key, text in said.items() if key in READ - {"geometry"}}
    return Edge(*ends, rows, shapely.force_2d(line))


def _texts(text: str, where: str) -> tuple[str, ...]:
    """Read a value: a Python list's text gives its members, any other text itself."""
    plain = text.strip()
    if not (plain.startswith("[") and plain.endswith("]")):
        return (plain,) if plain else ()
    try:
        value = ast.literal_eval(plain) if len(plain) <= LONGEST_LIST else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        value = None
    if not isinstance(value, list) or not all(isinstance(one, str | int | float | bool) for one in value):
        raise BadInput(f"{where}: {plain[:40]!r} is no list of plain values")
    return tuple(str(one) for one in value)


def _number(text: str, where: str) -> int:
    """Read an OSM id."""
    try:
        return int(text)
    except ValueError:
        raise BadInput(f"{where}: {text[:20]!r} is no OSM id") from None


def _links(nodes: Mapping[str, int], edges: list[Edge], name: str, tally: Tally) -> Iterator[Feature]:
    """Make one link of an edge and the edge back; number the links of one way in the order of the file."""
    pairs: dict[tuple[object, ...], list[Edge]] = {}
    for edge in edges:
        pairs.setdefault(_street(edge), []).append(edge)
    numbers: Counter[int] = Counter()
    for there in pairs.values():
        edge = min(there, key=lambda one: one.said.get("reversed") == ("True",))
        where = f"{name}: edge {edge.source} to {edge.target}"
        highway = edge.said.get("highway", ())
        if not highway:
            raise BadInput(f"{where}: highway is missing")
        if edge.line.length == 0:
            tally.note("link without any length left out", where)
            continue
        if set(highway) <= NOT_WALKED:
            tally.note("highway that is no way to go along left out", where)
            continue
        ids = [_number(one, f"{where}: osmid") for one in edge.said.get("osmid", ())]
        if not ids:
            raise BadInput(f"{where}: osmid is missing")
        back = any(one.source == edge.target and one.target == edge.source for one in there)
        columns = _columns(edge, oneway=edge.oneway and not back)
        columns |= {"way": ids[0], "segment": numbers[ids[0]], "from_node": nodes[edge.source]}
        columns |= {"to_node": nodes[edge.target], "ways": ids if len(ids) > 1 else None}
        identity = f"{ids[0]}/{numbers[ids[0]]}"
        numbers[ids[0]] += 1
        yield Feature("roads", identity, edge.line, columns)


def _street(edge: Edge) -> tuple[object, ...]:
    """Say which street an edge runs along, whichever way it goes."""
    line = tuple(edge.line.coords)
    return frozenset((edge.source, edge.target)), frozenset(edge.said.get("osmid", ())), min(line, line[::-1])


def _columns(edge: Edge, *, oneway: bool) -> dict[str, object]:
    """Give a link's columns; where parts of it differ, the part that hinders says: steps, a bridge, a tunnel."""
    highway = edge.said["highway"]
    hindering = {key: next((t for t in edge.said.get(key, ()) if t != "no"), None) for key in ("bridge", "tunnel")}
    widths = [float(t) for t in edge.said.get("width", ()) if _finite(t)]
    wheels = edge.said.get("wheelchair", ())
    return {
        **{key: edge.first(key) for key in KEPT},
        **hindering,
        "highway": next((one for one in highway if one not in NOT_WALKED), highway[0]),
        "name": edge.first("name"),
        "oneway": "yes" if oneway else None,
        "width": f"{min(widths):g}" if widths else edge.first("width"),
        "wheelchair": "no" if "no" in wheels else edge.first("wheelchair"),
        "steps": "steps" in highway,
        "length_m": round(float(flat(edge.line).length), 2),
    }


def _finite(text: str) -> bool:
    """Tell whether a text is a number of metres."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
