"""What makes the SQLite file a GeoPackage 1.3 that QGIS opens without an extension."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pyproj import CRS

from disaster_hub.store.layers import LAYERS, Layer
from disaster_hub.terms.place import SRID

APPLICATION_ID = 0x47504B47
USER_VERSION = 10300

CORE = (
    """CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL,
    description TEXT)""",
    """CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL,
    identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL
    DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
    srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL UNIQUE REFERENCES gpkg_contents(table_name),
    column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL
    REFERENCES gpkg_spatial_ref_sys(srs_id), z TINYINT NOT NULL, m TINYINT NOT NULL,
    PRIMARY KEY (table_name, column_name))""",
    """CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
    definition TEXT NOT NULL, scope TEXT NOT NULL, UNIQUE (table_name, column_name, extension_name))""",
)
RTREE = "http://www.geopackage.org/spec120/#extension_rtree"


def statements(tables: Collection[str]) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Give the SQL, with its parameters, that turns the file with these first place *tables* into a GeoPackage."""
    yield f"PRAGMA application_id = {APPLICATION_ID}", ()
    yield f"PRAGMA user_version = {USER_VERSION}", ()
    for text in CORE:
        yield text, ()
    srs = "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)"
    yield srs, ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined", None)
    yield srs, ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None)
    for code in (4326, SRID):
        crs = CRS.from_epsg(code)
        yield srs, (crs.name, code, "EPSG", code, crs.to_wkt("WKT1_GDAL"), None)
    for layer in LAYERS.values():
        if layer.table.name in tables:
            yield from registered(layer)


def registered(layer: Layer) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Register one layer and give it the standard R-tree with the standard triggers."""
    name = layer.table.name
    contents = "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES (?,?,?,?,?)"
    yield contents, (name, "features", layer.name, layer.meaning, SRID)
    yield "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)", (name, layer.geometry, SRID)
    extension = "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', ?, 'write-only')"
    yield extension, (name, RTREE)
    yield f"CREATE VIRTUAL TABLE rtree_{name}_geom USING rtree(id, minx, maxx, miny, maxy)", ()
    for text in _triggers(name):
        yield text, ()


def _triggers(name: str) -> Iterator[str]:
    """Give the triggers of GeoPackage 1.3, annex F.3, for table *name*."""
    tree = f"rtree_{name}_geom"
    full = "(NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))"
    hollow = "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))"
    box = "ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)"
    put = f"INSERT OR REPLACE INTO {tree} VALUES (NEW.fid, {box});"
    gone = f"DELETE FROM {tree} WHERE id = OLD.fid;"
    yield f"CREATE TRIGGER {tree}_insert AFTER INSERT ON {name} WHEN {full} BEGIN {put} END"
    same = "OLD.fid = NEW.fid"
    yield f"CREATE TRIGGER {tree}_update1 AFTER UPDATE OF geom ON {name} WHEN {same} AND {full} BEGIN {put} END"
    yield f"CREATE TRIGGER {tree}_update2 AFTER UPDATE OF geom ON {name} WHEN {same} AND {hollow} BEGIN {gone} END"
    other = "OLD.fid != NEW.fid"
    yield f"CREATE TRIGGER {tree}_update3 AFTER UPDATE ON {name} WHEN {other} AND {full} BEGIN {gone} {put} END"
    both = f"DELETE FROM {tree} WHERE id IN (OLD.fid, NEW.fid);"
    yield f"CREATE TRIGGER {tree}_update4 AFTER UPDATE ON {name} WHEN {other} AND {hollow} BEGIN {both} END"
    yield f"CREATE TRIGGER {tree}_delete AFTER DELETE ON {name} WHEN OLD.geom NOT NULL BEGIN {gone} END"
