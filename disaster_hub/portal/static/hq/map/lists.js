// Beside the map: the same things in words, for those who cannot use a map, and for a quick look.

import { ageOf, ageWords, when } from "../../js/clock.js";
import { h } from "../../js/words.js";

export const KIND = { flooded_road: "道路の冠水", blocked_road: "道路の通行支障", flooded_house: "家屋の浸水", landslide: "土砂崩れ", levee: "堤防の異常", rescue: "救助", fire: "火災", power: "停電", water_supply: "断水", damage: "その他の被害", other: "その他" };
export const STATE = { received: "受付", confirmed: "確認", working: "対応中", done: "対応済", closed: "完了", joined: "統合", mistaken: "誤報" };
export const SHELTER = { open: "開設", filling: "混んでいる", full: "満員", closed: "閉鎖" };
const FIRST = 30;
const box = document.getElementById("more-lists");
const all = new Set();

function age(iso) { return iso ? h("span", { class: "small", "data-since": iso }, ageWords(ageOf(iso))) : h("span", { class: "small" }, "時刻不明"); }

const ROWS = {
  reports: ["報告", "report", (r) => [[r.number ? `No.${r.number} ` : "", r.kind_name ?? KIND[r.kind] ?? "報告", " ", h("span", { class: "tag" }, STATE[r.state] ?? r.state ?? "")], r.place ?? "", r.changed_at ?? r.received_at ?? r.at]],
  closed: ["通行止め", "closed", (r) => [[r.name], r.because || "理由の記載なし", r.at]],
  checks: ["重点確認箇所", "check", (r) => [[r.name, " ", r.overdue ? h("span", { class: "tag strong" }, "確認の時刻超過") : null], r.who ?? "", r.seen_at ?? r.at ?? null]],
  shelters: ["避難所", "shelter", (r) => [[r.name, " ", h("span", { class: `tag${r.state && r.state !== "open" ? " strong" : ""}` }, SHELTER[r.state] ?? "開設の情報なし")], [r.people !== undefined && r.people !== null ? `${r.people}人` : "", r.needs ? `要請 ${r.needs}件` : ""].filter(Boolean).join("・"), r.counted_at ?? r.state_since ?? null]],
  cameras: ["カメラ", "camera", (r) => [[r.name, " ", r.silent ? h("span", { class: "tag strong" }, "応答なし") : r.stale ? h("span", { class: "tag" }, r.still ? "古い画像" : "画像なし") : null], "", r.taken]],
  sketches: ["本部で描いたもの", "sketch", (r) => [[r.label], r.who, r.at]],
  orders: ["市の避難情報（発令中）", "order", (r) => [[r.area_name, " ", h("span", { class: "lv", "data-level": r.level }, r.words)], "", r.since]],
};
const ORDER = ["orders", "reports", "closed", "checks", "shelters", "cameras", "sketches"];

/** Write the lists of what is shown; `open(kind, thing)` is told which was chosen. */
export function tell(things, shown, open) {
  const focus = document.activeElement?.closest?.("[data-thing]")?.dataset.thing;
  const opened = new Map([...box.querySelectorAll("details")].map((one) => [one.dataset.list, one.open]));
  box.replaceChildren(...ORDER.filter((name) => shown.has(name) && things[name]).map((name) => {
    const [title, kind, row] = ROWS[name];
    const rows = things[name];
    const first = all.has(name) ? rows : rows.slice(0, FIRST);
    const more = rows.length > first.length ? h("p", {}, h("button", { type: "button", class: "button", onclick: () => { all.add(name); tell(things, shown, open); } }, `すべて表示（${rows.length}件）`)) : null;
    return h("details", { "data-list": name, open: opened.get(name) ?? true },
      h("summary", {}, h("strong", {}, title), h("span", { class: "count" }, ` ${rows.length}件`)),
      rows.length ? h("ol", { class: "things" }, first.map((thing) => line(kind, thing, row(thing), open))) : h("p", { class: "small" }, "この時間・この層にはありません。"), more);
  }));
  if (focus) box.querySelector(`[data-thing="${CSS.escape(focus)}"] button`)?.focus({ preventScroll: true });
}

function line(kind, thing, [words, more, at], open) {
  return h("li", { "data-thing": `${kind}:${thing.id ?? thing.area}` }, h("button", { type: "button", onclick: () => open(kind, thing) },
    h("span", { class: "what" }, ...words.filter(Boolean), more ? h("span", { class: "small" }, more) : null), age(at)));
}

/** Let the ages run. */
export function tick() {
  for (const one of box.querySelectorAll("[data-since]")) one.textContent = ageWords(ageOf(one.dataset.since));
}

/** 17:25（35分前） */
export function whenWords(iso) { return iso ? `${when(iso)}（${ageWords(ageOf(iso))}）` : "時刻不明"; }
