// What a click opens: who said so, when and what; a curve; or what is known of a spot.

import { ageOf, ageWords, when } from "./clock.js";
import { draw, table } from "./chart.js";
import { badgeWords, hazardWord, keyOf } from "./levels.js";
import { orderWords } from "./list.js";
import { isStale, kindWord, markName, quantityWord, reached, trendWords, valueWords } from "./readings.js";
import { stateLine } from "./shelters.js";
import { h, nameOf, said, t } from "./words.js";

const box = document.getElementById("detail");
let back = null;
let open = null;
/** What other pages add: a function (thing, quiet) for each kind of thing. */
export const kinds = {};

/** Close it and give the focus back. */
export function close() {
  box.hidden = true;
  open = null;
  back?.focus?.();
}

/** Tell what is open: its kind and id, or null. */
export function opened() {
  return open;
}

/** Write the detail: a title and what stands below it. */
export function fill(title, ...content) {
  box.replaceChildren(
    h("div", { class: "head" }, h("h2", {}, title), h("button", { type: "button", class: "square", "aria-label": t("閉じる"), onclick: close }, "✕")),
    ...content.flat().filter(Boolean));
}

/** Open the detail of a `kind` of thing. */
export async function show(kind, thing) {
  if (box.hidden) back = document.activeElement;
  open = { kind, id: thing.code ?? thing.id ?? null };
  box.hidden = false;
  if (kinds[kind]) await kinds[kind](thing, false);
  else if (kind === "area") await showArea(thing);
  else if (kind === "station") await showStation(thing);
  else if (kind === "shelter") showShelter(thing);
  else showPlace(thing);
  box.scrollTop = 0;
  box.focus({ preventScroll: true });
}

/** Bring what is open up to the newest facts, without moving the reader. */
export async function refresh(areas, stations) {
  if (!open) return;
  const place = box.scrollTop;
  const area = open.kind === "area" ? areas.find((a) => a.code === open.id) : null;
  const station = open.kind === "station" ? stations.find((s) => s.id === open.id) : null;
  if (area) await showArea(area, true);
  if (station) await (kinds.station ?? showStation)(station, true);
  box.scrollTop = place;
}

/** Ask the public facts. */
export async function ask(path) {
  const answer = await fetch(`${said.root}/api/${path}`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

async function showArea(area, quiet = false) {
  if (!quiet) fill(nameOf(area), h("p", {}, t("読み込んでいます")));
  let more;
  try { more = await ask(`areas/${encodeURIComponent(area.code)}`); } catch { fill(nameOf(area), failed()); return; }
  if (open?.id !== area.code) return;
  fill(nameOf(area),
    h("p", {}, h("span", { class: "lv", "data-level": keyOf(area.level) }, badgeWords(area.level, area.level === null && area.since ? when(area.since) : null))),
    h("h3", {}, t("市の避難情報")), h("p", {}, orderWords(area.order)),
    h("h3", {}, t("気象庁等の情報")), h("p", { lang: "ja" }, area.reason),
    h("p", { class: "small" }, area.issuer ? h("span", { lang: "ja" }, `${area.issuer} `) : "", area.since ? t("%(at)sから", { at: when(area.since) }) : "", area.until ? ` ${t("%(at)sまで", { at: when(area.until) })}` : "", ` ${t("確認")} ${ageWords(area.age_s)}`),
    more.words.length ? wordsTable(more.words) : null,
    h("h3", {}, t("市の観測")), area.observed.length ? observedList(area.observed) : h("p", {}, t("観測点なし")),
    h("h3", {}, t("これまでの変化")), more.changes.length ? changesTable(more.changes) : h("p", {}, t("まだありません")));
}

function wordsTable(words) {
  return h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, t("災害")), h("th", {}, t("情報")), h("th", {}, t("発表")))),
    h("tbody", {}, words.map((w) => h("tr", {},
      h("th", { scope: "row" }, hazardWord(w.hazard)),
      h("td", {}, w.level === 0 ? h("span", { lang: "ja" }, w.name || t("発表なし")) : [h("span", { class: "lv", "data-level": keyOf(w.level) }, w.level === null ? t("不明") : String(w.level)), " ", h("span", { lang: "ja" }, w.name)]),
      h("td", {}, h("span", { lang: "ja" }, w.issuer), h("span", { class: "small" }, when(w.confirmed)))))));
}

function changesTable(changes) {
  return h("table", {}, h("tbody", {}, changes.map((c) => h("tr", {},
    h("td", {}, when(c.at)),
    h("td", {}, h("span", { class: "lv", "data-level": keyOf(c.before) }, c.before === null ? t("不明") : String(c.before)), " → ", h("span", { class: "lv", "data-level": keyOf(c.after) }, c.after === null ? t("不明") : String(c.after))),
    h("td", { lang: "ja" }, c.reason, h("span", { class: "small" }, c.issuer))))));
}

function observedList(observed) {
  const words = { met: t("目安に到達"), near: t("目安に接近"), not_met: t("目安未満"), not_known: t("不明") };
  return h("ul", {}, observed.map((o) => h("li", {}, h("strong", {}, words[o.state]), ` ${names.get(o.station) ?? o.station} `, o.since ? h("span", { class: "small" }, t("%(at)sから", { at: when(o.since) })) : "")));
}

const names = new Map();

/** Learn the names of stations. */
export function learn(stations) {
  for (const station of stations) names.set(station.id, nameOf(station));
}

async function showStation(station, quiet = false) {
  const over = reached(station);
  const old = isStale(station);
  const head = [
    h("p", { class: "small" }, kindWord(station), " ・ ", quantityWord(station.quantity)),
    h("p", {}, h("span", { class: `big-value${old ? " hatched" : ""}` }, valueWords(station)), " ", station.kind === "rain" ? "" : old ? t("傾向不明") : trendWords(station)),
    h("p", {}, `${when(station.at)}（${ageWords(ageOf(station.at))}）`),
    old ? h("p", { class: "wrong" }, over ? t("値が古くなっています。高いまま途絶えているため、危険側とみてください。") : t("値が古くなっています。いまの水位は分かりません。")) : null,
    over ? h("p", {}, h("span", { class: "mark strong" }, t("%(mark)s以上", { mark: markName(over) }))) : null,
  ];
  if (!quiet) fill(nameOf(station), head, h("p", {}, t("読み込んでいます")));
  let series;
  try { series = await ask(`stations/${encodeURIComponent(station.id)}/series`); } catch { fill(nameOf(station), head, failed()); return; }
  if (open?.id !== station.id) return;
  const datum = station.quantity === "water_level" ? h("p", { class: "note" }, t("高さの基準：この観測所の零点からの高さです。ほかの観測所の値とは比べられません。")) : null;
  const ahead = series.forecast.length ? h("p", { class: "note" }, t("点線は発表者の予測です（%(at)s発表）。", { at: when(series.forecast[0].issued_at) })) : null;
  fill(nameOf(station), head, h("h3", {}, t("24時間の変化")), draw(series, box.clientWidth - 36), ahead, datum, table(series),
    h("p", { class: "note" }, t("提供元"), `: ${station.own ? t("市") : station.source} ・ `, t("観測所番号"), ` ${station.id}`));
}

function showShelter(shelter) {
  const kinds = { flood: t("洪水"), landslide: t("土砂災害"), surge: t("高潮"), earthquake: t("地震"), tsunami: t("津波"), fire: t("大規模な火事"), inland: t("内水氾濫"), volcano: t("火山現象") };
  const emergency = shelter.designation === "emergency";
  fill(shelter.name, h("p", {}, emergency ? t("指定緊急避難場所（命を守るために逃げる所）") : t("指定避難所（しばらく過ごす所）")),
    h("p", { lang: "ja" }, shelter.address ?? t("住所不明")),
    emergency ? h("table", {}, h("tbody", {}, Object.entries(kinds).map(([key, word]) => h("tr", {}, h("th", { scope: "row" }, word), h("td", {}, shelter[key] ? t("○ 使える") : t("✕ 指定なし（この災害では行かない）")))))) : h("p", { class: "note" }, t("災害の種類ごとの指定は、この資料にはありません。")),
    stateLine(shelter));
}

/** Say more of the spot that is open; whoever has opened something else meanwhile is left alone. */
export function learnPlace(_kind, place) { if (open?.kind === "place") (kinds.place ?? showPlace)(place); }

/** What is known of a spot. */
export function showPlace({ areas, hazards, hazardsLoaded }) {
  const depth = { 1: t("0.5 m未満（大人のひざまで）"), 2: t("0.5〜3 m（1階の天井まで）"), 3: t("3〜5 m（2階の床より上）"), 4: t("5〜10 m（2階の天井より上）"), 5: t("10〜20 m"), 6: t("20 m以上") };
  const waters = { surge: t("高潮で浸水する深さ"), tsunami: t("津波で浸水する深さ"), inland: t("内水（雨水）で浸水する深さ") };
  const span = (p) => (p.low_m === null && p.high_m === null ? t("不明") : p.high_m === null ? t("%(low)s m以上", { low: p.low_m }) : `${p.low_m ?? 0}〜${p.high_m} m`);
  const words = hazards.map(({ properties: p }) => {
    if (p.rank_kind === "depth" && waters[p.hazard]) return `${waters[p.hazard]}: ${span(p)}`;
    if (p.rank_kind === "depth") return `${p.scale === "maximum" ? t("最大規模の洪水で浸水する深さ") : t("計画規模の洪水で浸水する深さ")}: ${depth[p.rank] ?? t("不明")}`;
    if (p.rank_kind === "collapse") return p.rank === 2 ? t("岸が削られて家が倒れるおそれ") : t("川の流れで家が倒れるおそれ");
    if (p.rank_kind === "landslide") return `${p.phenomenon} ${p.zone}`;
    return null;
  }).filter(Boolean);
  const known = hazardsLoaded ? t("この地点の情報はありません。安全という意味ではありません。") : t("浸水想定や土砂災害の区域は「表示する情報」で選ぶと調べられます。");
  fill(t("この地点"),
    areas.length ? h("p", {}, areas.map((a) => nameOf(a.properties)).join("・")) : h("p", {}, t("市町村の区域の情報はありません。")),
    h("h3", {}, t("ここで起こりうること")),
    words.length ? h("ul", {}, [...new Set(words)].map((w) => h("li", {}, w))) : h("p", {}, known));
}

/** Say that nothing came. */
export function failed() {
  return h("p", { class: "wrong" }, t("読み込めませんでした。表示中の値はそのままです。通信を確かめて、もう一度押してください。"));
}

box.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
