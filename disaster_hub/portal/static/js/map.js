// The map: folium made its frame, this draws on it. Areas below, water and roads above, readings on top.

import { anyShown, hazardTiles } from "./hazards.js";
import { badgeWords, FILL, keyOf, levelWord, RANK } from "./levels.js";
import { ageOf, ageWords } from "./clock.js";
import { arrow, isStale, reached, urgency, valueWords } from "./readings.js";
import { chipLook, drawShelter, drawStation, hatch, label, palette, Taken } from "./symbols.js";
import { nameOf, said, t } from "./words.js";

const L = window.L;
const FONT = '"BIZ UDPGothic","Hiragino Sans","Noto Sans JP","Noto Sans CJK JP",sans-serif';
const TINT = { 5: 0.62, 4: 0.42, 3: 0.42, 2: 0.5, 1: 0.4, 0: 0.25, unknown: 1 };
const TAP = 22;

/** A canvas of our own above the shapes; redrawn whole, once a frame at most, however often somebody asks. */
const Top = L.Renderer.extend({
  initialize(draw) { L.Renderer.prototype.initialize.call(this, { padding: 0.15, pane: "hubTop" }); this._draw = draw; },
  _initContainer() { this._container = document.createElement("canvas"); this._container.setAttribute("aria-hidden", "true"); this._ctx = this._container.getContext("2d"); },
  _destroyContainer() { cancelAnimationFrame(this._frame); this._frame = 0; this._container.remove(); },
  _updatePaths() {},
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const ratio = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = ratio * size.x; this._container.height = ratio * size.y;
    this._container.style.width = `${size.x}px`; this._container.style.height = `${size.y}px`;
    this.redraw();
  },
  redraw() { if (!this._frame && this._bounds) this._frame = requestAnimationFrame(() => { this._frame = 0; this._now(); }); },
  _now() {
    if (!this._bounds || !this._map) return;
    const ratio = window.devicePixelRatio || 1;
    const ctx = this._ctx;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this._container.width, this._container.height);
    ctx.setTransform(ratio, 0, 0, ratio, -this._bounds.min.x * ratio, -this._bounds.min.y * ratio);
    this._draw(ctx, this._bounds);
  },
});

export class HubMap {
  constructor(onOpen, onLearn = null) {
    this.map = window.hubMap;
    this.onOpen = onOpen; this.onLearn = onLearn;
    this.areas = new Map(); this.stations = []; this.shelters = [];
    this.shapes = { areas: null, rivers: null, roads: null, hazards: null };
    this.shown = new Set(["areas", "stations", "rivers", "roads"]);
    this.drawn = new Map();
    this.layers = {};
    this._panes();
    this.top = new Top((ctx, bounds) => this._drawTop(ctx, bounds)).addTo(this.map);
    this.map.on("dragstart zoomstart", () => { if (this.opened && !this.fitting) this.moved = true; });
    new ResizeObserver(() => { this.map.invalidateSize({ animate: false }); if (!this.moved) this._openView(); }).observe(this.map.getContainer());
    this.map.on("click", (event) => this._click(event));
    this.map.on("mousemove", (event) => { this.map.getContainer().style.cursor = this._near(event.layerPoint) ? "pointer" : ""; });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.restyle());
    const box = this.map.getContainer();
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", t("地図。矢印キーで動き、＋と−で大きさが変わります。同じ内容が一覧にあります。"));
  }

  _panes() {
    this.renderers = {};
    ["land", "tint", "hazard", "road", "river", "border"].forEach((name, at) => {
      const pane = this.map.createPane(`hub-${name}`);
      pane.style.zIndex = String(300 + 10 * at); pane.style.pointerEvents = "none";
      this.renderers[name] = L.canvas({ padding: 0.3, pane: `hub-${name}` });
    });
    const top = this.map.createPane("hubTop");
    top.style.zIndex = "450"; top.style.pointerEvents = "none";
    if (said.tiles) L.tileLayer(said.tiles, { maxZoom: 18 }).addTo(this.map);
  }

  /** Take what the situation says now. */
  tell(areas, stations) {
    const before = [...this.areas.values()].map((a) => `${a.code}${a.level}`).join();
    this.areas = new Map(areas.map((area) => [area.code, area]));
    this.stations = stations.filter((s) => s.lon !== null && s.lat !== null).sort((a, b) => urgency(b) - urgency(a));
    if ([...this.areas.values()].map((a) => `${a.code}${a.level}`).join() !== before) this._drawAreas();
    this.top.redraw();
  }

  /** Take a layer's shapes. */
  load(name, geojson) {
    if (name === "shelters") {
      this.shelters = geojson.features.filter((f) => f.geometry).map((f) => ({ ...f.properties, lon: f.geometry.coordinates[0], lat: f.geometry.coordinates[1] }));
      this.top.redraw();
      return;
    }
    if (name === "hazards") {
      const before = this.shapes.hazards?.stamp;
      this.shapes.hazards = geojson;
      this._drawHazards();
      if (before && before !== geojson.stamp) this.zones?.renew();
      return;
    }
    for (const feature of geojson.features) feature.box = boxOf(feature.geometry);
    this.shapes[name] = geojson;
    if (name === "areas") { this._drawAreas(); if (!this.moved) this._openView(); }
    if (name === "rivers") { this._drawRivers(); this._drawAreas(); }
    if (name === "roads") this._drawRoads();
  }

  show(name, on) {
    if (on) this.shown.add(name); else this.shown.delete(name);
    this.restyle();
  }

  restyle() { this._drawAreas(); this._drawRivers(); this._drawRoads(); this._drawHazards(); this.top.redraw(); }

  /** Redraw ages. */
  tick() { this.top.redraw(); }

  /** Bring a spot to the middle of what the open detail leaves free. */
  goTo(lon, lat) {
    this.moved = true;
    const zoom = Math.max(this.map.getZoom(), 14);
    const hidden = matchMedia("(min-width: 901px)").matches ? Math.min(500, this.map.getSize().x / 2) : 0;
    const spot = this.map.project([lat, lon], zoom).add([hidden / 2, 0]);
    this.map.setView(this.map.unproject(spot, zoom), zoom, { animate: false });
  }

  goToArea(code) {
    const box = this.shapes.areas?.features.find((f) => f.properties.code === code)?.box;
    this.moved = true;
    if (box) this.map.fitBounds(box, { padding: [30, 30], maxZoom: 14, animate: false });
  }

  home() { this.goToArea(said.city); }

  _openView() {
    const watched = (this.shapes.areas?.features ?? []).filter((f) => f.properties.watched && f.box);
    watched.sort((a, b) => RANK[keyOf(this.areas.get(b.properties.code)?.level)] - RANK[keyOf(this.areas.get(a.properties.code)?.level)] || (b.properties.code === said.city) - (a.properties.code === said.city));
    if (!watched.length) return;
    this.fitting = true;
    this.map.fitBounds(watched[0].box, { padding: [24, 24], maxZoom: 14, animate: false });
    this.fitting = false;
    this.opened = true;
  }

  _put(name, geojson, options) {
    this.layers[name]?.remove();
    this.layers[name] = null;
    if (geojson) this.layers[name] = L.geoJSON(geojson, { interactive: false, ...options }).addTo(this.map);
  }

  _drawAreas() {
    const shapes = this.shapes.areas;
    if (!shapes) return;
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const pen = document.createElement("canvas").getContext("2d");
    const known = (f) => f.geometry && f.geometry.type.includes("Polygon");
    const watched = (f) => f.geometry && this.areas.has(f.properties.code) && this.shown.has("areas");
    const level = (f) => keyOf(this.areas.get(f.properties.code)?.level);
    const land = dark ? "#23252c" : "#fbfbf8";
    this._put("land", shapes, { filter: known, style: { renderer: this.renderers.land, pane: "hub-land", stroke: true, color: dark ? "#6d7079" : "#8b8e97", weight: 1, fill: true, fillColor: land, fillOpacity: said.tiles ? 0 : 1 } });
    this._put("tint", shapes, {
      filter: (f) => known(f) && watched(f) && level(f) !== "0",
      style: (f) => {
        const key = level(f);
        const unknown = hatch(pen, dark ? "#8d9099" : "#a5a7ae", dark ? "#3a3d45" : "#e4e5ea", 3, 12);
        return { renderer: this.renderers.tint, pane: "hub-tint", stroke: false, fill: true, fillColor: key === "unknown" ? unknown : FILL[key], fillOpacity: TINT[key] };
      },
    });
    const line = (f, wide) => ({ renderer: this.renderers.border, pane: "hub-border", fill: false, lineJoin: "round", color: wide ? (dark ? "#ffffff" : "#1a1a1c") : level(f) === "unknown" ? "#d9dade" : FILL[level(f)], weight: wide ? 7 : 4, dashArray: !wide && level(f) === "unknown" ? "8 6" : null });
    const bordered = (f) => watched(f) && level(f) !== "0";
    this._put("casing", shapes, { filter: bordered, style: (f) => line(f, true) });
    this._put("border", shapes, { filter: bordered, style: (f) => line(f, false) });
    this.top.redraw();
  }

  _drawRivers() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const on = this.shown.has("rivers") ? this.shapes.rivers : null;
    this._put("rivers", on, { style: (f) => ({ renderer: this.renderers.river, pane: "hub-river", color: dark ? "#4f6b8f" : "#86a5c8", weight: f.properties.area ? 5 : f.properties.waterway === "river" ? 3 : 1.5, fill: f.geometry.type.includes("Polygon") }) });
  }

  _drawRoads() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const wide = { motorway: 3.5, trunk: 3.5, primary: 3, secondary: 2.5, tertiary: 2 };
    const on = this.shown.has("roads") ? this.shapes.roads : null;
    this._put("roads", on, { style: (f) => ({ renderer: this.renderers.road, pane: "hub-road", color: dark ? "#6a6d75" : "#a3a5ac", weight: wide[f.properties.highway] ?? 1 }) });
  }

  _drawHazards() {
    const on = this.shapes.hazards && anyShown(this.shown);
    if (!on) { this.zones?.remove(); return; }
    this.zones ??= hazardTiles(said.root, () => this.shapes.hazards.stamp, () => this.shown, "hub-hazard", this.ahead);
    if (this.map.hasLayer(this.zones)) this.zones.restyle(); else this.zones.addTo(this.map);
  }

  _drawTop(ctx, bounds) {
    const colours = palette();
    const taken = new Taken(this._covered());
    const point = (lon, lat) => this.map.latLngToLayerPoint([lat, lon]);
    const inside = (p) => bounds.contains(p);
    const seen = this.map.getPixelBounds();
    const origin = this.map.getPixelOrigin();
    this.view = L.bounds(seen.min.subtract(origin), seen.max.subtract(origin));
    this.spots = [];
    const near = this.shown.has("stations") ? this._nearStations(point, inside) : [];
    for (const [, at] of near) taken.push({ left: at.x - 10, top: at.y - 10, width: 20, height: 20 });
    if (this.shown.has("shelters")) this._drawShelters(ctx, point, inside, colours);
    this._drawMore(ctx, point, inside, colours, taken);
    if (this.shown.has("areas")) this._drawChips(ctx, point, taken);
    for (let i = near.length - 1; i >= 0; i -= 1) drawStation(ctx, near[i][0], near[i][1].x, near[i][1].y, colours);
    this.spots.push(...near.map(([station, at]) => ({ kind: "station", thing: station, x: at.x, y: at.y })));
    const few = near.length <= 60 || this.map.getZoom() >= 14;
    for (const [station, at] of near) if (few || reached(station) || isStale(station)) this._drawReading(ctx, station, at, colours, taken);
    this._drawLast(ctx, point, colours, taken);
  }

  /** For a map that shows more: below the names of the areas, and above everything. */
  _drawMore() {}
  _drawLast() {}

  /** What the buttons cover of the map, where no label may hide. */
  _covered() {
    const frame = this.map.getContainer().getBoundingClientRect();
    return [...document.querySelectorAll(".map-tools, .layers")].map((tool) => {
      const box = tool.getBoundingClientRect();
      const corner = this.map.containerPointToLayerPoint([box.left - frame.left, box.top - frame.top]);
      return { left: corner.x, top: corner.y, width: box.width, height: box.height };
    });
  }

  /** The stations in view with their points; what is drawn is remembered, so that it can be told. */
  _nearStations(point, inside) {
    this.drawn = new Map(this.stations.map((station) => [station.id, station.at]));
    return this.stations.map((station) => [station, point(station.lon, station.lat)]).filter(([, at]) => inside(at));
  }

  _drawReading(ctx, station, at, colours, taken) {
    const old = isStale(station);
    const aged = ageWords(ageOf(station.at));
    const value = `${valueWords(station)}${old || station.kind === "rain" ? "" : ` ${arrow(station)}`}`;
    const words = station.danger ? this._danger(station, value, aged) : !station.at ? t("値なし") : old ? t("%(value)s（%(age)s）", { value, age: aged }) : this.map.getZoom() >= 13 ? `${value} ${aged}` : value;
    const over = reached(station);
    const look = { font: `${over || old ? 700 : 400} 13px ${FONT}`, height: 20, fill: old ? hatch(ctx, "#c3c4ca", "#f4f4f6", 2, 8) : colours.paper, ink: old ? "#000000" : colours.ink, edge: colours.ink, edgeWidth: over ? 2 : 1, dash: old ? [4, 3] : [] };
    ctx.font = look.font;
    const wide = ctx.measureText(words).width + 24;
    const right = at.x + wide + 12 > this.view.max.x ? -wide : 12;
    for (const [dx, dy] of [[right, 0], [right, -20], [right, 20], [-wide, 0]]) if (label(ctx, words, at.x + dx, at.y + dy, look, taken)) return;
  }

  _drawShelters(ctx, point, inside, colours) {
    for (const shelter of this.shelters) {
      const at = point(shelter.lon, shelter.lat);
      if (!inside(at)) continue;
      drawShelter(ctx, shelter, at.x, at.y, colours, this.map.getZoom() >= 13 ? 7 : 5);
      this.spots.push({ kind: "shelter", thing: shelter, x: at.x, y: at.y });
    }
  }

  _drawChips(ctx, point, taken) {
    const { view } = this;
    const chips = (this.shapes.areas?.features ?? []).filter((f) => f.geometry && this.areas.has(f.properties.code));
    chips.sort((a, b) => RANK[keyOf(this.areas.get(b.properties.code).level)] - RANK[keyOf(this.areas.get(a.properties.code).level)]);
    for (const feature of chips) {
      const area = this.areas.get(feature.properties.code);
      const at = anchor(feature, point, view);
      if (!at) continue;
      const number = area.level >= 1 ? `${area.level} ` : "";
      const words = `${number}${area.level === null ? badgeWords(null, null) : levelWord(area.level)}｜${nameOf(feature.properties)}`;
      const look = chipLook(ctx, area.level, `700 15px ${FONT}`);
      let box = null;
      ctx.font = look.font;
      const half = ctx.measureText(words).width / 2 + 10;
      const x = Math.max(view.min.x + half, Math.min(view.max.x - half, at.x));
      for (const dy of [0, -30, 30, -60, 60, -90, 90]) { box = label(ctx, words, x, at.y + dy, look, taken); if (box) break; }
      if (!box && RANK[keyOf(area.level)] >= RANK.unknown) box = label(ctx, words, x, at.y - 30, look, null);
      if (box) this.spots.push({ kind: "area", thing: area, x: box.left + box.width / 2, y: box.top + box.height / 2, box });
    }
  }

  _near(p) {
    let best = null;
    for (const spot of this.spots ?? []) {
      const inBox = spot.box && p.x >= spot.box.left && p.x <= spot.box.left + spot.box.width && p.y >= spot.box.top && p.y <= spot.box.top + spot.box.height;
      const far = inBox ? 1 : Math.hypot(spot.x - p.x, spot.y - p.y);
      if (inBox || (!spot.box && far < TAP)) if (!best || far < best.far) best = { spot, far };
    }
    return best?.spot ?? null;
  }

  async _exactly(place, lng, lat) {
    const asked = this.asked = (this.asked ?? 0) + 1;
    try {
      const answer = await fetch(`${said.root}/api/zones?at=${lng.toFixed(7)},${lat.toFixed(7)}`);
      if (!answer.ok || asked !== this.asked) return;
      const hazards = (await answer.json()).zones.map((properties) => ({ properties }));
      if (asked === this.asked) this.onLearn?.("place", { ...place, hazards });
    } catch { /* what is drawn has been said */ }
  }

  _click(event) {
    this.asked = (this.asked ?? 0) + 1;
    const spot = this._near(event.layerPoint);
    if (spot) { this.onOpen(spot.kind, spot.thing); return; }
    const { lng, lat } = event.latlng;
    const areas = (this.shapes.areas?.features ?? []).filter((f) => f.geometry?.type.includes("Polygon") && covers(f, lng, lat));
    const zones = this.map.hasLayer(this.zones) ? this.zones : null;
    // What is drawn answers at once; the store, which knows every corner, a moment later.
    const hazards = zones ? zones.at(event.latlng).map((properties) => ({ properties })) : [];
    const place = { areas, hazards, hazardsLoaded: Boolean(this.shapes.hazards) };
    this.onOpen("place", place);
    if (zones) this._exactly(place, lng, lat);
  }
}

function boxOf(geometry) {
  if (!geometry) return null;
  const box = L.latLngBounds([]);
  walk(geometry.coordinates, ([lon, lat]) => box.extend([lat, lon]));
  return box.isValid() ? box : null;
}

function walk(coordinates, visit) {
  if (typeof coordinates[0] === "number") visit(coordinates);
  else for (const part of coordinates) walk(part, visit);
}

function polygonsOf(geometry) { return geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates; }

function covers(feature, lon, lat) {
  if (feature.box && !feature.box.contains([lat, lon])) return false;
  return polygonsOf(feature.geometry).some((rings) => rings.reduce((inside, ring) => inside !== crosses(ring, lon, lat), false));
}

function crosses(ring, lon, lat) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i]; const [xj, yj] = ring[j];
    if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Where a chip stands: the middle of what is seen of an area's widest part, or of a river's line. */
function anchor(feature, point, view) {
  if (!feature.geometry.type.includes("Polygon")) {
    const seen = [];
    walk(feature.geometry.coordinates, ([lon, lat]) => { const p = point(lon, lat); if (view.contains(p)) seen.push(p); });
    return seen.length ? seen[Math.floor(seen.length / 3)] : null;
  }
  const rings = polygonsOf(feature.geometry).map((rings_) => rings_[0].map(([lon, lat]) => point(lon, lat)));
  rings.sort((a, b) => L.bounds(b).getSize().x - L.bounds(a).getSize().x);
  const box = L.bounds(rings[0]);
  const top = Math.max(box.min.y, view.min.y); const bottom = Math.min(box.max.y, view.max.y);
  if (top >= bottom) return null;
  let best = null;
  for (const share of [0.22, 0.35, 0.5, 0.65, 0.8]) {
    const y = top + (bottom - top) * share;
    const cuts = [];
    for (let i = 0, j = rings[0].length - 1; i < rings[0].length; j = i, i += 1) {
      const a = rings[0][i]; const b = rings[0][j];
      if (a.y > y !== b.y > y) cuts.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
    }
    cuts.sort((a, b) => a - b);
    for (let i = 0; i + 1 < cuts.length; i += 2) {
      const left = Math.max(cuts[i], view.min.x); const right = Math.min(cuts[i + 1], view.max.x);
      if (right - left > (best?.width ?? 0) * 1.25) best = { width: right - left, x: (left + right) / 2, y };
    }
  }
  return best;
}
