"""Two sources that speak of one gauge are one witness."""

from __future__ import annotations

import pytest

from disaster_hub.rules.one_gauge import one_gauge
from disaster_hub.rules.witnesses import Post


def post(code: str, name: str, river: str = "") -> Post:
    return Post(code, name, {"danger": 4.0}, river=river)


@pytest.mark.parametrize(
    ("here", "other", "metres", "same"),
    [
        (post("82021200010000020", "羽黒橋"), post("k-820", "羽黒橋水位観測所"), 180.0, True),
        (post("a", "羽黒橋"), post("b", "内川 羽黒橋（危機管理型）"), 1_900.0, True),
        (post("a", "ハグロバシ"), post("b", "ﾊｸﾞﾛﾊﾞｼ"), 60.0, True),
        (post("0306-01", "上"), post("30601", "下"), 900.0, True),
        (post("a", "羽黒橋"), post("b", "大山"), 300.0, False),
        (post("a", "羽黒橋"), post("b", "b"), 300.0, True),
        (post("a", "a"), post("b", "大山"), 300.0, True),
        (post("a", "羽黒橋"), post("b", "b"), 5_000.0, False),
        (post("a", "大橋", "060000"), post("b", "大橋", "060000"), 5_000.0, True),
        (post("a", "大橋", "060000"), post("b", "大橋", "070000"), 5_000.0, False),
        (post("a", "大橋"), post("b", "大橋"), 5_000.0, False),
        (post("a", "大橋", "060000"), post("b", "大橋", "060000"), None, True),
        (post("a", "大橋", "060000"), post("b", "浜中", "060000"), None, False),
        (post("a", "大橋", "060000"), post("b", "b", "060000"), None, True),
    ],
)
def test_who_is_or_may_be_the_same_bears_nothing_out(here: Post, other: Post, metres: float | None, same: bool) -> None:
    assert one_gauge(here, other, metres) is same
    assert one_gauge(other, here, metres) is same
