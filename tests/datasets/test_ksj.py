"""国土数値情報: ranks are not metres, codes are not inverted, encodings are mixed, rings do not close."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from disaster_hub.terms.errors import BadInput
from sensors.datasets.municipality import area_code
from sensors.datasets.recognise import read, recognise
from tests.datasets.makers import (
    JGD2000,
    JGD2011,
    TOKYO,
    archive,
    face,
    geojson,
    polygon,
    put,
    shapefile,
    square,
)  # fmt: skip

RIVER = ["9900990001", "みなも川", "99", "架空県"]


def depth_columns(layer: int) -> dict[str, int]:
    return {f"A31a_{layer}0{n}": 40 for n in range(1, 6)}


def layer(number: int, rank: str, **more: Any) -> dict[str, bytes]:
    return shapefile(depth_columns(number), [[*RIVER, rank]], [polygon(square(139.3, 38.9))], **more)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
@pytest.mark.parametrize("prj", [JGD2011, JGD2000])
def test_a_shapefile_without_a_mark_of_its_encoding(tmp_path: Path, encoding: str, prj: str) -> None:
    path = put(tmp_path, "A31a-20-25_99", layer(2, "3", encoding=encoding, prj=prj))
    zone = read(path).features[0]
    assert zone.columns["river"] == "みなも川"
    assert (zone.columns["rank"], zone.columns["rank_kind"], zone.columns["scale"]) == (3, "depth", "maximum")
    assert zone.columns["A31a_204"] == "架空県"
    assert zone.geometry.bounds == pytest.approx((139.3, 38.9, 139.31, 38.91), abs=1e-6)


@pytest.mark.parametrize(
    ("number", "rank", "scale", "kind"),
    [(1, "1", "planned", "depth"), (2, "6", "maximum", "depth"), (3, "7", "maximum", "duration"),
     (4, "2", "maximum", "collapse")],
)  # fmt: skip
def test_the_four_layers(tmp_path: Path, number: int, rank: str, scale: str, kind: str) -> None:
    columns = read(put(tmp_path, "a", layer(number, rank))).features[0].columns
    assert (columns["rank"], columns["scale"], columns["rank_kind"]) == (int(rank), scale, kind)


@pytest.mark.parametrize(("number", "rank"), [(1, "7"), (2, "0"), (2, "11"), (3, "8"), (4, "3"), (2, "1.5")])
def test_a_rank_outside_the_table_is_refused(tmp_path: Path, number: int, rank: str) -> None:
    with pytest.raises(BadInput, match=f"record 1: A31a_{number}05 '{rank}' is not in the published"):
        read(put(tmp_path, "a", layer(number, rank)))


@pytest.mark.parametrize(
    ("number", "rank", "metres", "hours"),
    [(1, "1", (0, 0.5), (None, None)), (2, "2", (0.5, 3), (None, None)), (2, "6", (20, None), (None, None)),
     (3, "1", (None, None), (0, 12)), (3, "7", (None, None), (672, None)), (4, "2", (None, None), (None, None)),
     (2, "", (None, None), (None, None))],
)  # fmt: skip
def test_a_rank_gives_its_class(
    tmp_path: Path, number: int, rank: str, metres: tuple[Any, Any], hours: tuple[Any, Any]
) -> None:
    columns = read(put(tmp_path, "a", layer(number, rank))).features[0].columns
    assert ((columns["low_m"], columns["high_m"]), (columns["low_h"], columns["high_h"])) == (metres, hours)
    assert columns["depth_m"] is None


@pytest.mark.parametrize(
    ("code", "metres"), [("11", (0, 0.5)), ("14", (2, 5)), ("15", (5, None)), ("24", (2, 3)), ("27", (5, None))]
)
def test_the_codes_of_2012_are_another_table(tmp_path: Path, code: str, metres: tuple[Any, Any]) -> None:
    parts = shapefile({"A31_001": 4, "A31_002": 9}, [[code, "1"]], [polygon(square(139.3, 38.9))])
    columns = read(put(tmp_path, "A31-12_99", parts)).features[0].columns
    assert (columns["low_m"], columns["high_m"]) == metres
    assert (columns["scale"], columns["rank_kind"], columns["river"]) == ("planned", "depth", None)


def test_an_empty_rank_stays_not_known(tmp_path: Path) -> None:
    dataset = read(put(tmp_path, "a", layer(2, "")))
    assert dataset.features[0].columns["rank"] is None
    assert "kept as not known" in dataset.problems[0]


def test_a_zip_as_published_holds_layers_side_by_side_with_mixed_names(tmp_path: Path) -> None:
    entries: list[tuple[bytes | str, bytes]] = [
        *(("20_想定最大規模\\A31a-20-25_99" + s, b) for s, b in layer(2, "3").items()),
        *(("30_浸水継続時間/ソ表30".encode("cp932") + s.encode(), b) for s, b in layer(3, "7").items()),
        *(("40_家屋倒壊/A31a-40".encode() + s.encode(), b) for s, b in layer(4, "1").items()),
        ("KS-META-A31a-25_99.xml", b"<x/>"),
    ]
    dataset = read(archive(tmp_path / "A31a-25_99_10_SHP.zip", entries))
    assert sorted(f.columns["rank_kind"] for f in dataset.features) == ["collapse", "depth", "duration"]
    assert len({f.id for f in dataset.features}) == 3
    assert any("30_浸水継続時間/ソ表30.shp" in f.id for f in dataset.features)
    assert dataset.name == "A31a-25_99_10_SHP.zip"


def test_a_zip_with_geojson_alone(tmp_path: Path) -> None:
    inner = geojson(tmp_path / "x", [({"A31b_201": 4}, face())])
    dataset = read(archive(tmp_path / "a.zip", [("20/a.geojson", inner.read_bytes())]))
    assert dataset.features[0].columns["rank"] == 4


def test_rings_are_closed_and_mended_and_counted(tmp_path: Path) -> None:
    bow = [(139.3, 38.9), (139.31, 38.91), (139.31, 38.9), (139.3, 38.91), (139.3, 38.9)]
    shapes = [polygon(square(139.3, 38.9)[:-1]), polygon(bow)]
    dataset = read(put(tmp_path, "a", shapefile(depth_columns(2), [[*RIVER, "1"]] * 2, shapes)))
    assert all(f.geometry.is_valid and f.geometry.area > 0 for f in dataset.features)
    assert [line.split(" (")[0] for line in dataset.problems] == [
        "1 × unclosed ring closed",
        "1 × shape that crossed itself mended",
    ]
    open_ring = face() | {"coordinates": [face()["coordinates"][0][:-1]]}
    other = read(geojson(tmp_path / "b.json", [({"A31_101": 1}, open_ring)]))
    assert other.features[0].geometry.is_valid
    assert "unclosed ring closed" in other.problems[0]


def test_without_a_prj_it_is_taken_as_published(tmp_path: Path) -> None:
    dataset = read(put(tmp_path, "a", layer(2, "3", prj=None)))
    assert dataset.features[0].geometry.bounds == pytest.approx((139.3, 38.9, 139.31, 38.91))
    assert "taken as JGD2011" in dataset.problems[0]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (layer(2, "3", prj=TOKYO), "CRS 'Tokyo' is not read"),
        (layer(2, "3", prj="nonsense"), ""),
        ({**layer(2, "3"), ".shp": layer(2, "3")[".shp"][:150]}, "cut short"),
        ({**layer(2, "3"), ".dbf": layer(2, "3")[".dbf"][:-60]}, ".dbf is cut short"),
        ({**layer(2, "3"), ".dbf": b"\3"}, "cut short"),
        ({s: b for s, b in layer(2, "3").items() if s != ".shx"}, "its .shx is missing"),
        (shapefile({"A31_001": 4}, [["16"]], [polygon(square(139.3, 38.9))]), "A31_001 '16' is not in"),
        (shapefile({"A31_001": 4, "A31_101": 4}, [["21", "1"]], [polygon(square(139.3, 38.9))]), "A31_101"),
        (shapefile({"A31a_205": 4, "A31a_305": 4}, [["1", "1"]], [polygon(square(139.3, 38.9))]), "several"),
        (shapefile({"A31a_201": 9, "浸水深": 4}, [["1", "1"]], [polygon(square(139.3, 38.9))]), "浸水深"),
        (
            shapefile({"A31a_201": 9}, [["1"]], [polygon(square(139.3, 38.9))]),
            "A31a_205, the rank, is missing",
        ),
        (
            shapefile({"A31_201": 12}, [["8202120001"]], [polygon(square(139.3, 38.9))]),
            "A31_201 '8202120001'",
        ),
        (shapefile({"A31a_205": 4}, [["1"]], [polygon(square(38.9, 139.3))]), "outside Japan"),
    ],
)
def test_a_shapefile_is_refused_by_name(tmp_path: Path, parts: dict[str, bytes], words: str) -> None:
    path = put(tmp_path, "a", parts)
    if not words:
        assert "taken as JGD2011" in read(path).problems[0]
        return
    with pytest.raises(BadInput) as refusal:
        read(path)
    assert words in str(refusal.value)
    assert str(refusal.value).startswith("a.")


def test_a_text_in_no_known_encoding(tmp_path: Path) -> None:
    parts = shapefile(depth_columns(2), [[*RIVER, "3"]], [polygon(square(139.3, 38.9))], encoding="euc-jp")
    broken = parts[".dbf"].replace("みなも川".encode("euc-jp"), b"\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc")
    path = put(tmp_path, "a", parts | {".dbf": broken})
    with pytest.raises(BadInput, match=r"a\.shp: A31a_20\d: byte 0 is not utf-8 nor cp932"):
        read(path)


def test_landslide_codes_as_published(tmp_path: Path) -> None:
    row = {"A33_001": "1", "A33_002": "2", "A33_003": "99", "A33_004": "99-1", "A33_005": "高台",
           "A33_006": "みなも市", "A33_007": "2020/1/1", "A33_008": "0"}  # fmt: skip
    path = geojson(tmp_path / "a.geojson", [(row, face()), (row | {"A33_001": 2, "A33_002": 1.0}, face())])
    assert recognise(path) == "ksj-a33"
    steep, debris = (f.columns for f in read(path).features)
    assert (steep["phenomenon"], steep["zone"], steep["rank"]) == ("急傾斜地の崩壊", "特別警戒区域", 2)
    assert (debris["phenomenon"], debris["zone"], debris["rank"]) == ("土石流", "警戒区域", 1)
    assert steep["hazard"] == "landslide"


@pytest.mark.parametrize(
    ("change", "words"),
    [({"A33_001": "4"}, "A33_001 '4'"), ({"A33_002": 0}, "A33_002 '0'"), ({"A33_002": None}, "A33_002 is empty"),
     ({"A33_009": 1}, "unknown column A33_009")],
)  # fmt: skip
def test_an_unknown_landslide_code_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    path = geojson(tmp_path / "a.geojson", [({"A33_001": 1, "A33_002": 1} | change, face())])
    with pytest.raises(BadInput, match=words):
        read(path)


def n03(code: str | None, **columns: str | None) -> dict[str, Any]:
    return {
        "N03_001": "架空県",
        "N03_002": None,
        "N03_003": None,
        "N03_004": "みなも市",
        "N03_007": code,
    } | columns


@pytest.mark.parametrize(
    ("row", "code", "name"),
    [
        (n03("99201"), "9920100", "みなも市"),
        (n03("17384", N03_003="羽咋郡", N03_004="志賀町"), "1738400", "志賀町"),
        (n03("14131", N03_003="川崎市", N03_004="川崎区"), "1413000", "川崎市川崎区"),
        (n03("14131", N03_004="川崎市", N03_005="川崎区"), "1413000", "川崎市川崎区"),
        (n03("16201", N03_004="富山市", N03_005=None), None, "富山市"),
    ],
)
def test_both_layouts_of_n03(tmp_path: Path, row: dict[str, Any], code: str | None, name: str) -> None:
    dataset = read(geojson(tmp_path / "a.geojson", [(row, face())]))
    area = dataset.features[0]
    assert (area.columns["code"], area.columns["name"], area.id) == (code, name, row["N03_007"])
    assert bool(dataset.problems) == (code is None)


def test_the_parts_of_a_municipality_stay_together(tmp_path: Path) -> None:
    rows = [(n03("99201"), face(139.3, 38.9)), (n03("99202"), face(139.5, 38.9)), (n03("99201"), face(139.4, 38.9)),
            (n03(None, N03_004="所属未定地"), face())]  # fmt: skip
    dataset = read(geojson(tmp_path / "a.geojson", rows))
    assert [(f.id, f.geometry.geom_type) for f in dataset.features] == [
        ("99201", "MultiPolygon"),
        ("99202", "Polygon"),
    ]
    assert "without a municipality" in dataset.problems[0]


@pytest.mark.parametrize("code", ["9920", "062031", None, "９９２０１", 99201.5])
def test_a_bad_municipality_code_is_refused(tmp_path: Path, code: Any) -> None:
    with pytest.raises(BadInput, match=r"features\[0\]: N03_007"):
        read(geojson(tmp_path / "a.geojson", [(n03(code), face())]))


def test_area_codes() -> None:
    assert area_code("06203") == "0620300"
    assert area_code("13101") == "1310100"
    assert area_code("27128") == "2710000"
    assert area_code("22101") is None
