"""A store and a feed server for the tests of the jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store
from tests.jobs.hub import REPLAY, url
from tests.jobs.twins import Server, serving


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = prepare(url(tmp_path), REPLAY)
    yield made
    made.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving() as running:
        yield running
