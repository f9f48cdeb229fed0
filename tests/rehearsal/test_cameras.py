"""The made-up cameras: the picture shows the true height, one freezes, each has its own time."""

from __future__ import annotations

import io

from PIL import Image

from disaster_hub.rehearsal import cameras
from disaster_hub.rehearsal.city import moment
from disaster_hub.rehearsal.editions import Edition


def at(name: str, time: str) -> Edition:
    found = cameras.edition(f"{cameras.PATH}{name}.jpg", moment(time))
    assert found is not None
    return found


def surface(edition: Edition) -> int:
    """Give the row where the water begins, beside the pier."""
    with Image.open(io.BytesIO(edition.body)) as image:
        for y in range(cameras.TOP, cameras.BOTTOM):
            pixel = image.getpixel((350, y))
            assert isinstance(pixel, tuple)
            if all(abs(a - b) < 16 for a, b in zip(pixel, cameras.WATER, strict=True)):
                return y
    return cameras.BOTTOM


def test_the_water_rises_on_the_picture_as_it_does_in_the_river() -> None:
    assert (
        surface(at("minamo-bridge", "21:00"))
        < surface(at("minamo-bridge", "19:00"))
        < surface(at("minamo-bridge", "16:00"))
    )


def test_a_picture_has_the_time_of_its_five_minutes() -> None:
    assert at("minamo-bridge", "18:03").changed == moment("18:00")
    assert at("minamo-bridge", "18:03").body == at("minamo-bridge", "18:00").body
    assert at("minamo-bridge", "18:05").body != at("minamo-bridge", "18:00").body


def test_one_camera_freezes_at_half_past_seven() -> None:
    assert at("sakura-bridge", "22:00").changed == moment("19:30")
    assert at("sakura-bridge", "22:00").body == at("sakura-bridge", "19:30").body


def test_there_is_no_other_camera() -> None:
    assert cameras.edition(f"{cameras.PATH}none.jpg", moment("18:00")) is None
