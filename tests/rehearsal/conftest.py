"""One built city for every test of this folder: building takes seconds, reading it none."""

from __future__ import annotations

from pathlib import Path

import pytest

from disaster_hub.rehearsal.build import build


@pytest.fixture(scope="session")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rehearsal")
    build(folder)
    return folder
