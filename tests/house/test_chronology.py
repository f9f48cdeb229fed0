"""Every kind of journal row has a name that people read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from disaster_hub.terms.chronology import GROUP_WORDS, KINDS, Group, kind_of

ROOT = Path(__file__).parents[2]


def written() -> Iterator[tuple[str, str]]:
    """Give each kind that is written out where an entry is made, with its file."""
    for path in sorted((ROOT / "disaster_hub").rglob("*.py")):
        tree = ast.parse(path.read_text())
        named = dict(constants(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "JournalEntry" and len(node.args) > 1:
                kind = node.args[1]
                if isinstance(kind, ast.Constant):
                    yield str(kind.value), path.name
                elif isinstance(kind, ast.Name) and kind.id in named:
                    yield named[kind.id], path.name


def constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Give the words that a module names at its head."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names, values = node.targets[0], node.value
            pairs = zip(
                getattr(names, "elts", [names]), getattr(values, "elts", [values]), strict=False
            )  # fmt: skip
            for name, value in pairs:
                if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield name.id, value.value


def test_every_kind_that_is_written_is_named() -> None:
    missing = {(kind, file) for kind, file in written() if kind not in KINDS}
    assert not missing, f"name them in terms/chronology.py: {sorted(missing)}"


def test_every_group_has_a_word_and_something_in_it() -> None:
    assert set(GROUP_WORDS) == set(Group)
    assert {kind.group for kind in KINDS.values()} == set(Group)


def test_a_kind_that_nobody_named_is_shown() -> None:
    assert kind_of("something new").shown
