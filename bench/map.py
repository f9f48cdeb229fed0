"""The desk's map with 2,000 stations, 5,000 reports and 50,000 zones: until it can be used, and each pan and zoom.

The peer is a plain Leaflet page of the same stations, reports and zones as GeoJSON by the same portal over the same
store, in the same browser, by turns. Its zones are the public layer, simplified as far as the portal goes for a phone
(1.6e-3 degrees here, 18 MB). A page that is not there after a minute counts as a minute and is not opened again.
"""

from __future__ import annotations

import http.client
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.demo import spread
from bench.desk_town import REPORTS, STATIONS, VERTICES, ZONES, desk_portal, officer, sign_in
from bench.live import FLAGS
from bench.missing import Missing, needs
from bench.towns import LAT, LON

ROUNDS = 5
FIRST_LIMIT_MS, PAN_LIMIT_MS = 2500.0, 200.0
PATIENCE_MS = 60_000
PEER_PANS_MS, LEAST_PANS = 100_000, 12
"""The peer moves about for so long, and at least so often; a view of it may take seconds."""
SIZE = {"width": 1440, "height": 900}
OURS = """() => new Promise((good) => {
  const look = () => {
    const hub = window.hub; const zones = hub && hub.map && hub.map.zones;
    const here = hub && hub.drawn && hub.stations.length >= STATIONS && hub.things.reports.length >= REPORTS;
    if (!here || !zones || !zones._map || !zones.done) setTimeout(look, 10);
    else requestAnimationFrame(() => requestAnimationFrame(() => good(performance.now())));
  };
  look();
})"""
PAN = """([lat, lon, zoom]) => new Promise((good) => {
  const map = window.hub.map.map; const begun = performance.now();
  map.setView([lat, lon], zoom, { animate: false });
  const ready = () => requestAnimationFrame(() => good(performance.now() - begun));
  const look = () => (window.hub.map.zones.done ? ready() : setTimeout(look, 2));
  look();
})"""
PEER = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/assets/x/leaflet/leaflet.css">
<style>html,body,#map{margin:0;height:100%}</style><div id="map"></div>
<script src="/assets/x/leaflet/leaflet.js"></script>
<script>
const map = window.map = L.map("map", { preferCanvas: true, zoomAnimation: false }).setView([LAT, LON], 12);
const get = (path) => fetch(path).then((answer) => answer.json());
const frames = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
const paths = ["/api/layers/stations.geojson", "/hq/reports.geojson", "/api/layers/hazards.geojson"];
const placed = (points) => ({ ...points, features: points.features.filter((f) => f.geometry) });
const circle = { pointToLayer: (_, at) => L.circleMarker(at, { radius: 6 }) };
Promise.all(paths.map(get)).then(([stations, reports, zones]) => {
  L.geoJSON(zones, { style: { stroke: false, fillOpacity: 0.5 } }).addTo(map);
  for (const points of [reports, stations]) L.geoJSON(placed(points), circle).addTo(map);
  frames(() => { window.ready = performance.now(); });
});
</script>"""
PEER_READY = """() => new Promise((good) => {
  const look = () => {
    if (window.ready || performance.now() > PATIENCE) good(window.ready || PATIENCE); else setTimeout(look, 10);
  };
  look();
})"""
PEER_PAN = """([lat, lon, zoom]) => new Promise((good) => {
  const begun = performance.now();
  window.map.setView([lat, lon], zoom, { animate: false });
  requestAnimationFrame(() => requestAnimationFrame(() => good(performance.now() - begun)));
})"""
VIEWS = [
    (LAT + dy, LON + dx, zoom)
    for zoom, step in ((12, 0.06), (13, 0.05), (14, 0.03), (15, 0.02), (16, 0.012))
    for dx, dy in ((0.0, 0.0), (step, 0.0), (step, step), (0.0, step), (-step, step), (-step, 0.0), (-step, -step))
]
"""Every view is new to the browser and to the portal: seven at each zoom, each beside the one before."""


def run() -> Mapping[str, Mapping[str, Any]]:
    """Open the desk's map and the plain page by turns, each in a fresh browser profile; then move about in both."""
    chromium = needs("chromium", "chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Missing("playwright (requirements-dev.txt)") from None
    with tempfile.TemporaryDirectory() as folder, desk_portal(Path(folder)) as (_, port), sync_playwright() as p:
        drawn = _until_drawn(port)
        _asked(port, "/api/layers/hazards.geojson")
        cookie = sign_in(port, officer(0)).partition("=")
        browser = p.chromium.launch(executable_path=chromium, args=list(FLAGS))
        first: dict[str, list[float]] = {"ours": [], "peer": []}
        for _ in range(ROUNDS):
            for who, took in first.items():
                if took and took[-1] >= PATIENCE_MS:
                    took.append(PATIENCE_MS)
                    continue
                context, ready, _ = _opened(browser, port, cookie, who)
                took.append(ready)
                context.close()
        pans = {who: _moved(browser, port, cookie, who) for who in first}
        browser.close()
    zones = f"{ZONES:,} zones of {VERTICES} vertices, drawn once in {drawn:.0f} s"
    size = f"{STATIONS:,} stations, {REPORTS:,} reports, {zones}"
    peer = "plain Leaflet page, GeoJSON by the same portal; limit"
    return {
        "map_first": _entry(first, statistics.median, FIRST_LIMIT_MS, f"{size}; cold browser", peer),
        "map_pan": _entry(pans, _p95, PAN_LIMIT_MS, f"{len(VIEWS)} new views, zoom 12 to 16, 1440 x 900; p95", peer),
    }


def _until_drawn(port: int) -> float:
    """Wait until the portal has drawn the zones for every zoom; give the seconds."""
    begun = time.monotonic()
    while _asked(port, "/api/tiles/x/hazards/6/56/24") == http.client.SERVICE_UNAVAILABLE:
        time.sleep(0.2)
    return time.monotonic() - begun


def _asked(port: int, path: str) -> int:
    """Ask for *path* with much patience, so that neither page is the first to ask; give the status."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=900)
    link.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = link.getresponse()
    answer.read()
    return answer.status


def _opened(browser: Any, port: int, cookie: tuple[str, str, str], who: str) -> tuple[Any, float, Any]:
    """Open a page in a profile of its own and give the milliseconds until it can be used."""
    context = browser.new_context(viewport=SIZE, locale="ja-JP")
    root = f"http://127.0.0.1:{port}"
    context.add_cookies([{"name": cookie[0], "value": cookie[2], "url": root}])
    page = context.new_page()
    if who == "peer":
        body = PEER.replace("LAT", str(LAT)).replace("LON", str(LON))
        page.route(f"{root}/peer", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{root}/hq/map" if who == "ours" else f"{root}/peer", wait_until="commit")
    script = OURS.replace("STATIONS", str(STATIONS)).replace("REPORTS", str(REPORTS))
    if who == "peer":
        script = PEER_READY.replace("PATIENCE", str(PATIENCE_MS))
    return context, float(page.evaluate(script)), page


def _moved(browser: Any, port: int, cookie: tuple[str, str, str], who: str) -> list[float]:
    context, ready, page = _opened(browser, port, cookie, who)
    script = PAN if who == "ours" else PEER_PAN
    took: list[float] = []
    for view in VIEWS if ready < PATIENCE_MS else ():
        if who == "peer" and len(took) >= LEAST_PANS and sum(took) > PEER_PANS_MS:
            break
        took.append(float(page.evaluate(script, list(view))))
        time.sleep(0.2)  # a hand takes longer
    context.close()
    return took or [float(PATIENCE_MS)] * 2


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[18]


def _entry(took: dict[str, list[float]], middle: Any, limit: float, size: str, peer: str) -> Mapping[str, Any]:
    ours, theirs = middle(took["ours"]), middle(took["peer"])
    return {
        "ours": round(ours),
        "peer": round(theirs),
        "unit": "ms",
        "ratio": round(theirs / ours, 2),
        "goal": round(theirs / limit, 2),
        "noise": spread(took["ours"]),
        "size": size,
        "peer_name": f"{peer} {limit:.0f} ms",
    }
