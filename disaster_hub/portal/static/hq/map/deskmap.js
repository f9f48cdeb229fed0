// The public map with what the headquarters puts on it: reports, closures, checks, cameras, drawings, and the past.

import { ageOf, ageWords } from "../../js/clock.js";
import { HubMap } from "../../js/map.js";
import { hatch, label } from "../../js/symbols.js";
import { Tiles } from "../../js/tiles.js";
import { lookOf, mark } from "./marks.js";
import { Points } from "./points.js";

const L = window.L;
const FONT = '"BIZ UDPGothic","Hiragino Sans","Noto Sans JP","Noto Sans CJK JP",sans-serif';
const SMALL_AT = 13;
/** So many reports on a map cover each other; from this zoom on each stands for itself again. */
const MANY = 400; const APART_AT = 17;
const RUNNING = new Set(["received", "confirmed", "working"]);
const LIVES = new Set(["rescue", "levee", "fire"]);

/** Kinds of points in the order they are drawn: what matters most comes last. */
const POINTS = [["water_points", "water"], ["cameras", "camera"], ["checks", "check"], ["reports", "report"]];

export class DeskMap extends HubMap {
  constructor(onOpen, onLearn, shown) {
    super(onOpen, onLearn);
    this.things = { water_points: [], cameras: [], checks: [], reports: [], closed: [], sketches: [], orders: [], blocks: [] };
    this.own = new Map();
    this.states = new Map();
    this.shown = shown;
    this.tool = null;
    this.found = null;
    this.ahead = true; // an officer's next move is fetched before it is made
    this.gathered = new Points({ urgent: (report) => LIVES.has(report.kind) && RUNNING.has(report.state), draw: (ctx, report, x, y, colours) => this._mark(ctx, "report", report, x, y, colours) });
  }

  /** Take what stands of one kind. */
  put(name, things) {
    this.things[name] = things;
    if (name === "reports") this.gathered.set(things);
    if (name === "blocks" || name === "orders") this._drawBlocks();
    this.top.redraw();
  }

  /** Take the departments' own layers: each its look and the address of its tiles. */
  putOwn(rows) {
    const known = new Set(rows.map((row) => row.key));
    for (const [key, one] of this.own) if (!known.has(key)) { one.tiles.remove(); this.own.delete(key); }
    for (const row of rows) if (!this.own.has(row.key)) this.own.set(row.key, { row, tiles: new Tiles({ pane: "hub-border", url: (z, x, y) => `${row.tiles}${z}/${x}/${y}`, style: (_, what) => ownLook(row, what) }) });
    this._drawOwn();
  }

  restyle() { super.restyle(); this._drawBlocks(); this._drawOwn(); }

  show(name, on) { super.show(name, on); }

  /** Mark a spot that was searched for; null takes the mark away. */
  pinAt(spot) { this.found = spot; this.top.redraw(); }

  _danger(station, value, aged) { return this.map.getSize().x < 500 ? `危険側 ${aged}` : `不明＝危険側 最後 ${value}（${aged}）`; }

  /** The town's areas, and what an officer drew for an order that is in force. */
  grounds() {
    const drawn = this.things.orders.filter((order) => order.outline);
    return [...this.things.blocks, ...drawn.map((order) => ({ type: "Feature", properties: { code: order.area, name: order.area_name }, geometry: order.outline, drawn: true }))];
  }

  _drawBlocks() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const pen = document.createElement("canvas").getContext("2d");
    const ordered = new Map((this.things?.orders ?? []).map((order) => [order.area, order]));
    const fill = { 3: "#ff2800", 4: "#aa00aa", 5: "#0c000c" };
    const shapes = { type: "FeatureCollection", features: this.things ? this.grounds() : [] };
    const on = (f) => f.geometry && ((this.shown.has("blocks") && !f.drawn) || (this.shown.has("orders") && ordered.has(f.properties.code)));
    this._put("blocks", shapes.features.length ? shapes : null, {
      filter: on,
      style: (f) => {
        const order = this.shown.has("orders") ? ordered.get(f.properties.code) : null;
        const base = { renderer: this.renderers.border, pane: "hub-border", color: dark ? "#d6d8e0" : "#3c3d42", weight: order ? 4 : 1.5, dashArray: order ? null : "6 4", fill: Boolean(order) };
        return order ? { ...base, color: fill[order.level], fillColor: hatch(pen, fill[order.level], null, 4, 14), fillOpacity: 1 } : base;
      },
    });
  }

  _drawOwn() {
    for (const [key, { tiles }] of this.own ?? []) {
      const on = this.shown.has(key);
      if (on && !this.map.hasLayer(tiles)) tiles.addTo(this.map);
      if (!on && this.map.hasLayer(tiles)) tiles.remove();
    }
  }

  _drawMore(ctx, point, inside, colours, taken) {
    if (!this.things) return; // the first drawing comes out of the constructor above
    if (this.shown.has("closed")) for (const road of this.things.closed) this._closed(ctx, road, point, inside, colours);
    if (this.shown.has("sketches")) for (const one of this.things.sketches) this._sketch(ctx, one, point, inside, colours, taken);
    const near = this.map.getZoom() >= SMALL_AT;
    for (const [name, kind] of POINTS) {
      if (!this.shown.has(name)) continue;
      if (name === "reports" && this.things.reports.length > MANY && this.map.getZoom() < APART_AT) { this._gathered(ctx, point, inside, colours); continue; }
      const small = this.things[name].length > 400 && !near;
      for (const thing of this.things[name]) this._point(ctx, kind, thing, point, inside, colours, small);
    }
    this._blockNames(ctx, point, colours, taken);
  }

  _point(ctx, kind, thing, point, inside, colours, small) {
    if (thing.lon === null || thing.lon === undefined) return;
    const at = point(thing.lon, thing.lat);
    if (kind === "camera" && thing.station) { at.x -= 17; at.y -= 17; } // beside its gauge, not under it
    if (!inside(at)) return;
    if (small) { ctx.beginPath(); ctx.arc(at.x, at.y, 3, 0, 2 * Math.PI); ctx.fillStyle = colours.ink; ctx.fill(); ctx.strokeStyle = colours.paper; ctx.lineWidth = 1; ctx.stroke(); }
    else this._mark(ctx, kind, thing, at.x, at.y, colours);
    this.spots.push({ kind, thing, x: at.x, y: at.y });
  }

  _mark(ctx, kind, thing, x, y, colours) {
    const [shape, letter, look] = lookOf(kind, thing, colours, ctx);
    mark(ctx, shape, letter, x, y, kind === "water" ? 7 : 10, look);
  }

  /** Reports that would cover each other are one with their number; where life is in danger each stands for itself, on top. */
  _gathered(ctx, point, inside, colours) {
    for (const { things, x, y } of this.gathered.draw(ctx, point, { contains: inside }, colours)) {
      this.spots.push(things.length === 1 ? { kind: "report", thing: things[0], x, y } : { kind: "many", thing: things, x, y });
    }
  }

  /** Go nearer to things that are drawn as one. */
  into(things) {
    this.moved = true;
    const box = L.latLngBounds(things.map((one) => [one.lat, one.lon]));
    this.map.fitBounds(box, { padding: [60, 60], maxZoom: Math.max(APART_AT, this.map.getZoom()), animate: false });
  }

  _drawShelters(ctx, point, inside, colours) {
    if (!this.states?.size) { super._drawShelters(ctx, point, inside, colours); return; }
    for (const shelter of this.shelters) {
      const at = point(shelter.lon, shelter.lat);
      if (!inside(at)) continue;
      const thing = { ...shelter, ...this.states.get(shelter.id) };
      const [shape, letter, look] = lookOf("shelter", thing, colours, ctx);
      mark(ctx, shape, letter, at.x, at.y, this.map.getZoom() >= SMALL_AT ? 10 : 7, look);
      this.spots.push({ kind: "shelter", thing, x: at.x, y: at.y });
    }
  }

  _line(ctx, spots, point) {
    ctx.beginPath();
    spots.forEach(([lon, lat], n) => { const p = point(lon, lat); if (n) ctx.lineTo(p.x, p.y); else ctx.moveTo(p.x, p.y); });
  }

  _closed(ctx, road, point, inside, colours) {
    this._line(ctx, road.spots, point);
    ctx.lineCap = "butt"; ctx.strokeStyle = colours.paper; ctx.lineWidth = 9; ctx.stroke();
    ctx.strokeStyle = colours.ink; ctx.lineWidth = 6; ctx.stroke();
    ctx.strokeStyle = colours.paper; ctx.lineWidth = 3; ctx.setLineDash([6, 6]); ctx.stroke(); ctx.setLineDash([]);
    const [lon, lat] = road.middle;
    const at = point(lon, lat);
    if (!inside(at)) return;
    ctx.beginPath(); ctx.arc(at.x, at.y, 9, 0, 2 * Math.PI); ctx.fillStyle = colours.paper; ctx.fill();
    ctx.lineWidth = 3; ctx.strokeStyle = colours.ink; ctx.stroke();
    ctx.beginPath(); ctx.moveTo(at.x - 5, at.y - 5); ctx.lineTo(at.x + 5, at.y + 5); ctx.moveTo(at.x + 5, at.y - 5); ctx.lineTo(at.x - 5, at.y + 5); ctx.stroke();
    this.spots.push({ kind: "closed", thing: road, x: at.x, y: at.y });
  }

  _sketch(ctx, one, point, inside, colours, taken) {
    const first = point(...one.spots[0]);
    ctx.lineJoin = "round"; ctx.lineCap = "round";
    if (one.kind !== "point") {
      this._line(ctx, one.kind === "area" ? [...one.spots, one.spots[0]] : one.spots, point);
      if (one.kind === "area") { ctx.globalAlpha = 0.12; ctx.fillStyle = colours.blue; ctx.fill(); ctx.globalAlpha = 1; }
      ctx.strokeStyle = colours.paper; ctx.lineWidth = 6; ctx.stroke();
      ctx.strokeStyle = colours.blue; ctx.lineWidth = 3; ctx.setLineDash([10, 5]); ctx.stroke(); ctx.setLineDash([]);
    }
    if (!inside(first)) return;
    mark(ctx, "round", "✎", first.x, first.y, 9, { fill: colours.blue, ink: colours.paper, edge: colours.paper, halo: colours.paper });
    label(ctx, one.label, first.x + 13, first.y, { font: `700 13px ${FONT}`, height: 20, fill: colours.paper, ink: colours.blue, edge: colours.blue }, taken);
    this.spots.push({ kind: "sketch", thing: one, x: first.x, y: first.y });
  }

  _blockNames(ctx, point, colours, taken) {
    const orders = new Map(this.things.orders.map((order) => [order.area, order]));
    for (const f of this.grounds()) {
      const order = this.shown.has("orders") ? orders.get(f.properties.code) : null;
      if (!f.geometry || (!order && (f.drawn || !this.shown.has("blocks") || this.map.getZoom() < SMALL_AT))) continue;
      const at = point(...(f.middle ??= middleOf(f.geometry)));
      const words = order ? `${f.properties.name} ${order.words}` : f.properties.name;
      const look = { font: `700 13px ${FONT}`, height: 22, centre: true, fill: order ? { 3: "#ff2800", 4: "#aa00aa", 5: "#0c000c" }[order.level] : colours.paper, ink: order ? (order.level === 3 ? "#000" : "#fff") : colours.ink, edge: colours.ink };
      label(ctx, words, at.x, at.y, look, taken);
    }
  }

  _drawLast(ctx, point, colours, taken) {
    for (const spot of this.spots) {
      if (spot.kind !== "station" || !spot.thing.danger) continue;
      ctx.beginPath(); ctx.arc(spot.x, spot.y, 14, 0, 2 * Math.PI); ctx.setLineDash([5, 3]);
      ctx.strokeStyle = colours.paper; ctx.lineWidth = 6; ctx.stroke(); ctx.strokeStyle = colours.ink; ctx.lineWidth = 3; ctx.stroke(); ctx.setLineDash([]);
    }
    if (this.found) {
      const at = point(this.found.lon, this.found.lat);
      ctx.strokeStyle = colours.paper; ctx.lineWidth = 7; ctx.beginPath(); ctx.arc(at.x, at.y, 16, 0, 2 * Math.PI); ctx.stroke();
      ctx.strokeStyle = colours.blue; ctx.lineWidth = 4; ctx.stroke();
      label(ctx, this.found.name, at.x + 22, at.y, { font: `700 14px ${FONT}`, height: 24, fill: colours.blue, ink: colours.paper, edge: colours.paper }, taken);
    }
    this.tool?.draw(ctx, point, colours, taken);
  }

  _click(event) {
    if (this.tool) { this.tool.add([event.latlng.lng, event.latlng.lat]); return; }
    this.touched = [event.latlng.lng, event.latlng.lat];
    super._click(event);
  }
}

/** How a department's shapes look: its line and pattern, never a colour of the levels. */
function ownLook({ line, pattern }, what) {
  const ink = matchMedia("(prefers-color-scheme: dark)").matches ? "#e6d3a1" : "#6b4a00";
  const look = { order: 1, stroke: ink, weight: 2.5, dash: { dash: [9, 6], dot: [2, 5] }[line] };
  if (what === 1) return { ...look, fill: ink, radius: 6, dash: [] };
  return pattern === "none" ? look : { ...look, hatch: pattern === "hatch" ? [ink, null, 1.5, 10] : [ink, null, 1, 5] };
}

/** A point in the middle of a shape, for its name. */
export function middleOf(geometry) {
  const ring = geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.type === "MultiPolygon" ? geometry.coordinates.reduce((a, b) => (b[0].length > a[0].length ? b : a))[0] : geometry.type === "MultiLineString" ? geometry.coordinates[0] : geometry.coordinates;
  if (geometry.type.includes("Line")) return ring[Math.floor(ring.length / 2)];
  const sum = ring.reduce(([x, y], [lon, lat]) => [x + lon, y + lat], [0, 0]);
  return [sum[0] / ring.length, sum[1] / ring.length];
}

/** 8分前, as of the time that is shown. */
export function ago(iso) { return ageWords(ageOf(iso)); }
