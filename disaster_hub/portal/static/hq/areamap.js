// A small map of the evacuation areas: what is chosen is drawn thick and filled; touching one chooses it where that is allowed.

import { said } from "../js/words.js";

const L = window.L;

function ink(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

function style(chosen) {
  return chosen
    ? { color: ink("--blue"), weight: 4, fillColor: ink("--blue"), fillOpacity: 0.28 }
    : { color: ink("--ink"), weight: 1.5, fillColor: ink("--paper"), fillOpacity: 0.06 };
}

/** What an officer drew has a broken line: it is no area that the town has loaded. */
function drawn(one) { return one.properties.drawn ? { dashArray: "8 5" } : { dashArray: null }; }

async function lines(map, path, look) {
  const answer = await fetch(`${said.root}${path}`).catch(() => null);
  if (answer?.ok) L.geoJSON(await answer.json(), { interactive: false, style: look }).addTo(map);
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
  lines(map, "/api/layers/rivers.geojson", () => ({ color: "#6c8fbe", weight: 3, fill: false }));
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
