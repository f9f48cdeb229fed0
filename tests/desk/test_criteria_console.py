"""The criteria from the console: a file is checked without a store, loaded as a version, shown again."""

from __future__ import annotations

from pathlib import Path

import pytest

from disaster_hub.desk.criteria_console import run
from disaster_hub.desk.decisions import TEMPLATE
from disaster_hub.terms.errors import BadInput
from tests.portal import town


def test_a_file_is_loaded_as_a_new_version_and_shown(tmp_path: Path) -> None:
    config = town.config_for(tmp_path)
    town.make_store(config).close()
    said = run(["load", str(TEMPLATE), "初版"], lambda: config, town.NOW)
    assert said.startswith("第1版として保存しました（11件）")
    assert "注意：基準 brook-3：観測所 9900000005 をまだ知りません" in said
    shown = run(["show"], lambda: config, town.NOW)
    assert shown.startswith("# 第1版")
    assert "console：初版" in shown
    assert TEMPLATE.read_text(encoding="utf-8") in shown


def test_a_check_needs_no_configuration(tmp_path: Path) -> None:
    def none():
        raise AssertionError("the configuration was read")

    assert "11件" in run(["check", str(TEMPLATE)], none, town.NOW)
    bad = tmp_path / "bad.toml"
    bad.write_text("[[criteria]\n", encoding="utf-8")
    for words, said in (
        (["check", str(bad)], "1行目"),
        (["check", str(tmp_path / "none.toml")], "cannot be read"),
        (["check"], "check FILE"),
        (["dance"], "check FILE"),
    ):
        with pytest.raises(BadInput, match=said):
            run(words, none, town.NOW)


def test_nothing_saved_is_said(tmp_path: Path) -> None:
    config = town.config_for(tmp_path)
    town.make_store(config).close()
    with pytest.raises(BadInput, match="none saved yet"):
        run(["show"], lambda: config, town.NOW)
