// A small map to choose a place on: <div class="pick-map" data-pick="lon lat"> beside inputs of these names in one form.
// Needs Leaflet on the page. Touch it, or bring the place to the middle and press the button.

import { said } from "../js/words.js";

const L = window.L;

async function under(map, name, style) {
  const answer = await fetch(`${said.root}/api/layers/${name}.geojson`);
  if (!answer.ok) return;
  L.geoJSON(await answer.json(), { interactive: false, style, pointToLayer: () => null }).addTo(map);
}

/** Make the small map in `box`; `chosen(lon, lat)` hears every choice. */
export function pickMap(box, chosen = () => {}) {
  const form = box.closest("form");
  const [lonName, latName] = box.dataset.pick.split(" ");
  const fields = [form.elements[lonName], form.elements[latName]];
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const middle = [Number(fields[1].value || box.dataset.lat), Number(fields[0].value || box.dataset.lon)];
  const map = L.map(box, { preferCanvas: true, attributionControl: false, zoomControl: true }).setView(middle, Number(box.dataset.zoom || 15));
  if (said.tiles) L.tileLayer(said.tiles, { maxZoom: 18 }).addTo(map);
  else {
    under(map, "rivers", { color: dark ? "#5f7fa8" : "#86a5c8", weight: 3 });
    under(map, "roads", { color: dark ? "#6d7079" : "#9a9ca5", weight: 2 });
  }
  const pin = L.circleMarker(middle, { radius: 11, color: "#0017c1", weight: 4, fillColor: "#ffffff", fillOpacity: 0.9 });

  function put(spot) {
    pin.setLatLng(spot).addTo(map);
    fields[0].value = spot.lng.toFixed(6);
    fields[1].value = spot.lat.toFixed(6);
    fields[0].dispatchEvent(new Event("input", { bubbles: true }));
    chosen(spot.lng, spot.lat);
  }

  function typed() {
    const [lon, lat] = fields.map((one) => Number(one.value));
    if (!lon || !lat) return;
    pin.setLatLng([lat, lon]).addTo(map);
    if (!map.getBounds().contains([lat, lon])) map.setView([lat, lon]);
  }

  map.on("click", (event) => put(event.latlng));
  for (const one of fields) one.addEventListener("change", typed);
  form.addEventListener("restored", typed);
  form.querySelector("[data-pick-middle]")?.addEventListener("click", () => put(map.getCenter()));
  typed();
  return { map, put };
}

for (const box of document.querySelectorAll(".pick-map")) box.pick = pickMap(box);
