"""The town's criteria from the console: check a file, load it as a new version, show what rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from disaster_hub.config import Config
from disaster_hub.desk.criteria_desk import save
from disaster_hub.desk.criteria_facts import unheard
from disaster_hub.rules.criteria import Criteria
from disaster_hub.rules.criteria_text import read
from disaster_hub.store import criteria as versions
from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import open_store
from disaster_hub.terms.errors import BadInput

WHO = "console"
LONGEST = 3
"""Words of a whole command: what to do, the file, what changed."""


def run(words: Sequence[str], config: Callable[[], Config], wall: datetime) -> str:
    """Do what the command says and give the lines to print; only what needs the store reads the configuration."""
    if list(words) == ["show"]:
        return show(config())
    if words[0] == "check" and len(words) == LONGEST - 1:
        return check(Path(words[1]))
    if words[0] == "load" and LONGEST - 1 <= len(words) <= LONGEST:
        found, note = config(), words[2] if len(words) == LONGEST else ""
        return load(Path(words[1]), note, found, found.world.now(wall))
    raise BadInput("criteria: check FILE, load FILE [NOTE], or show")


def check(path: Path) -> str:
    """Read a file, which needs no store; BadInput names file, line, criterion, field and value."""
    said = _read(path, _text(path))
    return f"{path}: {len(said.criteria)}件の基準、誤りなし"


def load(path: Path, note: str, config: Config, now: datetime) -> str:
    """Save a file as the version that rules from now on, and say what in it this hub does not know yet."""
    text = _text(path)
    said = _read(path, text)
    with closing(prepare(config.store, config.world)) as store, store.write() as tx:
        made = save(tx, text, note or f"{path.name} から", WHO, now)
        lines = [f"第{made.number}版として保存しました（{len(said.criteria)}件）"]
        return "\n".join([*lines, *(f"注意：{line}" for line in unheard(tx, config, said))])


def show(config: Config) -> str:
    """Give the text that rules."""
    with closing(open_store(config.store)) as store, store.read() as tx:
        newest = versions.newest(tx)
    if newest is None:
        raise BadInput("criteria: none saved yet; see disaster_hub/desk/criteria_template.toml")
    return f"# 第{newest.number}版 {newest.at.isoformat()} {newest.who}：{newest.note}\n{newest.text}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise BadInput(f"{path}: cannot be read as UTF-8 text ({type(fault).__name__})") from fault


def _read(path: Path, text: str) -> Criteria:
    try:
        return read(text)
    except BadInput as fault:
        raise BadInput(f"{path}: {fault}") from fault
