"""The households of an audience: each once, in order, wherever one goes on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.alerts.crowd import Crowd

IDS = st.text("0123456789abcdef", min_size=1, max_size=32)


@given(st.dictionaries(IDS, st.integers(0, 2**31 - 1)), st.integers(1, 5))
def test_part_by_part_everybody_comes_once_in_order(homes: dict[str, int], most: int) -> None:
    crowd, seen, reached = Crowd(homes.items()), list[tuple[str, int]](), ""
    while part := crowd.after(reached, most):
        seen += part
        reached = part[-1][0]
    assert seen == sorted(homes.items())
    assert len(crowd) == len(homes)


@given(st.lists(IDS, unique=True), IDS)
def test_who_went_on_at_somebody_that_is_no_more_misses_nobody(homes: list[str], reached: str) -> None:
    assert [name for name, _ in Crowd((one, 1) for one in homes).after(reached, 99)] == sorted(
        one for one in homes if one > reached
    )


def test_an_id_is_never_cut() -> None:
    with pytest.raises(ValueError, match="33 letters"):
        Crowd([("a" * 33, 1)])
