"""Marks: whatever the text, what is not actual says so first, and what is actual never does."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_hub.terms.errors import Undeliverable
from disaster_hub.terms.world import WorldKind
from tests.timelines.said import notice
from timelines.channels.console import Console
from timelines.mark import EXERCISE, TEST, marked, marks, one_line

WORDS = st.lists(st.sampled_from([EXERCISE, TEST, "訓練", "テスト", "逃げて", " ", "\n", "【", "】"]), max_size=8).map(
    "".join
)
KINDS = st.sampled_from(["level_changed", "test", "plan_changed"])


@given(WORDS, KINDS, st.sampled_from(WorldKind))
def test_the_first_words_tell_the_world(text: str, kind: str, world: WorldKind) -> None:
    one = notice(kind, world)
    bare = "".join(text.split())  # a space in a mark makes no other word of it
    if world is WorldKind.REAL and (EXERCISE in bare or (TEST in bare and kind != "test")):
        with pytest.raises(Undeliverable) as fault:
            marked(one, text)
        assert fault.value.forever
        return
    said = marked(one, text)
    assert said.startswith(EXERCISE) == (world is not WorldKind.REAL)
    assert said.removeprefix(EXERCISE).startswith(TEST) == (kind == "test")
    assert (EXERCISE in said) <= (world is not WorldKind.REAL)
    assert marked(one, said) == said


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    said = one_line(text)
    assert said.isprintable()
    assert said == said.strip()
    assert one_line(said) == said


@pytest.mark.parametrize(
    ("kind", "world", "line"),
    [
        ("test", WorldKind.REAL, "【テスト】[当直] 本文 (key)\n"),
        ("test", WorldKind.DRILL, "【訓練】【テスト】[当直] 本文 (key)\n"),
        ("level_changed", WorldKind.DRILL, "【訓練】[当直] 本文 (key)\n"),
        ("level_changed", WorldKind.REAL, "[当直] 本文 (key)\n"),
    ],
)
def test_the_console_marks_like_the_others(kind: str, world: WorldKind, line: str) -> None:
    out = io.StringIO()
    for text in ("本文", marks(notice(kind, world)) + "本文"):
        Console(out).send(notice(kind, world, text=text), "当直", "key")
    assert out.getvalue() == line * 2


@pytest.mark.parametrize(
    "typed", ["［訓練］", "〔訓練〕", "[訓練]", "【 訓練 】", "【訓\u200b練】", "【\n訓練】", "﹇試験﹈"]
)
def test_a_mark_is_known_however_it_was_typed(typed: str) -> None:
    one = notice("level_changed", WorldKind.REAL)
    for wrong in (f"逃げて{typed}", f"{typed}逃げて"):
        with pytest.raises(Undeliverable):
            marked(one, wrong)
        with pytest.raises(Undeliverable):  # in the part that this channel leaves out, too
            marked(replace(one, headline=wrong), "逃げて")


@pytest.mark.parametrize(
    "said", ["明日の訓練は中止です", "（訓練ではありません）", "試験放送は終わりました", "【北部】逃げて"]
)
def test_a_word_alone_is_no_mark(said: str) -> None:
    assert marked(notice("level_changed", WorldKind.REAL), said) == said


@pytest.mark.parametrize("here", list(WorldKind))
def test_the_console_of_a_hub_prints_its_own_world_alone(here: WorldKind) -> None:
    for world in WorldKind:
        out = io.StringIO()
        if world is here:
            Console(out, here).send(notice("level_changed", world), "当直", "k")
            assert out.getvalue()
            continue
        with pytest.raises(Undeliverable):
            Console(out, here).send(notice("level_changed", world), "当直", "k")
        assert not out.getvalue()
