"""Rules about the code itself, each with a kind message."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("disaster_hub", "sensors", "timelines")
BANNED_NAMES = {"utils", "helpers", "common", "manager", "service", "misc"}
CLOCK = ROOT / "disaster_hub/terms/clock.py"


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


MODULES = list(modules())


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_only_the_clock_knows_the_time() -> None:
    """Naive or scattered clocks are how a warning arrives nine hours late."""
    for path, tree in MODULES:
        if ROOT / path == CLOCK:
            continue
        asked = {
            node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"datetime", "date", "dt"}
        }
        assert not asked & {"now", "utcnow", "today"}, f"{path}: use terms.clock.utc_now(), or be told `now`"


@pytest.mark.parametrize("path", [p for p, t in MODULES if t.body], ids=str)
def test_every_module_says_what_lives_here(path: Path) -> None:
    tree = dict(MODULES)[path]
    assert ast.get_docstring(tree), f"{path}: one sentence on what lives here"


def test_everything_public_says_what_it_is() -> None:
    for path, tree in MODULES:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{path}: {node.name} wants one sentence"


def test_functions_fit_in_one_glance() -> None:
    for path, tree in MODULES:
        for node in functions(tree):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= 60, f"{path}: {node.name} has {lines} lines"


def test_no_room_is_crowded() -> None:
    for path, _ in MODULES:
        lines = (ROOT / path).read_text(encoding="utf-8").count("\n")
        assert lines <= 320, f"{path}: {lines} lines; which two ideas are these?"
        assert path.stem not in BANNED_NAMES, f"{path}: a name that says nothing"


def test_no_import_cycles_and_shallow() -> None:
    graph = {dotted(path): set(imports(tree)) for path, tree in MODULES}
    graph = {name: {i for i in seen if i in graph and i != name} for name, seen in graph.items()}
    depth: dict[str, int] = {}

    def visit(name: str, trail: tuple[str, ...]) -> int:
        assert name not in trail, "import cycle: " + " → ".join((*trail[trail.index(name) :], name))
        if name not in depth:
            depth[name] = 1 + max((visit(n, (*trail, name)) for n in graph[name]), default=0)
        return depth[name]

    deepest = max(graph, key=lambda n: visit(n, ()))
    # The longest way is the portal's: a dozen small files of its own in a row, then the desk, then rules or planning and
    # timelines. A step more is a reason to look again.
    assert depth[deepest] <= 23, f"{deepest}: imports {depth[deepest]} deep"


def dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("wing", ["sensors", "timelines", "disaster_hub"])
def test_the_wings_load_no_framework(wing: str) -> None:
    names = "{'flask', 'sqlalchemy', 'geopandas', 'folium', 'apscheduler'}"
    code = f"import {wing}, sys; sys.exit(' '.join({names} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, f"importing {wing} loads {done.stderr}"


def test_the_changelog_is_the_version() -> None:
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    said = re.search(r"^version = (.+)$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    assert said is not None
    from disaster_hub import __version__

    assert newest[1] == said[1] == __version__


def test_every_source_and_channel_has_its_page() -> None:
    from sensors.source import SOURCES
    from timelines.channel import CHANNELS

    for kind in SOURCES:
        page = ROOT / "docs/sources" / f"{kind}.md"
        assert page.exists(), f"explain {kind} in {page.relative_to(ROOT)}"
        assert "What happens when it is silent" in page.read_text(encoding="utf-8"), page
    for kind in CHANNELS:
        assert (ROOT / "docs/channels" / f"{kind}.md").exists(), f"explain {kind} in docs/channels/{kind}.md"


def test_only_tests_read_the_true_water() -> None:
    """A rule that peeks at the answer proves nothing."""
    for path, tree in MODULES:
        if path.parts[1] == "rehearsal":
            continue
        words = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not any("truth/" in word or word == "water.csv" for word in words), f"{path} reads the true water"


def test_pages_ask_nothing_of_other_hosts() -> None:
    for path in (ROOT / "disaster_hub/portal").rglob("*"):
        if path.suffix in {".html", ".js", ".css"} and path.parent.name != "npm":  # LINE's own script talks to LINE
            text = path.read_text(encoding="utf-8")
            hits = re.findall(r"""(?:src|href)=["']https?://[^"']+\.(?:js|css|png)|@import\s+url\(https?:""", text)
            assert not hits, f"{path.relative_to(ROOT)}: {hits}"
