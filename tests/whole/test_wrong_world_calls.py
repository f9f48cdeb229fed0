"""The wrong call is refused before it runs: mypy names it, and what it would have done does not happen either."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BEGIN = """
from datetime import datetime
from disaster_hub.config import Config
from disaster_hub.terms.alert import Alert, AlertKind, Audience, Status
from disaster_hub.terms.notice import Notice
from disaster_hub.terms.world import WorldKind
from timelines.channels.email import Email
from timelines.channels.line import Line
from timelines.mark import same_world

def wrong(config: Config, now: datetime, said: str) -> None:
    assert config.mail is not None
"""
WRONG = {
    "a notice of no world": 'Notice("k", kind="x", headline="x", text="x", decided_at=now, expires_at=now, urgency=1)',
    "a notice whose world is a word": 'Notice("k", said, "x", "x", "x", now, now, 1)',
    "a status where a world belongs": 'Notice("k", Status.EXERCISE, "x", "x", "x", now, now, 1)',
    "an alert whose world is yes or no":
        'Alert("a", True, AlertKind.ORDER, (), "x", Audience(), "x", "x", now, now, 1)',
    "a mail channel of no world": "Email(config.mail)",
    "a mail channel of yes or no": "Email(config.mail, config.real)",
    "a notice held against a word": 'same_world(Notice("k", WorldKind.REAL, "x", "x", "x", now, now, 1), "real")',
}  # fmt: skip
RIGHT = 'same_world(Notice("k", WorldKind.REAL, "x", "x", "x", now, now, 1), config.world.kind)'


@pytest.mark.slow
def test_mypy_refuses_every_wrong_call_and_not_the_right_one(tmp_path: Path) -> None:
    calls = [*WRONG.values(), RIGHT]
    body = BEGIN + "".join(f"    {call}\n" for call in calls)
    path = tmp_path / "wrong.py"
    path.write_text(body)
    said = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "setup.cfg"), "--cache-dir", str(tmp_path / "c"),
         "--follow-imports", "silent", str(path)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    ).stdout  # fmt: skip
    first = body.splitlines().index(f"    {calls[0]}") + 1
    named = {int(line.split(":")[1]) for line in said.splitlines() if f"{path.name}:" in line and ": error:" in line}
    assert named == {first + n for n in range(len(WRONG))}, said
