"""PLATEAU's models: latitude first, codes by the city's own lists, triangles put together and nothing else changed."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest

from disaster_hub.jobs.load import load
from disaster_hub.store.session import Store
from disaster_hub.terms.errors import BadInput
from disaster_hub.terms.world import World
from sensors.datasets import plateau_archive
from sensors.datasets.recognise import read, recognise
from tests.datasets.makers import archive
from tests.datasets.models import LEVELS, code_list, face, model, ring, slope, text, triangles, water

CITY = "99201_minamo-shi_city_2025_citygml_1_op"
OWN = (
    f'<uro:rankOrg codeSpace="{LEVELS}RiverFloodingRiskAttribute_rankOrg.xml">3</uro:rankOrg><uro:scale>L1</uro:scale>'
)
SQUARE = ((139.8, 38.7), (139.81, 38.7), (139.81, 38.71), (139.8, 38.71), (139.8, 38.7))


def test_triangles_are_put_together_and_nothing_else(tmp_path: Path) -> None:
    path = model(tmp_path / "a_fld_6697_l2.gml", water(triangles()), water(triangles(lon=139.9), number=2))
    dataset = read(path)
    assert recognise(path) == "plateau"
    (zone,) = dataset.features
    assert zone.geometry.is_valid
    assert zone.geometry.area == pytest.approx(2 * (3 * 0.0001) ** 2, rel=1e-9)
    assert zone.geometry.bounds == pytest.approx((139.8, 38.7, 139.9003, 38.7003), abs=1e-12)
    assert zone.columns["bodies"] == 2
    assert dataset.problems == ()


@pytest.mark.parametrize(
    ("kind", "function", "attribute", "hazard", "scale", "metres"),
    [
        ("RiverFloodingRiskAttribute", "1", "<uro:rank>1</uro:rank><uro:scale>1</uro:scale>", "flood", "planned", (0, 0.5)),
        ("RiverFloodingRiskAttribute", "1", "<uro:rank>6</uro:rank><uro:scale>L2</uro:scale>", "flood", "maximum", (20, None)),
        ("WaterBodyTsunamiRiskAttribute", "2", "<uro:rank>2</uro:rank>", "tsunami", None, (0.5, 3)),
        ("HighTideRiskAttribute", "3", "<uro:rank>3</uro:rank>", "surge", None, (3, 5)),
        ("InlandFloodingRiskAttribute", "4", "<uro:rank>1</uro:rank>", "inland", None, (0, 0.5)),
    ],
)  # fmt: skip
def test_each_attribute_is_a_hazard(
    tmp_path: Path, kind: str, function: str, attribute: str, hazard: str, scale: str | None,
    metres: tuple[float, float | None],
) -> None:  # fmt: skip
    path = model(tmp_path / "a.gml", water(triangles(), attribute, kind, function))
    columns = read(path).features[0].columns
    assert (columns["hazard"], columns["scale"], columns["rank_kind"]) == (hazard, scale, "depth")
    assert (columns["low_m"], columns["high_m"], columns["depth_m"]) == (*metres, None)
    assert columns["river"] == ("みなも水系みなも川" if hazard == "flood" else None)


def test_the_citys_own_classes_stand_in_its_code_list(tmp_path: Path) -> None:
    path = model(tmp_path / CITY / "udx/fld/pref/minamo/1_fld_6697_l1_op.gml", water(triangles(), OWN))
    alone = read(path)
    assert (alone.features[0].columns["low_m"], alone.features[0].columns["high_m"]) == (None, None)
    assert alone.features[0].columns["said"] == "rankOrg 3"
    assert "kept as not known" in alone.problems[0]
    code_list(tmp_path / CITY / "codelists/RiverFloodingRiskAttribute_rankOrg.xml", c3="0.3m以上0.8m未満")
    known = read(path)
    assert (known.features[0].columns["low_m"], known.features[0].columns["high_m"]) == (0.3, 0.8)
    assert known.problems == ()
    assert known.name == "99201/fld/pref/minamo/1_fld_6697_l1_op.gml"


def test_a_code_list_goes_before_the_common_table(tmp_path: Path) -> None:
    code_list(tmp_path / "codelists/Rank.xml", c1="1m未満")
    own = '<uro:rank codeSpace="../codelists/Rank.xml">1</uro:rank><uro:scale>1</uro:scale>'
    columns = read(model(tmp_path / "udx/a.gml", water(triangles(), own))).features[0].columns
    assert (columns["low_m"], columns["high_m"], columns["rank"]) == (0, 1, 1)


def test_the_river_stands_in_a_code_list_too(tmp_path: Path) -> None:
    code_list(tmp_path / "codelists/Description.xml", c4="みなも水系⼤沢川")
    said = '<uro:description codeSpace="x/Description.xml">4</uro:description><uro:rank>1</uro:rank><uro:scale>1</uro:scale>'
    assert read(model(tmp_path / "a.gml", water(triangles(), said))).features[0].columns["river"] == "みなも水系大沢川"


def test_what_says_something_else_stays_apart(tmp_path: Path) -> None:
    shallow = "<uro:rank>1</uro:rank><uro:scale>2</uro:scale>"
    deep = "<uro:rank>4</uro:rank><uro:scale>2</uro:scale>"
    zones = read(model(tmp_path / "a.gml", water(triangles(), shallow), water(triangles(139.9), deep))).features
    assert [(z.columns["rank"], z.columns["high_m"]) for z in zones] == [(1, 0.5), (4, 10)]
    assert len({z.id for z in zones}) == 2


def test_metres_and_hours_where_the_model_has_them(tmp_path: Path) -> None:
    said = '<uro:rank>2</uro:rank><uro:depth uom="m">1.25</uro:depth><uro:scale>2</uro:scale>'
    said += '<uro:duration uom="hour">36</uro:duration>'
    depth, stays = read(model(tmp_path / "a.gml", water(triangles(), said))).features
    assert (depth.columns["depth_m"], depth.columns["high_m"], depth.columns["rank_kind"]) == (1.25, 3, "depth")
    assert (stays.columns["low_h"], stays.columns["high_h"], stays.columns["rank_kind"]) == (36, 36, "duration")


def test_the_scale_may_stand_in_the_name_of_the_file(tmp_path: Path) -> None:
    bare = water(triangles(), "<uro:rank>1</uro:rank>")
    assert read(model(tmp_path / "1_fld_6697_l1_op.gml", bare)).features[0].columns["scale"] == "planned"
    with pytest.raises(BadInput, match="fld_1: scale is missing"):
        read(model(tmp_path / "1_fld_6697_op.gml", bare))


def test_holes_and_heights(tmp_path: Path) -> None:
    hole = ((139.802, 38.702), (139.804, 38.702), (139.804, 38.704), (139.802, 38.702))
    inner = f"<gml:interior>{ring(*hole)}</gml:interior>"
    zone = read(model(tmp_path / "a.gml", slope(face(*SQUARE, inner=inner)))).features[0]
    assert zone.geometry.area == pytest.approx(1e-4 - 2e-6)
    assert not zone.geometry.has_z


def test_slopes_stay_one_by_one(tmp_path: Path) -> None:
    path = model(tmp_path / "a.gml", slope(face(*SQUARE)), slope(face(*SQUARE), "3", "1", number=2))
    first, second = read(path).features
    assert (first.columns["phenomenon"], first.columns["zone"], first.columns["rank"]) == (
        "急傾斜地の崩壊", "特別警戒区域", 2,
    )  # fmt: skip
    assert (second.columns["phenomenon"], second.columns["zone"]) == ("地すべり", "警戒区域")
    assert (first.id, first.columns["name"], first.columns["hazard"]) == ("lsld_1", "高台", "landslide")


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (water(triangles(), kind="ReservoirFloodingRiskAttribute", function="5"), "(ため池) is not read"),
        (water(triangles(), kind="VolcanoRiskAttribute"), "VolcanoRiskAttribute is no risk"),
        (water(triangles(), function="2"), "function 2 does not go with RiverFloodingRiskAttribute"),
        (water(triangles(), "<uro:rank>7</uro:rank><uro:scale>1</uro:scale>"), "fld_1: rank '7' is not in"),
        (water(triangles(), "<uro:rank>1</uro:rank><uro:scale>3</uro:scale>"), "scale '3' is neither"),
        (water(triangles(), "<uro:rank>1</uro:rank><uro:colour>3</uro:colour>"), "unknown element colour"),
        (water(triangles(), "<uro:rank>1</uro:rank><uro:rank>2</uro:rank>"), "says twice rank"),
        (water(triangles(), more="<wtr:smell>1</wtr:smell>"), "unknown element smell"),
        (water(triangles()).replace(">1140<", ">1030<"), "class '1030' is no flooded land"),
        (slope(face(*SQUARE), "4"), "lsld_1: disasterType '4' is not in"),
        (slope(face(*SQUARE), "1", "5"), "areaType '5'"),
        (slope(face(*SQUARE), more="<urf:colour>1</urf:colour>"), "unknown element colour"),
        ("<core:cityObjectMember><bldg:Building/></core:cityObjectMember>", "<bldg:Building> is no disaster model"),
        (water(face(*((lat, lon) for lon, lat in SQUARE))), "outside Japan; wanted is latitude first"),
        (water(face(*SQUARE).replace("38.7 ", "x ", 1)), "no number"),
        (water(face(*SQUARE, height=None)), "posList holds 10 numbers, not 3 a point"),
        (water(face(*SQUARE[:1])), "a ring of 1 points"),
    ],
)
def test_what_is_not_known_is_refused_by_name(tmp_path: Path, member: str, words: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(model(tmp_path / "a_fld_l1.gml", member))
    assert words in str(refusal.value)
    assert str(refusal.value).startswith("a_fld_l1.gml: ")


def test_a_code_that_its_list_does_not_have(tmp_path: Path) -> None:
    code_list(tmp_path / "codelists/RiverFloodingRiskAttribute_rankOrg.xml", c1="1m未満")
    with pytest.raises(BadInput, match="rankOrg: code '3' is not in codelists/RiverFlooding"):
        read(model(tmp_path / "a.gml", water(triangles(), OWN)))


def test_a_code_list_is_looked_for_in_its_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "codelists").mkdir()
    code_list(tmp_path / "secret/list.xml", c3="1m未満")
    for space in ("../secret/list.xml", "/etc/passwd", "..\\..\\list.xml", "http://example.org/list.xml"):
        said = f'<uro:rankOrg codeSpace="{space}">3</uro:rankOrg><uro:scale>1</uro:scale>'
        zone = read(model(tmp_path / "udx/a.gml", water(triangles(), said))).features[0]
        assert zone.columns["high_m"] is None


@pytest.mark.parametrize(
    ("crs", "ok"),
    [
        ("urn:ogc:def:crs:EPSG::6697", True),
        ("EPSG:6697", True),
        ("EPSG:6677", False),
        ("EPSG:4301", False),
        (None, True),
    ],
)
def test_only_jgd2011_degrees(tmp_path: Path, crs: str | None, ok: bool) -> None:
    path = model(tmp_path / "a.gml", water(triangles()), crs=crs)
    if ok:
        assert len(read(path).features) == 1
        assert bool(read(path).problems) == (crs is None)
        return
    with pytest.raises(BadInput, match="srsName 'EPSG:"):
        read(path)


@pytest.mark.parametrize("doctype", ['<!DOCTYPE a [<!ENTITY b "c">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">'])
@pytest.mark.parametrize("pad", ["", "<!-- " + "x" * 5000 + " -->"])
def test_a_doctype_is_refused(tmp_path: Path, doctype: str, pad: str) -> None:
    path = tmp_path / "a.gml"
    path.write_text(text(water(triangles())).replace("<core:CityModel", f"{pad}{doctype}<core:CityModel", 1))
    with pytest.raises(BadInput, match=r"a\.gml"):
        read(path)


def city(folder: Path) -> list[tuple[bytes | str, bytes]]:
    """Give a city's files: two disaster models of one name, a building, a reservoir, and a code list."""
    code_list(folder / "list.xml", c3="0.3m以上0.8m未満")
    flood, house = (
        text(water(triangles(), OWN)),
        text("<core:cityObjectMember><bldg:Building/></core:cityObjectMember>"),
    )
    pond = text(water(triangles(), kind="ReservoirFloodingRiskAttribute", function="5"))
    parts = {
        "udx/fld/natl/a/1_fld_6697_l1_op.gml": flood, "udx/fld/pref/b/1_fld_6697_l1_op.gml": flood,
        "udx/bldg/1_bldg_6697_op.gml": house, "udx/rfld/1_rfld_6697_op.gml": pond,
        "codelists/RiverFloodingRiskAttribute_rankOrg.xml": (folder / "list.xml").read_text(encoding="utf-8"),
    }  # fmt: skip
    return [(f"{CITY}/{name}", body.encode()) for name, body in parts.items()]


def test_a_citys_zip(tmp_path: Path) -> None:
    dataset = read(archive(tmp_path / f"{CITY}.zip", city(tmp_path)))
    assert [f.columns["high_m"] for f in dataset.features] == [0.8, 0.8]
    assert len({f.id for f in dataset.features}) == 2
    assert dataset.name == f"{CITY}.zip"
    assert "2 × model that is no disaster model that is read, left alone" in dataset.problems[0]


def test_a_zip_without_a_disaster_model_and_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    houses = [entry for entry in city(tmp_path) if "bldg" in str(entry[0])]
    with pytest.raises(BadInput, match="holds no disaster model"):
        read(archive(tmp_path / "a.zip", houses))
    monkeypatch.setattr(plateau_archive, "SMALL", 1_000)
    monkeypatch.setattr(plateau_archive, "MAX_RATIO", 2)
    with pytest.raises(BadInput, match="unpacks to more than any honest archive"):
        read(archive(tmp_path / "b.zip", [("udx/fld/a.gml", text(water(triangles(cells=40))).encode())]))


def test_a_citys_folder_loads_whole(tmp_path: Path, sqlite_store: Store, now: datetime, world_replay: World) -> None:
    folder = tmp_path / "plateau"
    for name, body in city(tmp_path):
        path = folder / str(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    report = load(sqlite_store, [folder], now=now, world=world_replay, progress=lambda _: None)
    assert report.refused == ()
    assert report.counts == {"hazards": 2}
    assert {path.suffix for path in report.left_alone} == {".gml", ".xml"}


@pytest.mark.slow
def test_a_hundred_thousand_triangles_become_one_zone(tmp_path: Path) -> None:
    path = model(tmp_path / "a.gml", water(triangles(cells=158, size=0.00005)))
    started = time.perf_counter()
    (zone,) = read(path).features
    assert time.perf_counter() - started < 60
    assert zone.geometry.area == pytest.approx((158 * 0.00005) ** 2, rel=1e-9)
