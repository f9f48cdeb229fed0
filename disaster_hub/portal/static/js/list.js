// The list beside the map: it says the same, most urgent on top, one place a line.

import { ageOf, ageWords, when } from "./clock.js";
import { badgeWords, keyOf, RANK } from "./levels.js";
import { isStale, kindWord, markName, reached, trendWords, urgency, valueWords } from "./readings.js";
import { drawStation, palette } from "./symbols.js";
import { h, nameOf, said, t } from "./words.js";

const FIRST = 40;
const areasBox = document.getElementById("areas");
const stationsBox = document.getElementById("stations");
const more = document.getElementById("all-stations");
let all = false;
const seen = new Map();
const changed = new Set();

function remember(id, state) {
  if (seen.has(id) && seen.get(id) !== state) changed.add(id);
  seen.set(id, state);
}

function see(id, row) {
  changed.delete(id);
  row.querySelector(".changed")?.remove();
}

function mark(id) {
  return changed.has(id) ? h("span", { class: "changed" }, t("変化")) : null;
}

/** Words on the city's own observation of an area. */
function observedWords(area, stations) {
  if (!area.observed.length) return [t("観測点なし")];
  const count = (state) => area.observed.filter((o) => o.state === state).length;
  const parts = [];
  const silent = area.observed.filter((o) => o.state === "not_known" && wasHigh(stations.get(o.station))).length;
  if (silent) parts.push(t("高いまま途絶 %(n)s か所", { n: silent }));
  if (count("met")) parts.push(t("目安に到達 %(n)s か所", { n: count("met") }));
  if (count("near")) parts.push(t("目安に接近 %(n)s か所", { n: count("near") }));
  if (count("not_known") - silent) parts.push(t("不明 %(n)s か所", { n: count("not_known") - silent }));
  if (!parts.length) parts.push(t("すべて目安未満"));
  return [parts.join("・"), h("span", { class: "small" }, t("%(n)s か所で観測", { n: area.observed.length }))];
}

function wasHigh(station) {
  return Boolean(station) && station.value !== null && ["near", "met"].includes(reached(station));
}

/** The city's order, said even where there is none. */
export function orderWords(order) {
  if (!order) return [t("発令なし")];
  const name = { 3: t("高齢者等避難"), 4: t("避難指示"), 5: t("緊急安全確保") }[order.level];
  return [t("警戒レベル%(n)s %(name)s", { n: order.level, name }), h("span", { class: "small" }, t("%(at)sから", { at: when(order.since) }))];
}

/** What the offices say, with who said it and when; the words stay theirs. */
function officialWords(area) {
  const at = area.level === null && area.since ? t("最後の情報 %(at)s", { at: when(area.since) }) : null;
  return [
    badgeWords(area.level, null),
    h("span", { class: "small", lang: "ja" }, area.reason),
    at ? h("span", { class: "small" }, at) : null,
    h("span", { class: "small" }, t("確認"), " ", h("span", { "data-seconds": area.age_s ?? "" }, ageWords(area.age_s))),
  ];
}

function areaRow(area, stations, open) {
  const row = h("li", { "data-level": keyOf(area.level), "data-code": area.code });
  row.append(
    h("button", { type: "button", class: "open", onclick: () => { see(area.code, row); open("area", area); } },
      h("span", { class: "lv", "data-level": keyOf(area.level) }, badgeWords(area.level, area.level === null && area.since ? when(area.since) : null)),
      h("span", { class: "place" }, nameOf(area)),
      mark(area.code)),
    h("dl", { class: "three" },
      h("div", {}, h("dt", {}, t("市の避難情報")), h("dd", {}, orderWords(area.order))),
      h("div", {}, h("dt", {}, t("気象庁等の情報")), h("dd", {}, officialWords(area))),
      h("div", {}, h("dt", {}, t("市の観測")), h("dd", {}, observedWords(area, stations)))),
  );
  return row;
}

function symbol(station) {
  const size = 26;
  const ratio = window.devicePixelRatio || 1;
  const canvas = h("canvas", { width: size * ratio, height: size * ratio, "aria-hidden": "true" });
  canvas.style.width = canvas.style.height = `${size}px`;
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  drawStation(ctx, station, size / 2, size / 2, palette(), 8);
  return canvas;
}

function stationRow(station, open) {
  const over = reached(station);
  const old = isStale(station);
  const row = h("li", { "data-id": station.id });
  row.append(h("button", { type: "button", onclick: () => { see(station.id, row); open("station", station); } },
    symbol(station),
    h("span", { class: "what" },
      nameOf(station), " ",
      over ? h("span", { class: `mark${["danger", "flood", "met", "judgement"].includes(over) ? " strong" : ""}` }, t("%(mark)s以上", { mark: markName(over) })) : null, " ", mark(station.id),
      station.danger ? h("span", { class: "small wrong" }, station.danger) : null,
      h("span", { class: "small" }, kindWord(station), station.kind === "rain" ? "" : ` ${old ? t("傾向不明") : trendWords(station)}`)),
    h("span", { class: "reading" },
      h("span", { class: `value${old ? " hatched" : ""}` }, valueWords(station)),
      h("span", { class: "small" }, old ? `${t("古い値")} ` : "", h("span", { "data-at": station.at ?? "" }, ageWords(ageOf(station.at)))))));
  return row;
}

/** Write the list anew; the focus stays on its row. With `watch` false (the past) nothing counts as changed. */
export function tell(areas, stations, open, watch = true) {
  const focus = document.activeElement?.closest?.("[data-code],[data-id]");
  const held = focus ? focus.dataset.code ?? focus.dataset.id : null;
  const byId = new Map(stations.map((s) => [s.id, s]));
  for (const area of watch ? areas : []) remember(area.code, keyOf(area.level));
  for (const station of watch ? stations : []) remember(station.id, `${reached(station)}|${isStale(station)}`);
  const ordered = [...areas].sort((a, b) => RANK[keyOf(b.level)] - RANK[keyOf(a.level)] || (b.code === said.city) - (a.code === said.city));
  areasBox.replaceChildren(...ordered.map((area) => areaRow(area, byId, open)));
  const urgent = [...stations].sort((a, b) => urgency(b) - urgency(a) || a.name.localeCompare(b.name, "ja"));
  stationsBox.replaceChildren(...(all ? urgent : urgent.slice(0, FIRST)).map((station) => stationRow(station, open)));
  document.getElementById("station-count").textContent = t("%(n)s か所", { n: stations.length });
  more.hidden = all || urgent.length <= FIRST;
  more.textContent = t("すべて表示（%(n)s か所）", { n: stations.length });
  more.onclick = () => { all = true; tell(areas, stations, open, watch); };
  if (held) document.querySelector(`[data-code="${CSS.escape(held)}"] button, [data-id="${CSS.escape(held)}"] button`)?.focus({ preventScroll: true });
}

/** Let the ages run. */
export function tick() {
  for (const spot of stationsBox.querySelectorAll("[data-at]")) {
    const words = ageWords(spot.dataset.at ? ageOf(spot.dataset.at) : null);
    if (spot.textContent !== words) spot.textContent = words;
  }
}
