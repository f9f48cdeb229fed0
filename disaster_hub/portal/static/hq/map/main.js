// The desk's map: fetch what changed, tell the list and the map, in now or in the past.

import { now, set } from "../../js/clock.js";
import * as detail from "../../js/detail.js";
import * as list from "../../js/list.js";
import { nameOf, said } from "../../js/words.js";
import { DeskMap, middleOf } from "./deskmap.js";
import * as details from "./details.js";
import * as gauge from "./gauge.js";
import { addOwn, chosen, desk, keep, panel, settings, there, wish } from "./layers.js";
import * as legend from "./legend.js";
import * as lists from "./lists.js";
import * as past from "./past.js";
import * as search from "./search.js";
import * as tools from "./tools.js";

const shown = chosen();
const more = new Map();
const map = new DeskMap(open, detail.learnPlace, shown);
const hub = { areas: [], stations: [], things: { reports: [], closed: [], checks: [], shelters: [], cameras: [], sketches: [], orders: [] }, word: {}, map, past, drawn: "" };
window.hub = hub;
const filter = document.getElementById("filter");

function open(kind, thing) {
  if (kind === "many") { map.into(thing); return; }
  if (kind === "place" && map.found) map.pinAt(null);
  detail.show(kind, thing);
}

function openFromList(kind, thing) {
  if (kind === "area") map.goToArea(thing.code);
  else {
    const [lon, lat] = kind === "sketch" ? thing.spots[0] : kind === "closed" ? thing.middle : kind === "order" ? blockOf(thing.area) : [thing.lon, thing.lat];
    if (lon !== null && lon !== undefined) map.goTo(lon, lat);
  }
  detail.show(kind, thing);
}

function blockOf(code) {
  const found = map.grounds().find((f) => f.properties.code === code);
  return found?.geometry ? middleOf(found.geometry) : [null, null];
}

async function api(path) {
  const answer = await fetch(`${said.root}/api/${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

/** The public facts and the desk's own, at once. */
async function situation() {
  learn(...await asked());
}

const asked = () => Promise.all([api("situation"), desk("map/now.json")]);

function learn(facts, mine) {
  set(facts.now);
  hub.areas = facts.areas.map((area) => ({ ...area, name_en: more.get(area.code)?.name_en }));
  hub.stations = facts.stations.map((station) => ({ ...more.get(station.id), ...station, danger: dangerOf(mine.silent[station.id]) }));
  Object.assign(hub.things, { cameras: mine.cameras, sketches: mine.sketches, orders: mine.orders });
  detail.learn(hub.stations);
}

function dangerOf(silence) {
  return silence?.danger ? `不明＝危険側：${silence.reason}（${silence.since.slice(11, 16)}から値がありません）` : null;
}

const points = (geojson) => geojson.features.filter((f) => f.geometry).map((f) => ({ ...f.properties, id: f.properties.id ?? f.id, lon: f.geometry.coordinates[0], lat: f.geometry.coordinates[1] }));

async function closed() {
  const geojson = await desk("roads.geojson");
  hub.things.closed = geojson.features.filter((f) => f.geometry).map((f) => ({ ...f.properties, spots: f.geometry.type === "LineString" ? f.geometry.coordinates : f.geometry.coordinates.flat(), middle: middleOf(f.geometry) }));
}

/** What people at the desk change: asked again with every new row of the journal. */
async function deskLayers() {
  const jobs = [closed()];
  const { reports, checks, shelter_words: shelters } = settings.sources;
  if (reports) jobs.push(desk(reports).then((g) => { hub.things.reports = points(g); }));
  if (checks) jobs.push(desk(checks).then((g) => { hub.things.checks = points(g); }));
  if (shelters) jobs.push(desk(shelters).then((g) => { hub.things.shelters = points(g); map.states = new Map(hub.things.shelters.map((one) => [one.id, one])); }));
  for (const one of await Promise.allSettled(jobs)) if (one.status === "rejected") console.warn(String(one.reason));
}

const wanted = { shelters: ["shelters"], hazards: ["depth", "planned", "waters", "collapse", "landslide"], roads: ["roads"], rivers: ["rivers"] };
const loaded = new Set();

async function once(name, fetchIt) {
  if (loaded.has(name)) return;
  loaded.add(name);
  try { await fetchIt(); } catch (fault) { loaded.delete(name); console.warn(String(fault)); }
}

/** What is fetched only when it is shown. */
async function shownLayers() {
  for (const [name, boxes] of Object.entries(wanted)) if (boxes.some((box) => shown.has(box))) await once(name, async () => map.load(name, name === "hazards" ? { stamp: hub.word.places } : await api(`layers/${name}.geojson`)));
  if (there("blocks") && (shown.has("blocks") || shown.has("orders"))) await once("blocks", async () => map.put("blocks", (await desk("layers-of/blocks.geojson")).features));
  if (there("water_points") && shown.has("water_points")) await once("water_points", async () => map.put("water_points", points(await desk("layers-of/water_points.geojson"))));
}

let own = [];
async function ownLayers() {
  if (!settings.sources.own) return;
  own = (await desk(settings.sources.own)).layers.map((row) => ({ ...row, key: `own:${row.id}` }));
  for (const row of own) addOwn(row.key, row.name);
  map.putOwn(own);
  panel(shown, change);
}

/** Take only what changed in the chosen time; levels and gauges are never left out. */
function recent(name, things) {
  const span = Number(filter.value);
  if (past.shown) return then(name, things);
  if (!span) return things;
  const from = now() - span * 1000;
  return things.filter((one) => Date.parse(one.changed_at ?? one.counted_at ?? one.state_since ?? one.at ?? one.received_at ?? one.taken ?? one.since ?? 0) >= from);
}

/** What stood of one kind at the shown moment. */
function then(name, things) {
  const { iso, at, said: frames } = past.shown;
  if (name === "reports") return things.map((r) => ({ ...r, state: past.stateAt(frames.reports[r.id] ?? [[r.received_at ?? r.at, r.state]], iso) })).filter((r) => r.state);
  if (name === "closed") return things.filter((r) => past.stateAt(frames.roads[r.id], iso) === "closed");
  if (name === "shelters") return things.map((s) => ({ ...s, state: past.stateAt(frames.shelters[s.id], iso) ?? null, people: null, needs: null, counted_at: null, state_since: null }));
  if (name === "checks") return [];
  if (name === "cameras") return things.map((c) => ({ ...c, stale: true, silent: false, taken: null }));
  return things.filter((one) => Date.parse(one.at ?? one.since) <= at);
}

/** Draw everything as it stands, now or then. */
function draw() {
  const areas = past.shown ? past.areasThen(hub.areas) : hub.areas;
  const stations = past.shown ? past.stationsThen(hub.stations) : hub.stations;
  const things = Object.fromEntries(Object.entries(hub.things).map(([name, rows]) => [name, recent(name, rows)]));
  if (past.shown) things.closed = [...things.closed, ...hub.reopened.filter((r) => past.stateAt(past.shown.said.roads[r.id], past.shown.iso) === "closed")];
  for (const name of ["reports", "closed", "checks", "cameras", "sketches", "orders"]) map.put(name, things[name]);
  if (map.states.size) map.states = new Map((past.shown ? things.shelters : hub.things.shelters).map((one) => [one.id, one]));
  map.tell(areas, stations);
  list.tell(areas, stations, openFromList, !past.shown);
  lists.tell(things, shown, openFromList);
  hub.seen = { areas, stations, things };
  const words = document.getElementById("filter-words");
  words.hidden = !Number(filter.value) || Boolean(past.shown);
  words.textContent = `報告・通行止め・避難所などは「${filter.selectedOptions[0].textContent}」に変わったものだけを出しています。警戒レベルと水位は絞っていません。`;
}

hub.reopened = [];

/** Roads that were closed within the last day and are open now have a line in the past only. */
async function reopenedRoads() {
  if (!past.shown) return;
  const known = new Set([...hub.things.closed, ...hub.reopened].map((r) => r.id));
  const missing = Object.keys(past.shown.said.roads).filter((id) => !known.has(id));
  if (!missing.length) return;
  const geojson = await desk("map/reopened.geojson");
  hub.reopened = geojson.features.filter((f) => f.geometry).map((f) => ({ ...f.properties, spots: f.geometry.coordinates, middle: middleOf(f.geometry) }));
}

let busy = Promise.resolve();
let first = true;

function soon(job) {
  busy = busy.then(job).catch((fault) => { hub.word = {}; console.warn(String(fault)); });
}

async function stations() {
  for (const f of (await api("layers/stations.geojson")).features) more.set(f.properties.id, f.properties);
}

/** The areas first: they open the view, and the tiles of the hazard zones need nothing else. */
async function places(word) {
  const areas = await api("layers/areas.geojson");
  for (const f of areas.features) more.set(f.properties.code, f.properties);
  map.load("areas", areas);
  loaded.clear();
  if (wanted.hazards.some((box) => shown.has(box))) await once("hazards", () => map.load("hazards", { stamp: word.places }));
}

/** Tell whether a word says nothing that has not been taken already: the wire and the first question both bring it. */
const taken = (word) => ["facts", "desk", "places", "stations"].every((key) => hub.word[key] === word[key]);

/** Take the hub's word: fetch only what it says has changed. */
function take(word) {
  const before = hub.word;
  hub.word = word;
  soon(async () => {
    const desked = word.desk !== before.desk;
    const [facts] = await Promise.all([
      asked(),
      word.places !== before.places ? places(word) : null,
      word.stations !== before.stations ? stations() : null,
      desked ? deskLayers() : null,
      first || desked ? ownLayers().catch((fault) => console.warn(String(fault))) : null,
    ]);
    learn(...facts);
    draw();
    requestAnimationFrame(() => { hub.drawn = word.facts ?? "yes"; }); // the canvas is drawn in the next frame
    if (!past.shown) await detail.refresh(hub.areas, hub.stations);
    await shownLayers();
    first = false;
  });
}

function change(key, on) {
  map.show(key, on);
  legend.write(shown);
  draw();
  soon(shownLayers);
}

function goToStation(id) {
  const station = (hub.seen?.stations ?? hub.stations).find((one) => one.id === id);
  if (station) openFromList("station", station);
}

function known() {
  const named = (rows, kind, word, name = (r) => r.name) => rows.filter((r) => r.lon !== null && r.lon !== undefined).map((r) => ({ name: name(r), kind: word, lon: r.lon, lat: r.lat, open: [kind, r] }));
  return [...named(hub.stations, "station", "観測所", nameOf), ...named(hub.things.cameras, "camera", "カメラ"), ...named(hub.things.checks, "check", "重点確認箇所"), ...named(hub.things.shelters, "shelter", "避難所")];
}

details.sketches(() => { soon(async () => { await situation(); draw(); }); });
details.places(() => own.filter((row) => shown.has(row.key)), () => map.touched);
gauge.ready(goToStation);
panel(shown, change);
tools.ready(map, settings.draws, () => { soon(async () => { await situation(); draw(); }); });
search.ready(known, (row) => {
  map.goTo(row.lon, row.lat);
  map.pinAt({ lon: row.lon, lat: row.lat, name: row.name });
  if (row.open) detail.show(...row.open); else detail.close();
});
past.ready(() => { detail.close(); draw(); if (past.shown) soon(async () => { await reopenedRoads(); draw(); }); });
filter.value = String(wish("filter", 0));
filter.addEventListener("change", () => { keep({ filter: Number(filter.value) }); draw(); });
const layers = document.getElementById("layers");
const roomy = matchMedia("(min-width: 901px)").matches;
layers.open = roomy && wish("panel", matchMedia("(min-width: 1700px)").matches);
layers.querySelector("summary").addEventListener("click", () => { if (roomy) keep({ panel: !layers.open }); });
layers.addEventListener("toggle", () => map.top.redraw());
document.getElementById("zoom-in").addEventListener("click", () => map.map.zoomIn(1));
document.getElementById("zoom-out").addEventListener("click", () => map.map.zoomOut(1));
document.getElementById("home").addEventListener("click", () => map.home());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => legend.write(shown));
document.addEventListener("word", ({ detail: { word, changed, first: again } }) => { if ((changed || again || first) && !taken(word)) take(word); });
api("live?once").then((word) => { if (first && !taken(word)) take(word); }).catch((fault) => console.warn(String(fault))); // the wire may have spoken before this script was there
legend.write(shown);
setInterval(() => { list.tick(); lists.tick(); }, 1000);
setInterval(() => map.tick(), 5000);
setInterval(() => { if (!first && !past.shown) soon(async () => { await situation(); draw(); }); }, 30000);
