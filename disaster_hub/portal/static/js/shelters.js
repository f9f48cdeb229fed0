// Shelters as the city says they stand now; of which nothing is said: not known, which is neither open nor shut.

import { ageOf, ageWords } from "./clock.js";
import { h, t } from "./words.js";

const ORDER = ["open", "filling", "full", "closed"];
const MOST = 40;

export function stateWord(state) {
  return { open: t("開設中"), filling: t("混んでいます"), full: t("満員"), closed: t("閉鎖") }[state] ?? t("不明");
}

/** What the detail of a shelter says of its state. */
export function stateLine(shelter) {
  if (!shelter.state) return h("p", { class: "wrong" }, t("いま開いているかどうかは分かりません。"));
  return h("p", { class: "shelter-now" }, h("strong", {}, stateWord(shelter.state)), " ", h("span", { "data-since": shelter.state_since }, ageWords(ageOf(shelter.state_since))));
}

/** Write the list: open ones first; a building that stands there twice is one. */
export function tell(geojson, open) {
  const list = document.getElementById("shelters");
  const known = new Map();
  for (const f of geojson.features) {
    if (!f.properties.state || !f.geometry) continue;
    const key = `${f.properties.name} ${f.properties.state}`;
    if (!known.has(key) || f.properties.designation === "emergency") known.set(key, { ...f.properties, lon: f.geometry.coordinates[0], lat: f.geometry.coordinates[1] });
  }
  const rows = [...known.values()].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name, "ja"));
  list.replaceChildren(...rows.slice(0, MOST).map((one) => h("li", { "data-state": one.state },
    h("button", { type: "button", onclick: () => open("shelter", one) }, h("strong", { class: "state" }, stateWord(one.state)), h("span", { lang: "ja" }, one.name),
      h("span", { class: "small", "data-since": one.state_since }, ageWords(ageOf(one.state_since)))))));
  document.getElementById("shelters-part").hidden = !rows.length;
}

/** Keep the ages true. */
export function tick() {
  for (const one of document.querySelectorAll("[data-since]")) one.textContent = ageWords(ageOf(one.dataset.since));
}
