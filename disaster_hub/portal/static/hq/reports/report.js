// One report: its spot on the map; a touch moves the pin, and the form says so.

import { spotMap } from "./spotmap.js";

const form = document.getElementById("words-form");
const box = document.getElementById("map");
const map = spotMap(box, (lon, lat) => {
  if (!form) return;
  form.elements.lon.value = lon.toFixed(6);
  form.elements.lat.value = lat.toFixed(6);
  form.dispatchEvent(new Event("change"));
});
const spot = form ? [form.elements.lon.value, form.elements.lat.value] : [box.dataset.lon, box.dataset.lat];
map.put(Number(spot[0]), Number(spot[1]));
