// What can be shown, in groups; what this person chose is remembered with their account.

import { h, said } from "../../js/words.js";

export const settings = JSON.parse(document.getElementById("desk-settings").textContent);
const token = document.getElementById("token").value;

/** Every layer: its group, its name, where its facts come from; one whose source is not there does not show. */
const ALL = [
  ["警戒・避難情報", [["areas", "警戒レベル（地域・河川）"], ["orders", "市の避難情報（発令中）", "orders"], ["blocks", "避難区域", "blocks"]]],
  ["水位・雨量・カメラ", [["stations", "水位・雨量の観測所"], ["cameras", "カメラ", "cameras"]]],
  ["被害・道路・重点確認", [["reports", "被害・状況の報告", "reports"], ["closed", "通行止め"], ["checks", "重点確認箇所", "checks"], ["sketches", "本部で描いたもの"]]],
  ["避難所", [["shelters", "避難場所・避難所"]]],
  ["危険区域", [["depth", "洪水浸水想定（最大規模）"], ["planned", "洪水浸水想定（計画規模）"], ["waters", "高潮・津波・内水"], ["collapse", "家屋倒壊等氾濫想定"], ["landslide", "土砂災害警戒区域"]]],
  ["消防水利・施設", [["water_points", "消防水利", "water_points"]]],
  ["部局の地図", []],
  ["土台", [["rivers", "川"], ["roads", "道路"]]],
];
const FIRST = ["areas", "orders", "stations", "cameras", "reports", "closed", "checks", "sketches", "shelters", "rivers", "roads"];

/** Tell whether a source is there at all. */
export function there(name) {
  return Boolean(settings.sources[name]) || settings.loaded.includes(name) || (name === "cameras" && settings.cameras);
}

const groups = ALL.map(([title, rows]) => [title, rows.filter(([, , needs]) => !needs || there(needs))]);
const wishes = settings.wishes;

/** The layers that are shown at the opening: this person's last choice, else the common one. */
export function chosen() {
  return new Set(wishes.shown ?? FIRST);
}

/** Add a department's own layer to its group. */
export function addOwn(key, title) {
  const group = groups.find(([name]) => name === "部局の地図");
  if (!group[1].some(([known]) => known === key)) group[1].push([key, title]);
}

/** The name of a layer. */
export function titleOf(key) {
  for (const [, rows] of groups) for (const [one, title] of rows) if (one === key) return title;
  return key;
}

/** Write the panel; `change(key, on)` is told of each choice. */
export function panel(shown, change) {
  const box = document.getElementById("groups");
  box.replaceChildren(...groups.filter(([, rows]) => rows.length).map(([title, rows]) =>
    h("fieldset", {}, h("legend", {}, title), rows.map(([key, words]) =>
      h("label", {}, h("input", { type: "checkbox", "data-layer": key, checked: shown.has(key), onchange: (event) => { change(key, event.target.checked); keep({ shown: [...shown] }); } }), words)))));
}

let waiting = null;

/** Remember a choice with the account; several in a row are one request. */
export function keep(more) {
  Object.assign(wishes, more);
  clearTimeout(waiting);
  waiting = setTimeout(send, 400);
}

async function send() {
  waiting = null;
  try {
    const answer = await fetch(`${said.root}/hq/map/wishes`, { method: "PUT", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify(wishes), keepalive: true });
    if (!answer.ok) console.warn(`wishes: ${answer.status}`);
    else document.getElementById("groups").dataset.kept = String(Date.now());
  } catch (fault) { console.warn(String(fault)); }
}
addEventListener("pagehide", () => { if (waiting !== null) { clearTimeout(waiting); send(); } });

/** What was chosen besides the layers. */
export function wish(name, otherwise) {
  return wishes[name] ?? otherwise;
}

/** Ask the desk. */
export async function desk(path, more = {}) {
  const headers = more.method && more.method !== "GET" ? { "X-CSRFToken": token, "Content-Type": "application/json" } : {};
  const answer = await fetch(path.startsWith("/") ? path : `${said.root}/hq/${path}`, { cache: "no-store", ...more, headers });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}
