"""The commands that the documents show are run, so that they cannot lie."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console run\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def pages() -> list[Path]:
    return [
        *sorted(ROOT.glob("*.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted(ROOT.glob("*/README.md")),
    ]


def shown() -> list[tuple[str, str, str]]:
    """Give (page, command, expected output) of every block marked `console run`."""
    found = []
    for page in pages():
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = piece.partition("\n")
                found.append((str(page.relative_to(ROOT)), command, output.strip()))
    return found


@pytest.mark.parametrize(("document", "command", "output"), shown(), ids=lambda v: v[:60])
def test_the_command_does_what_the_page_shows(document: str, command: str, output: str, tmp_path: Path) -> None:
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    (tmp_path / "config.toml").symlink_to(ROOT / "config.toml")
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {k: v for k, v in os.environ.items() if not k.startswith("DISASTER_HUB_")} | {
        "PATH": paths,
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    said = done.stdout + done.stderr
    for line in filter(None, (line.strip() for line in output.splitlines())):
        if line != "...":
            assert line in said, f"{document}: `{command}` did not say {line!r} but:\n{said}"
    assert "Traceback" not in said


def test_there_are_commands_to_run() -> None:
    assert len(shown()) >= 3


@pytest.mark.parametrize("document", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.relative_to(ROOT)} points to {target}"
