"""A dead zone: three reports are made without a network, the browser is killed, and exactly three arrive."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from disaster_hub.portal import accounts
from disaster_hub.store import photos
from disaster_hub.store.session import open_store
from disaster_hub.terms.role import Role
from journey.person import until
from tests.portal import town
from tests.portal.hq.pictures import jpeg
from tests.portal.hq.test_reports_browser import all_of, enter
from tests.portal.resident.stage import browser_of, stage_of
from tests.portal.staff import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.chromium]


def test_three_reports_from_a_dead_zone_arrive_once_as_they_were_seen(tmp_path: Path) -> None:
    shot = tmp_path / "shot.jpg"
    shot.write_bytes(jpeg())
    seen: list[tuple[float, float]] = []
    with stage_of(tmp_path) as stage:
        store = open_store(stage.config.store)
        accounts.add(store, "field", PASSWORD, Role.FIELD, town.NOW)
        store.close()
        with browser_of(tmp_path / "profile", gently=True) as context:
            page = context.new_page()
            enter(page, stage.url, "field")
            page.goto(f"{stage.url}/hq/field")
            page.wait_for_selector("#field[data-safe]")
        stage.down()
        times = []
        with browser_of(tmp_path / "profile") as context:
            context.grant_permissions(["geolocation"], origin=stage.url)
            page = context.new_page()
            page.goto(f"{stage.url}/hq/field")
            for n in range(3):
                spot = (139.30 + n / 1000, 38.90 + n / 1000)
                context.set_geolocation({"longitude": spot[0], "latitude": spot[1], "accuracy": 12})
                if n == 0:
                    page.set_input_files("#album", shot)
                    page.wait_for_selector(".shot")
                page.locator(".kind-grid label", has_text="土砂崩れ").click()
                until(page, "() => document.getElementById('spot').textContent.includes('誤差')")
                page.locator("#send").click()
                until(page, "n => document.getElementById('waiting').dataset.number === n", arg=str(n + 1))
                seen.append(spot)
                times.append(page.evaluate(WAITING)[n]["fields"]["seen_at"])
            page.fill("#told", "書きかけ")
            until(page, DRAFTED)
        # Killed with three reports waiting and one half written; it comes back without a network, then with one.
        with browser_of(tmp_path / "profile") as context:
            page = context.new_page()
            page.goto(f"{stage.url}/hq/field")
            until(page, "() => document.getElementById('waiting').textContent.includes('3件がこの電話で')")
            assert page.input_value("#told") == "書きかけ"
            stage.up()
            page.wait_for_selector("#sent li:nth-child(3)", timeout=60_000)
            assert page.locator("#waiting").is_hidden()
        found = all_of(stage)
    assert [(r.spot.lon, r.spot.lat) for r in found] == [pytest.approx(spot) for spot in seen]
    assert [
        abs(r.seen_at - datetime.fromisoformat(t)) < timedelta(seconds=1) for r, t in zip(found, times, strict=True)
    ]
    assert {r.accuracy_m for r in found} == {12}
    assert [len(r.photos) for r in found] == [1, 0, 0]
    store = open_store(stage.config.store)
    with store.read() as tx:
        assert (photos.get(tx, found[0].photos[0]) or b"").startswith(b"\xff\xd8\xff")
    store.close()


WAITING = """() => new Promise((done) => { const a = indexedDB.open('hub-field', 1); a.onsuccess = () => {
  const all = a.result.transaction('reports').objectStore('reports').getAll();
  all.onsuccess = () => { a.result.close(); done(all.result.map(({ fields }) => ({ fields }))); }; }; })"""
DRAFTED = """() => new Promise((done) => { const a = indexedDB.open('hub-field', 1); a.onsuccess = () => {
  const one = a.result.transaction('page').objectStore('page').get('draft');
  one.onsuccess = () => { a.result.close(); done(one.result?.said === '書きかけ'); }; }; })"""
