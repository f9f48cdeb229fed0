// A small map for one spot: touch it, and the pin is there. Roads and rivers lie below, open reports are shown.

import { said } from "../../js/words.js";

const L = window.L;
const ZOOM = 16;

function ink(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

/** Load one layer of lines; where it does not come, the map stays without it. */
async function lines(map, path, style) {
  const answer = await fetch(`${said.root}${path}`).catch(() => null);
  if (!answer?.ok) return;
  L.geoJSON(await answer.json(), { interactive: false, style }).addTo(map);
}

/** Make the map in `box`; `picked(lon, lat)` is told of each touch. Gives { put, clear }. */
export function spotMap(box, picked, { reports = null, pin = true } = {}) {
  const map = L.map(box, { attributionControl: false, zoomControl: true, preferCanvas: true, keyboard: true, maxZoom: 19 });
  map.setView([Number(box.dataset.lat), Number(box.dataset.lon)], Number(box.dataset.zoom) || 13);
  const below = L.canvas({ padding: 0.3 });
  if (said.tiles) L.tileLayer(said.tiles, { maxZoom: 19 }).addTo(map);
  lines(map, "/api/layers/rivers.geojson", () => ({ renderer: below, color: "#6c8fbe", weight: 3, fill: false }));
  lines(map, "/api/layers/roads.geojson", (f) => ({ renderer: below, color: ink("--soft"), weight: /primary|secondary|trunk/.test(f.properties.highway) ? 2.5 : 1, fill: false }));
  let mark = null;
  function put(lon, lat, { zoom = ZOOM, move = true } = {}) {
    if (!pin) return;
    if (mark) mark.setLatLng([lat, lon]);
    else {
      const icon = L.divIcon({ className: "pin", html: '<svg viewBox="0 0 24 36" width="30" height="45" aria-hidden="true"><path d="M12 35C5 24 1 19 1 12a11 11 0 0 1 22 0c0 7-4 12-11 23z"/><circle cx="12" cy="12" r="4"/></svg>', iconSize: [30, 45], iconAnchor: [15, 45] });
      mark = L.marker([lat, lon], { icon, keyboard: false, interactive: false }).addTo(map);
    }
    if (move) map.setView([lat, lon], Math.max(map.getZoom(), zoom), { animate: false });
  }
  map.on("click", (event) => { put(event.latlng.lng, event.latlng.lat, { move: false }); picked(event.latlng.lng, event.latlng.lat); });
  if (reports) showReports(map, reports);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
  return { map, put, clear() { mark?.remove(); mark = null; } };
}

async function showReports(map, url) {
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok) return;
  const open = (await answer.json()).features.filter((f) => ["received", "confirmed", "working"].includes(f.properties.state));
  for (const { geometry: { coordinates: [lon, lat] }, properties } of open.slice(0, 500)) {
    L.circleMarker([lat, lon], { radius: 6, color: ink("--ink"), weight: 2, fillColor: ink("--paper"), fillOpacity: 1 })
      .bindTooltip(`報告${properties.number} ${properties.kind_name}`).addTo(map);
  }
}
