// The page: fetch what changed, tell the list and the map, keep the clock running.

import { ageWords, clock, day, now, set } from "./clock.js";
import * as detail from "./detail.js";
import { write as writeLegend } from "./legend.js";
import { badgeWords, keyOf } from "./levels.js";
import * as list from "./list.js";
import { watch } from "./live.js";
import { HubMap } from "./map.js";
import * as shelters from "./shelters.js";
import { nameOf, said, t } from "./words.js";

const more = new Map();
const hub = { areas: [], stations: [], word: {}, map: new HubMap(detail.show, detail.learnPlace), drawn: "" };
window.hub = hub;

async function get(path) {
  const answer = await fetch(`${said.root}/api/${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** Fetch the situation and draw it. */
async function situation(word = hub.word) {
  const facts = await get("situation");
  set(facts.now);
  hub.areas = facts.areas.map((area) => ({ ...area, name_en: more.get(area.code)?.name_en }));
  hub.stations = facts.stations.map((station) => ({ ...more.get(station.id), ...station }));
  announce();
  detail.learn(hub.stations);
  hub.map.tell(hub.areas, hub.stations);
  list.tell(hub.areas, hub.stations, openFromList);
  hub.drawn = word.facts ?? "";
  await detail.refresh(hub.areas, hub.stations);
}

/** Fetch what does not change with every reading. */
async function layer(name) {
  if (name === "hazards") { hub.map.load(name, { stamp: hub.word.places }); return; }
  const geojson = await get(`layers/${name}.geojson`);
  if (name === "stations" || name === "areas") for (const f of geojson.features) more.set(f.properties.code ?? f.properties.id, f.properties);
  if (name !== "stations") hub.map.load(name, geojson);
  if (name === "shelters") shelters.tell(geojson, openFromList);
}

const wanted = { shelters: ["shelters"], hazards: ["depth", "planned", "waters", "collapse", "landslide"], roads: ["roads"], rivers: ["rivers"] };
const loaded = new Set();

async function shownLayers() {
  for (const [name, boxes] of Object.entries(wanted)) {
    if (!loaded.has(name) && boxes.some((box) => hub.map.shown.has(box))) { loaded.add(name); await layer(name); }
  }
}

let busy = Promise.resolve();

/** Take the hub's word: fetch only what it says has changed. */
function take(word) {
  const before = hub.word;
  hub.word = word;
  alarm(word.trouble);
  busy = busy.then(async () => {
    if (word.stations !== before.stations) await layer("stations");
    if (word.places !== before.places) { await layer("areas"); loaded.clear(); }
    if (word.facts !== before.facts || word.stations !== before.stations || word.places !== before.places) await situation(word);
    if (word.shelters && (word.shelters !== before.shelters || word.places !== before.places)) { loaded.add("shelters"); await layer("shelters"); }
    await shownLayers();
  }).catch((fault) => { hub.word = {}; console.warn(String(fault)); });
}

function openFromList(kind, thing) {
  if ((kind === "station" || kind === "shelter") && thing.lon !== null) hub.map.goTo(thing.lon, thing.lat);
  if (kind === "area") hub.map.goToArea(thing.code);
  detail.show(kind, thing);
}

/** Read a change of level aloud once: levels 4 and 5 at once, the others when there is a pause. */
const spoken = new Map();
function announce() {
  for (const area of hub.areas) {
    const key = keyOf(area.level);
    if (spoken.has(area.code) && spoken.get(area.code) !== key) {
      document.getElementById(area.level >= 4 ? "urgent" : "spoken").textContent = `${nameOf(area)} ${badgeWords(area.level, null)}`;
    }
    spoken.set(area.code, key);
  }
}

const alarmBox = document.getElementById("alarm");
let troubles = [];
let lostSince = null;

function alarm(list_ = troubles) {
  troubles = list_ ?? [];
  const lines = [];
  if (lostSince !== null) lines.push(t("更新が止まっています（%(at)sから）。表示は古い内容です。通信を確かめてください。", { at: new Date(lostSince).toTimeString().slice(0, 5) }));
  for (const { code, what, since } of troubles) {
    const at = since ? t("最後は %(at)s（%(age)s）。", { at: clock(Date.parse(since)), age: ageWords((now() - Date.parse(since)) / 1000) }) : code === "process" ? t("まだ動いていません。") : t("まだ一度も届いていません。");
    if (code === "store") lines.push(t("記録の読み書きができません。表示は最後に読めた内容です。"));
    if (code === "clock") lines.push(t("時計が合っていないおそれがあります。時刻と経過時間を信じすぎないでください。"));
    if (code === "source") lines.push(t("情報源「%(what)s」から応答がありません。%(at)s", { what, at }));
    if (code === "process" && what === "clock") lines.push(t("情報の取り込みが止まっています。%(at)s", { at }));
    if (code === "process" && what === "listen") lines.push(t("市のセンサーの受信が止まっています。%(at)s", { at }));
    if (code === "process" && what === "post") lines.push(t("職員への通知が止まっています。%(at)s", { at }));
  }
  const words = lines.join("\n");
  if (alarmBox.dataset.words === words) return;
  alarmBox.dataset.words = words;
  alarmBox.hidden = !lines.length;
  alarmBox.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
}

function state(kind, since) {
  const box = document.getElementById("live");
  box.dataset.state = kind;
  box.textContent = { live: t("自動更新中"), asking: t("数秒おきに更新中"), lost: t("更新が止まっています") }[kind];
  lostSince = kind === "lost" ? since : null;
  alarm();
}

function tick() {
  document.getElementById("clock").textContent = clock(now());
  document.getElementById("day").textContent = day(now());
  list.tick();
  shelters.tick();
}

for (const box of document.querySelectorAll("#layers input")) {
  box.addEventListener("change", () => {
    hub.map.show(box.dataset.layer, box.checked);
    writeLegend(hub.map.shown);
    busy = busy.then(shownLayers).catch((fault) => console.warn(String(fault)));
  });
}
document.getElementById("zoom-in").addEventListener("click", () => hub.map.map.zoomIn(1));
document.getElementById("zoom-out").addEventListener("click", () => hub.map.map.zoomOut(1));
document.getElementById("home").addEventListener("click", () => hub.map.home());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => writeLegend(hub.map.shown));

writeLegend(hub.map.shown);
tick();
setInterval(tick, 1000);
setInterval(() => hub.map.tick(), 2000);
watch({ word: take, state, alive: () => { busy = busy.then(() => situation()).catch((fault) => console.warn(String(fault))); } });
