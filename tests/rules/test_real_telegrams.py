"""The rules over what JMA really sent, and over its official samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from disaster_hub.rules.official import of_municipality, of_river
from disaster_hub.rules.standing import Said
from disaster_hub.terms.bulletin import Status
from sensors.source import reader

DATA = Path(__file__).parents[3] / "shared/data/jma_xml"
pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data beside the checkout"),
]


def said(folder: Path) -> list[Said]:
    found = ((str(path), reader("jma-telegram")(path.read_bytes()).bulletin) for path in sorted(folder.rglob("*.xml")))
    return [(identity, bulletin) for identity, bulletin in found if bulletin is not None]


def test_every_area_of_every_telegram_gets_words_that_name_their_telegram() -> None:
    """Each telegram alone: what its body says is what stands."""
    for one in said(DATA):
        bulletin = one[1]
        areas = {w.area for w in bulletin.warnings}
        for area in areas:
            words = of_municipality(area, [one])
            wanted = max((w.level or 0 for w in bulletin.warnings if w.area == area and w.active), default=0)
            actual = bulletin.status is Status.ACTUAL
            assert max((word.level or 0 for word in words), default=0) == (wanted if actual else 0), one[0]
            assert not any(word.unknown for word in words), one[0]
        for river in bulletin.rivers:
            word = of_river(river.area, [one])
            if bulletin.status is Status.ACTUAL:
                assert word is not None
                assert word.level == (river.level if river.active else 0), one[0]


def test_level_four_landslides_stand_at_four() -> None:
    """Code 49 in what JMA published, samples and real ones."""
    areas = 0
    for identity, bulletin in said(DATA):
        if bulletin.type == "VPWW56" and bulletin.status is Status.ACTUAL:
            for area in {w.area for w in bulletin.warnings if w.code == "49" and w.active}:
                words = {word.hazard: word.level for word in of_municipality(area, [(identity, bulletin)])}
                assert words["landslide"] == 4, identity
                areas += 1
    assert areas >= 8
