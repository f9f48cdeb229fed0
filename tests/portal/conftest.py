"""The portal over a small made-up town: in this process, and behind its real server in another."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from disaster_hub.config import Config
from disaster_hub.portal.accounts import ensure_administrator
from disaster_hub.portal.app import create_app
from disaster_hub.store.session import Store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.world import World
from tests.portal import town
from tests.ports import free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Site:
    """A town's portal in this process, with a clock that the test turns."""

    config: Config
    store: Store
    app: Flask
    password: str
    wall: list[datetime]

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()


@contextmanager
def site_of(folder: Path, world: World = town.DRILL, **settings) -> Iterator[Site]:
    config = town.config_for(folder, world, **settings)
    store = town.make_store(config)
    password = ensure_administrator(store, town.NOW)
    assert password is not None
    wall = [town.NOW]
    app = create_app(config, store, wall=lambda: wall[0])
    yield Site(config, store, app, password, wall)
    store.close()


@pytest.fixture(name="site")
def a_site(tmp_path: Path) -> Iterator[Site]:
    with site_of(tmp_path) as made:
        yield made


@pytest.fixture(name="client")
def a_client(site: Site) -> FlaskClient:
    return site.client


@dataclass
class Served:
    """A town's portal behind its real server, in a process of its own."""

    url: str
    port: int
    store: Store
    config: Config
    process: subprocess.Popen[bytes]


RUN = """
    import sys
    from datetime import datetime
    from pathlib import Path
    sys.path.insert(0, {root!r})
    from tests.portal import town
    from disaster_hub.portal.serve import run_web
    world = {world}
    run_web(town.config_for(Path({folder!r}), world, port={port}, portal={portal}))
"""


@contextmanager
def served(folder: Path, world: World = town.DRILL, portal: str = "None", scheme: str = "http") -> Iterator[Served]:
    """Serve a town's portal; *portal* is the expression of its Portal settings, with `{port}`."""
    port = free_port()
    world = replace(world, opened=utc_now()) if world.exercise else world
    config = town.config_for(folder, world, port=port)
    store = town.make_store(config)
    spoken = f"town.World(town.WorldKind({world.kind.value!r}), {world.name!r})"
    code = textwrap.dedent(RUN).format(
        root=str(ROOT), world=spoken, folder=str(folder), port=port, portal=portal.format(port=port)
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        wait_for(port, process)
        yield Served(f"{scheme}://127.0.0.1:{port}", port, store, config, process)
    finally:
        store.close()
        process.terminate()
        process.wait(timeout=60)


def wait_for(port: int, process: subprocess.Popen[bytes], limit_s: float = 120.0) -> None:
    end = time.monotonic() + limit_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, "the portal ended"
            assert time.monotonic() < end, "the portal does not listen"
            time.sleep(0.1)
        else:
            return


@pytest.fixture(name="portal")
def a_served_portal(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as made:
        yield made


def get(port: int, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = link.getresponse()
    found = answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    link.close()
    return found


PATIENCE_MS = 30_000
"""What a page is to show may come late on a machine that has much else to do."""
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(name="chromium", scope="module")
def a_browser() -> Iterator[object]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs Chromium on the PATH (Debian package chromium)")
    api = pytest.importorskip("playwright.sync_api")
    api.expect.set_options(timeout=PATIENCE_MS)
    with api.sync_playwright() as p:
        made = p.chromium.launch(executable_path=path, args=list(FLAGS))
        yield made
        made.close()
