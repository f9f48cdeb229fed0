// A small map of the evacuation areas: what is chosen is drawn thick and filled; touching one chooses it where that is allowed.

import { said } from "../js/words.js";

const L = window.L;
const WIDE = { motorway: 3.5, trunk: 3.5, primary: 3, secondary: 2.5, tertiary: 2 };

function ink(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

function style(chosen) {
  return chosen
    ? { color: ink("--blue"), weight: 4, fillColor: ink("--blue"), fillOpacity: 0.28 }
    : { color: ink("--ink"), weight: 1.5, fillColor: ink("--paper"), fillOpacity: 0.06 };
}

/** What an officer drew has a broken line: it is no area that the town has loaded. */
function drawn(one) { return one.properties.drawn ? { dashArray: "8 5" } : { dashArray: null }; }

async function layer(name) {
  const answer = await fetch(`${said.root}/api/layers/${name}.geojson`).catch(() => null);
  return answer?.ok ? answer.json() : { type: "FeatureCollection", features: [] };
}

const LETTER_PX = 12.5; const LINE_PX = 17;
/** From this zoom on places of refuge are named; further away there is no room for them. */
const NAMED_FROM = 13.5;

/** Name what is on the map, the first of `spots` first; a name that would cover another one waits until the map is closer. */
function names(map, spots) {
  const group = L.layerGroup().addTo(map);
  function place() {
    group.clearLayers();
    const size = map.getSize();
    const taken = [[0, 0, 46, 90]]; // the buttons of the map
    for (const { at, name, kind, from = 0 } of spots) {
      if (map.getZoom() < from) continue;
      const p = map.latLngToContainerPoint(at);
      const half = (name.length * LETTER_PX) / 2 + 3;
      const box = [p.x - half, p.y - LINE_PX / 2, p.x + half, p.y + LINE_PX / 2];
      if (box[0] < 0 || box[1] < 0 || box[2] > size.x || box[3] > size.y) continue;
      if (taken.some((one) => one[0] < box[2] && box[0] < one[2] && one[1] < box[3] && box[1] < one[3])) continue;
      taken.push(box);
      const word = Object.assign(document.createElement("span"), { textContent: name });
      const icon = L.divIcon({ className: `map-name ${kind}`, html: word, iconSize: [2 * half, LINE_PX] });
      L.marker(at, { icon, interactive: false, keyboard: false, pane: "names" }).addTo(group);
    }
  }
  map.on("moveend resize", place);
  place();
}

/** What an officer finds the way by: roads and rivers below the areas, names above them. */
async function ground(map, areas) {
  const [roads, rivers, shelters] = await Promise.all(["roads", "rivers", "shelters"].map(layer));
  const pen = L.canvas({ pane: "ground" });
  L.geoJSON(roads, { interactive: false, style: ({ properties }) => ({ renderer: pen, color: ink("--line"), weight: WIDE[properties.highway] ?? 1 }) }).addTo(map);
  L.geoJSON(rivers, { interactive: false, style: () => ({ renderer: pen, color: "#6c8fbe", weight: 3, fill: false }) }).addTo(map);
  const spots = [];
  const known = new Set();
  for (const { geometry, properties } of rivers.features) {
    if (geometry?.type !== "LineString" || !properties.name || known.has(properties.name)) continue;
    known.add(properties.name);
    const [lon, lat] = geometry.coordinates[Math.floor(geometry.coordinates.length / 2)];
    spots.push({ at: [lat, lon], name: properties.name, kind: "river" });
  }
  for (const [shape, name] of areas) spots.push({ at: shape.getBounds().getCenter(), name, kind: "area" });
  for (const { geometry, properties } of shelters.features) {
    if (geometry?.type !== "Point" || !properties.name) continue;
    const [lon, lat] = geometry.coordinates;
    spots.push({ at: [lat, lon], name: properties.name, kind: "place", from: NAMED_FROM });
  }
  names(map, spots);
}

/** Draw the areas of `url` in `box`; `touched(code)` is told of each touch. Gives `show(codes)`, or null where nothing can be drawn. */
export async function areaMap(box, url, touched) {
  if (!L) return null;
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok) return null;
  const found = await answer.json();
  if (!found.features.length) return null;
  box.hidden = false;
  const map = L.map(box, { attributionControl: false, zoomControl: true, preferCanvas: true, keyboard: Boolean(touched), maxZoom: 17, zoomSnap: 0.25, scrollWheelZoom: false });
  map.setView([Number(box.dataset.lat), Number(box.dataset.lon)], Number(box.dataset.zoom) || 13);
  if (said.tiles) L.tileLayer(said.tiles, { maxZoom: 19 }).addTo(map);
  map.createPane("ground").style.zIndex = 350;
  Object.assign(map.createPane("names").style, { zIndex: 450, pointerEvents: "none" });
  const shapes = new Map();
  const all = L.geoJSON(found, {
    style: (one) => ({ ...style(false), ...drawn(one) }),
    interactive: Boolean(touched),
    onEachFeature(one, layer) {
      shapes.set(one.properties.code, layer);
      layer.bindTooltip(one.properties.name, { sticky: true });
      if (touched) layer.on("click", () => touched(one.properties.code));
    },
  }).addTo(map);
  map.fitBounds(all.getBounds(), { animate: false, padding: [8, 8] });
  ground(map, found.features.map((one) => [shapes.get(one.properties.code), one.properties.name]));
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
  return {
    map,
    /** Mark the chosen areas; with `close` the map goes to them. */
    show(codes, close = false) {
      const mine = [];
      for (const [code, layer] of shapes) {
        layer.setStyle({ ...style(codes.has(code)), ...drawn(layer.feature) });
        if (codes.has(code)) { layer.bringToFront(); mine.push(layer); }
      }
      if (close && mine.length) map.fitBounds(L.featureGroup(mine).getBounds().pad(0.15), { animate: false });
    },
  };
}
