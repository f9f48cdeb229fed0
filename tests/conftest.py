"""What many tests stand on: a moment, a world, and a store on each of the two databases."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.store.prepare import prepare
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.world import World, WorldKind
from tests.ports import free_port

WANTED = "DISASTER_HUB_TEST_POSTGRES"
BOTH = [pytest.param("sqlite", id="sqlite"), pytest.param("postgres", id="postgres", marks=pytest.mark.postgres)]


@pytest.fixture(name="now")
def a_moment() -> datetime:
    return datetime(2026, 9, 18, 8, 0, tzinfo=UTC)


@pytest.fixture(name="world_replay")
def a_replay(now: datetime) -> World:
    return World(WorldKind.REPLAY, "架空の夜", now, now, datetime(2026, 9, 18, 17, 0, tzinfo=UTC), 60.0)


@pytest.fixture(name="world_real")
def the_real_world() -> World:
    return World(WorldKind.REAL, "本番")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the address of a PostgreSQL with PostGIS: the one that is named, or a throw-away one of our own."""
    named = os.environ.get(WANTED)
    if named:
        yield named
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    postgis = list(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))
    if not programs or not postgis:
        pytest.skip(f"needs PostgreSQL with PostGIS: set {WANTED}, or install Debian's postgresql and postgis packages")
    yield from _cluster(programs[-1].parent)


def _cluster(programs: Path) -> Iterator[str]:
    """Run a cluster in a folder of its own; PostgreSQL refuses root, so root steps down for it."""
    folder = Path(tempfile.mkdtemp(prefix="hub-pg-"))
    step_down: dict[str, Any] = {}
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        step_down = {"user": "postgres", "group": "postgres", "extra_groups": []}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=60, **step_down)

    port, data, log = free_port(), str(folder / "data"), str(folder / "log")
    run(str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--encoding=UTF8", "--locale=C")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60"
    control = str(programs / "pg_ctl")
    run(control, "-D", data, "-l", log, "-w", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        run(control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(name="addresses", params=BOTH)
def fresh_addresses(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Give addresses where no store is yet, by name: files, or schemas of their own that are taken away afterwards."""
    if request.param == "sqlite":
        yield lambda name: f"sqlite:///{tmp_path / name}.gpkg"
        return
    server, mark = request.getfixturevalue("postgres"), f"test_{uuid.uuid4().hex[:12]}"
    given: list[str] = []

    def give(name: str) -> str:
        given.append(f"{mark}_{name}")
        return f"{server}{'&' if '?' in server else '?'}schema={given[-1]}"

    yield give
    store = open_store(server)
    with store.write() as tx:
        for schema in given:
            tx.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    store.close()


@pytest.fixture(name="address")
def a_fresh_address(addresses: Callable[[str], str]) -> str:
    """Give an address where no store is yet; the test runs once on each database."""
    return addresses("hub")


@pytest.fixture(name="store")
def a_store(address: str, world_replay: World) -> Iterator[Store]:
    """Give a migrated, empty store of a replay world; the test runs once on each database."""
    store = prepare(address, world_replay)
    yield store
    store.close()


@pytest.fixture(name="real_store")
def a_real_store(address: str, world_real: World) -> Iterator[Store]:
    store = prepare(address, world_real)
    yield store
    store.close()


@pytest.fixture(name="sqlite_store")
def an_sqlite_store(tmp_path: Path, world_replay: World) -> Iterator[Store]:
    store = prepare(f"sqlite:///{tmp_path / 'hub.gpkg'}", world_replay)
    yield store
    store.close()


NAMED_SKIPS = ("../shared/data", "needs to mount a small disk")
"""What CI may leave out, where it is not there; everything else must run."""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """In CI, name every skipped test that had no leave to be skipped."""
    for report in _unexpected(terminalreporter):
        terminalreporter.write_line(f"CI: skipped without leave: {report.nodeid}: {report.longrepr[2]}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI, a test that was skipped without leave fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and _unexpected(reporter) and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _unexpected(reporter: Any) -> list[Any]:
    if "DISASTER_HUB_CI" not in os.environ:
        return []
    return [r for r in reporter.stats.get("skipped", []) if not any(word in str(r.longrepr) for word in NAMED_SKIPS)]
