"""An attacker who keeps every release, adds and subtracts what he likes, and knows the rules; he gets nobody."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from itertools import combinations

import pytest

from disaster_hub.planning import veil
from disaster_hub.planning.veil import ENTER, STEP

Counts = dict[str, dict[str, int]]
Shown = Mapping[str, Mapping[str, int | None]]


def first(now: Counts) -> Shown:
    return veil.shown(veil.held({}, now), now)


def test_few_are_not_shown_and_many_are_rounded_down() -> None:
    table = {"t": {"one": 1, "four": 4, "five": 5, "nine": 9, "ten": 10, "many": 1234}}
    assert first(table)["t"] == {"one": None, "four": None, "five": None, "nine": None, "ten": 10, "many": 1230}


def test_what_only_subtraction_hides_is_hidden_with_its_neighbour() -> None:
    assert first({"c": {"with": 3, "without": 400}})["c"] == {"with": None, "without": None}
    assert first({"c": {"with": 0, "without": 400}})["c"] == {"with": None, "without": None}, "none is few too"
    assert first({"c": {"with": 30, "without": 400}})["c"] == {"with": 30, "without": 400}
    towns = first({"t": {"a": 2, "b": 100, "c": 30, "d": 50}})["t"]
    assert towns == {"a": None, "b": 100, "c": None, "d": 50}
    few = first({"t": {"a": 2, "b": 2, "c": 3, "d": 50, "e": 60}})["t"]
    assert few == {"a": None, "b": None, "c": None, "d": None, "e": 60}, "seven in all could be subtracted"


def test_what_is_shown_rests_until_five_came_or_went() -> None:
    kept: Counts = {}
    said = []
    for number in (9, 10, 14, 15, 13, 11, 10, 9, 6, 5, 9, 10):
        now = {"all": {"all": number}}
        kept = veil.held(kept, now)
        said.append(veil.shown(kept, now)["all"]["all"])
    #              9     10  14  15  13  11  10  9   6     5     9     10
    assert said == [None, 10, 10, 15, 15, 15, 10, 10, 10, None, None, 10]


def histories(seed: int) -> Iterator[tuple[Counts, Counts]]:
    """Let a small city live: households come, go and change; give the true counts, and what is kept, day by day."""
    chance = random.Random(seed)
    towns = ("a", "b", "c", "d", "e")[: chance.randint(2, 5)]
    weights = [chance.choice((1, 3, 10, 30)) for _ in towns]
    tells = (chance.random(), chance.random())
    people: list[tuple[str, str, str]] = []

    def somebody() -> tuple[str, str, str]:
        with_one = "with" if chance.random() < tells[0] else "without"
        return chance.choices(towns, weights)[0], with_one, "inside" if chance.random() < tells[1] else "not"

    people.extend(somebody() for _ in range(chance.choice((0, 12, 40, 150))))
    kept: Counts = {}
    for _day in range(60):
        for _ in range(chance.choice((0, 1, 1, 1, 2, 9))):
            if people and chance.random() < 0.45:
                people.pop(chance.randrange(len(people)))
            else:
                people.append(somebody())
        now = {
            "all": {"all": len(people)},
            "towns": {t: sum(p[0] == t for p in people) for t in towns},
            "channel": {k: sum(p[1] == k for p in people) for k in ("with", "without")},
            "flood": {k: sum(p[2] == k for p in people) for k in ("inside", "not")},
        }
        kept = veil.held(kept, now)
        yield now, kept


@pytest.mark.parametrize("seed", range(60))
def test_no_sum_and_no_difference_gives_a_few(seed: int) -> None:
    """Every union of rows, every remainder to the whole, every difference to any number and any earlier day."""
    ever: set[int] = set()
    for now, kept in histories(seed):
        shown = veil.shown(kept, now)
        for rows in shown.values():
            numbers = [n for n in rows.values() if n is not None]
            for size in range(1, len(numbers) + 1):
                ever |= {sum(some) for some in combinations(numbers, size)}
        assert not {abs(one - other) for one in ever for other in ever} & set(range(1, STEP))


@pytest.mark.parametrize("seed", range(60))
def test_behind_every_number_and_every_remainder_stand_enough(seed: int) -> None:
    for now, kept in histories(seed):
        shown = veil.shown(kept, now)
        for table, rows in shown.items():
            for row, number in rows.items():
                if number is not None:
                    assert number >= ENTER
                    assert now[table][row] >= STEP, "a shown row never holds fewer than five"
            hidden = [now[table][row] for row, number in rows.items() if number is None]
            if len(hidden) < len(rows) and hidden:
                assert len(hidden) > 1, "one hidden row is had by subtraction"
                assert sum(hidden) >= ENTER, "so is a small remainder"


@pytest.mark.parametrize("seed", range(60))
def test_no_change_from_day_to_day_stands_for_a_few(seed: int) -> None:
    """Whenever what is kept of a row changes, five households net came or went since it was last looked at."""
    before: Counts = {}
    for now, kept in histories(seed):
        for table, rows in now.items():
            for row, number in rows.items():
                was, is_now = before.get(table, {}).get(row), kept[table].get(row)
                if was is not None and is_now != was:
                    assert abs(number - was) >= STEP
                if was is None and is_now is not None:
                    assert number >= ENTER
        before = kept


@pytest.mark.parametrize("seed", range(60))
def test_whoever_knows_the_rules_cannot_tell_that_a_row_holds_a_few(seed: int) -> None:
    """Follow every state that fits all releases so far, one household a day: it is never sure that 1 to 4 are left."""
    chance = random.Random(seed)
    truth, before = chance.randint(0, 14), None
    fits: set[tuple[int, int | None]] = {(x, veil.held({}, {"t": {"r": x}})["t"].get("r")) for x in range(40)}
    said = veil.held({}, {"t": {"r": truth}})
    before = said["t"].get("r")
    fits = {(x, e) for x, e in fits if _seen(e) == _seen(before)}
    for _day in range(250):
        truth = max(0, truth + chance.choice((-1, 0, 1)))
        before = veil.held({"t": {"r": before} if before is not None else {}}, {"t": {"r": truth}})["t"].get("r")
        after = set()
        for x, e in fits:
            for y in (x - 1, x, x + 1):
                if y >= 0:
                    f = veil.held({"t": {"r": e} if e is not None else {}}, {"t": {"r": y}})["t"].get("r")
                    if _seen(f) == _seen(before):
                        after.add((y, f))
        fits = after
        possible = {x for x, _ in fits}
        assert truth in possible, "the attacker reasons rightly"
        assert not possible <= {1, 2, 3, 4}


def _seen(kept: int | None) -> int | None:
    return None if kept is None else kept // STEP * STEP


def test_the_plain_way_would_have_told() -> None:
    """Without the veil's rest, the same attacker wins: the attack has teeth."""
    possible = {5}
    possible = {y for x in possible for y in (x - 1, x, x + 1) if y < 5}  # "5" was shown, and today nothing is
    assert possible <= {1, 2, 3, 4}
