"""The hamlet behind its real server, and a real browser that can be killed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from disaster_hub.config import Config
from disaster_hub.store import households
from disaster_hub.store.keyring import Keyring
from disaster_hub.store.session import Store, open_store
from disaster_hub.terms.clock import utc_now
from disaster_hub.terms.household import Answer
from disaster_hub.terms.world import World
from journey.person import until
from tests.portal import town
from tests.portal.conftest import FLAGS, PATIENCE_MS, ROOT, wait_for
from tests.portal.resident import hamlet
from tests.ports import free_port

RUN = """
    import sys
    from dataclasses import replace
    from datetime import datetime
    from pathlib import Path
    sys.path.insert(0, {root!r})
    from tests.portal import town
    from tests.portal.resident import hamlet
    from disaster_hub.portal.serve import run_web
    world = replace(town.DRILL, opened=datetime.fromisoformat({opened!r}), speed=1.0)
    run_web(hamlet.config_for(Path({folder!r}), world, port={port}, mail={mail}, gateway={gateway!r}))
"""


@dataclass
class Stage:
    """A hamlet's portal that can be cut off and come back at the same address."""

    folder: Path
    config: Config
    world: World
    mail: int
    gateway: str = hamlet.NOWHERE
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.config.portal.port}"

    def up(self) -> None:
        """Serve."""
        assert self.world.opened is not None
        code = textwrap.dedent(RUN).format(
            root=str(ROOT), folder=str(self.folder), port=self.config.portal.port, mail=self.mail,
            gateway=self.gateway, opened=self.world.opened.isoformat(),
        )  # fmt: skip
        self.process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
        wait_for(self.config.portal.port, self.process)

    def down(self) -> None:
        """Be gone, as if the network were."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=60)
            self.process = None

    def answers(self) -> list[Answer]:
        """Give what the store holds of the one household's answers."""
        store: Store = open_store(self.config.store)
        keys = Keyring.open(self.config.keys.folder)
        try:
            with store.read() as tx:
                return [a for name, _ in households.everyone(tx, keys) for a in households.answers(tx, keys, name)]
        finally:
            store.close()


@contextmanager
def stage_of(folder: Path, mail: int = 2525, gateway: str = hamlet.NOWHERE) -> Iterator[Stage]:
    """Serve a hamlet in a process of its own."""
    world = replace(town.DRILL, opened=utc_now())
    config = hamlet.config_for(folder, world, port=free_port(), mail=mail)
    hamlet.make_store(config).close()
    made = Stage(folder, config, world, mail, gateway)
    made.up()
    try:
        yield made
    finally:
        made.down()


@contextmanager
def browser_of(profile: Path, *, gently: bool = False) -> Iterator[Any]:
    """Open a real Chromium over its profile; at the end it is killed, unless it is to end *gently*."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs Chromium on the PATH (Debian package chromium)")
    api = pytest.importorskip("playwright.sync_api")
    profile.mkdir(exist_ok=True)
    told = profile / "DevToolsActivePort"
    told.unlink(missing_ok=True)
    command = [path, "--headless=new", f"--user-data-dir={profile}", "--remote-debugging-port=0", *FLAGS, "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        end = time.monotonic() + 120
        while not told.exists() or not told.read_text().strip():
            assert time.monotonic() < end, "Chromium does not come up"
            time.sleep(0.05)
        port = told.read_text().split()[0]
        api.expect.set_options(timeout=PATIENCE_MS)
        with api.sync_playwright() as play:
            browser = play.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            yield browser.contexts[0]
            if gently:
                browser.new_browser_cdp_session().send("Browser.close")
                process.wait(timeout=60)
            kill(process)
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it as a flat battery does."""
    if process.poll() is None:
        process.kill()
        process.wait(timeout=60)


def go(page: Any) -> None:
    """Press the one big button."""
    page.locator("button[name=go][value=next]").click()


def walk(page: Any, url: str, to: str = "/my/8", look: Any = lambda _page: None) -> None:
    """Answer the eight questions with what is offered; *look* sees every page."""
    page.goto(f"{url}/my?lang=ja")
    look(page)
    page.locator("button[name=for][value=self]").click()
    look(page)
    page.locator(".rows a").first.click()
    page.locator("button[name=town]").first.click()
    look(page)
    page.locator("button[name=block]").first.click()
    while to not in page.url:
        look(page)
        go(page)
    look(page)


def kept(page: Any) -> None:
    """Wait until the phone holds the plan."""
    until(page, "async () => Boolean(await (await caches.open('hub-home')).match('/my/plan'))")


def shelf(page: Any) -> list[dict[str, Any]]:
    """Give the answers that wait on the phone."""
    said = page.evaluate(
        """() => new Promise((done) => { const a = indexedDB.open('hub-home', 1); a.onsuccess = () => {
        const all = a.result.transaction('answers').objectStore('answers').getAll();
        all.onsuccess = () => { a.result.close(); done(JSON.stringify(all.result)); }; }; })"""
    )
    rows: list[dict[str, Any]] = json.loads(said)
    return rows
