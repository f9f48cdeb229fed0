"""The town's choices: who is offered what, what is ticked at first, and nobody sets out at level 5."""

from __future__ import annotations

from pathlib import Path

import pytest

from disaster_hub.terms.errors import BadConfig, BadInput
from disaster_hub.terms.hazard import Hazard
from disaster_hub.terms.household import Household, Mode, Need
from timelines import steps
from timelines.phrases import LANGUAGES

EVERY = frozenset(Hazard)
ALL_NEEDS = Household(needs=frozenset(Need))
QUICK = Household()


def ids(found: tuple[steps.Step, ...]) -> set[str]:
    return {step.id for step in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_has_words_in_every_language(language: str) -> None:
    assert all(step.text(language).strip() for step in steps.all_steps())


@pytest.mark.parametrize("level", steps.LEVELS)
def test_every_level_offers_something_and_ticks_little(level: int) -> None:
    for household in (QUICK, ALL_NEEDS):
        ticked = steps.defaults(level, EVERY, household)
        assert ticked
        assert ids(ticked) <= ids(steps.offered(level, EVERY, household))
    assert len(steps.defaults(level, EVERY, QUICK)) <= 5


@pytest.mark.parametrize(
    ("household", "level"),
    [
        (QUICK, 4),
        (Household(needs=frozenset({Need.ELDER})), 3),
        (Household(needs=frozenset({Need.CARE})), 3),
        (Household(needs=frozenset({Need.INFANT})), 3),
        (Household(needs=frozenset({Need.PREGNANT})), 3),
        (Household(mode=Mode.WHEELCHAIR), 3),
        (Household(stairs=False), 3),
        (Household(needs=frozenset({Need.PET, Need.CAR})), 4),
    ],
)
def test_whoever_needs_time_leaves_at_three_and_everybody_by_four(household: Household, level: int) -> None:
    assert steps.leave_level(household) == level
    leaving = [at for at in steps.LEVELS if any(step.leaves for step in steps.defaults(at, EVERY, household))]
    assert leaving == [level]


def test_nobody_sets_out_at_level_five() -> None:
    assert not any(step.leaves for step in steps.all_steps() if step.level == 5)
    for leaving in (step.id for step in steps.all_steps() if step.leaves):
        with pytest.raises(BadInput, match=leaving):
            steps.check(5, [leaving])


def test_choices_of_their_level_pass_and_others_are_refused_by_name() -> None:
    steps.check(3, ["go_early", "lock"])
    steps.check(5, ["up", "call_119"])
    for level, name in ((3, "go"), (1, "nothing"), (6, "go")):
        with pytest.raises(BadInput, match=name):
            steps.check(level, [name])


def test_hazards_and_needs_decide_what_is_offered() -> None:
    slope = steps.offered(2, {Hazard.LANDSLIDE}, QUICK)
    assert "slope_signs" in ids(slope)
    assert "river_online" not in ids(slope)
    assert "milk" not in ids(steps.offered(1, EVERY, QUICK))
    assert "milk" in ids(steps.offered(1, EVERY, Household(needs=frozenset({Need.INFANT}))))


def test_every_hazard_leaves_something_to_do_at_level_five() -> None:
    for hazard in Hazard:
        assert steps.defaults(5, {hazard}, QUICK)[0].id != "call_119", hazard


def town(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "choices.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_town_brings_its_own_choices(tmp_path: Path) -> None:
    path = town(
        tmp_path,
        '[[step]]\nid = "bell"\nlevel = 3\npreset = true\ntexts = { ja = "半鐘を聞く", en = "Listen for the bell" }\n'
        '[[step]]\nid = "go"\nlevel = 4\nleaves = true\n',
    )
    (bell,) = steps.offered(3, EVERY, QUICK, path)
    assert bell.text("en") == "Listen for the bell"
    assert bell.text("vi") == "半鐘を聞く"
    assert ids(steps.defaults(4, EVERY, QUICK, path)) == {"go"}
    with pytest.raises(BadInput, match="map"):
        steps.check(1, ["map"], path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[step]]\nid = "run"\nlevel = 5\nleaves = true\ntexts = { ja = "走る" }', r"step\[1\]\.leaves.*level 5"),
        ('[[step]]\nid = "run"\nlevel = 6\ntexts = { ja = "走る" }', r"step\[1\]\.level"),
        ('[[step]]\nid = "run"\nlevel = true\ntexts = { ja = "走る" }', r"step\[1\]\.level"),
        ('[[step]]\nid = "Run!"\nlevel = 3', r"step\[1\]\.id"),
        ('[[step]]\nid = "run"\nlevel = 3\nhazard = ["flood"]', r"step\[1\]\.hazard: unknown"),
        ('[[step]]\nid = "run"\nlevel = 3\nhazards = ["fire"]\ntexts = { ja = "走る" }', r"step\[1\]\.hazards"),
        ('[[step]]\nid = "run"\nlevel = 3\nneeds = "pet"\ntexts = { ja = "走る" }', r"step\[1\]\.needs"),
        ('[[step]]\nid = "run"\nlevel = 3\ntexts = { en = "Run" }', r"step\[1\]\.texts"),
        ('[[step]]\nid = "run"\nlevel = 3\ntexts = { ja = "走る", fr = "Cours" }', r"step\[1\]\.texts"),
        ('[[step]]\nid = "run"\nlevel = 3\ntexts = "走る"', r"step\[1\]\.texts"),
        ('[[step]]\nid = "run"\nlevel = 3\npreset = "no"\ntexts = { ja = "走る" }', r"step\[1\]\.preset"),
        ('[[step]]\nid = "run"\nlevel = 3', r"step\[1\]\.texts"),
        ('[[step]]\nid = "go"\nlevel = 3\n[[step]]\nid = "go"\nlevel = 4', "'go' stands there twice"),
        ("[step", "choices.toml"),
        ("level = 3", "step"),
    ],
)
def test_a_bad_file_is_refused_by_row_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadConfig, match=said):
        steps.all_steps(town(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="missing"):
        steps.all_steps(tmp_path / "missing.toml")
