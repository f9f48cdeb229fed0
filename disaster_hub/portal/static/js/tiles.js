// Tiles of our own: any number of zones, lines and points as one layer of the map, drawn on canvas.
//
//   new Tiles({ url: (z, x, y) => "…", style: (is, what) => look or null, pane: "name" }).addTo(map)
//
// `is` holds the properties of a part, `what` is 1 for points, 2 for lines, 3 for areas. A look is { order, alpha, fill,
// hatch: [line, ground, width, gap], stroke, weight, dash, radius }; what is lower in order is drawn first. What looks the
// same is drawn as one: two zones of one depth that overlap are not darker where they do.

import { hatch } from "./symbols.js";

const L = window.L;
const SIDE = 512;
const LEAST = 4; const DEEPEST = 17;
const KEPT = 80;
const BUDGET_MS = 12;
const REST_MS = 60;
const MOST_AHEAD = 24;
/** Untransformed: whether a spot is in a path depends on the transform of the canvas that is asked. */
const PEN = document.createElement("canvas").getContext("2d");

/** Read a tile's bytes: groups of parts, each with its properties and a path on the tile's grid. */
export function read(buffer) {
  if (!buffer.byteLength) return { extent: 4096, groups: [] };
  const view = new DataView(buffer);
  const long = view.getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, long)));
  const parts = head.groups.reduce((sum, group) => sum + group.parts, 0);
  let at = 4 + long;
  const lengths = new Uint32Array(buffer.slice(at, at + 4 * parts));
  at += 4 * parts;
  const corners = lengths.reduce((sum, n) => sum + n, 0);
  const steps = new Uint8Array(buffer, at, 2 * corners);
  const place = { wide: at + 2 * corners };
  const axis = (from) => {
    const out = new Int16Array(corners);
    let corner = 0;
    for (let part = 0; part < parts; part += 1) {
      let sum = 0;
      for (let end = corner + lengths[part]; corner < end; corner += 1) {
        let step = steps[from + corner];
        if (step === 255) { step = view.getUint16(place.wide, true); place.wide += 2; }
        sum += (step >>> 1) ^ -(step & 1);
        out[corner] = sum;
      }
    }
    return out;
  };
  return { extent: head.extent, groups: head.groups, lengths, x: axis(0), y: axis(corners) };
}

const quiet = () => new Promise((good) => { if (window.requestIdleCallback) requestIdleCallback(good, { timeout: 1000 }); else setTimeout(good, 20); });

/** Tell each group where its parts and corners begin. */
function sorted(tile) {
  let part = 0; let corner = 0;
  for (const group of tile.groups) {
    group.part = part; group.corner = corner;
    for (const end = part + group.parts; part < end; part += 1) corner += tile.lengths[part];
  }
  return tile;
}

/** Draw a group's lines or rings onto `pen`, which is a canvas' context or a path. */
function trace(pen, tile, group, scale = 1, dx = 0, dy = 0, close = false) {
  const { x, y, lengths } = tile;
  let n = group.corner;
  for (let part = group.part; part < group.part + group.parts; part += 1) {
    const end = n + lengths[part];
    pen.moveTo(x[n] * scale + dx, y[n] * scale + dy);
    for (n += 1; n < end; n += 1) pen.lineTo(x[n] * scale + dx, y[n] * scale + dy);
    if (close) pen.closePath();
  }
}

/** Tell whether a spot of the tile's grid lies in one of a group's areas. */
function covers(tile, group, spot) {
  if (!group.path) { group.path = new Path2D(); trace(group.path, tile, group, 1, 0, 0, true); }
  return PEN.isPointInPath(group.path, ...spot, "nonzero");
}

export const Tiles = L.Renderer.extend({
  initialize(options) {
    L.Renderer.prototype.initialize.call(this, { padding: 0.1, ...options });
    this.held = new Map();
    this.look = 0;
    this._dark = matchMedia("(prefers-color-scheme: dark)");
    this._restyle = () => this.restyle();
  },
  onAdd(map) {
    if (this.options.pane && !map.getPane(this.options.pane)) map.createPane(this.options.pane).style.pointerEvents = "none";
    this._dark.addEventListener("change", this._restyle);
    L.Renderer.prototype.onAdd.call(this, map);
  },
  onRemove() {
    this._dark.removeEventListener("change", this._restyle);
    for (const tile of this.held.values()) tile.stop?.abort();
    this.held.clear();
    cancelAnimationFrame(this._frame);
    clearTimeout(this._rest);
    this._frame = 0;
    L.Renderer.prototype.onRemove.call(this);
    this._bounds = null;
  },
  _initContainer() { this._container = document.createElement("canvas"); this._container.setAttribute("aria-hidden", "true"); this._ctx = this._container.getContext("2d"); },
  _destroyContainer() { this._container.remove(); },
  _updatePaths() {},

  /** Ask for new addresses and draw them over the old picture: the data have changed. */
  renew() { for (const tile of this.held.values()) { tile.stop?.abort(); tile.old = true; tile.asked = false; } this._ask(); },

  /** Draw anew with the same data: the style or the theme has changed. */
  restyle() { this.look += 1; this._soon(); },

  /** Give the properties of every group of areas that covers a place, by the tile there, whatever the style leaves out. */
  at(latlng) {
    if (!this._map || !this._bounds) return [];
    const { z, side } = this._scale();
    const p = this._map.project(latlng);
    const tile = this.held.get(`${z}/${Math.floor(p.x / side)}/${Math.floor(p.y / side)}`)?.data;
    if (!tile) return [];
    const spot = [((p.x / side) % 1) * tile.extent, ((p.y / side) % 1) * tile.extent];
    return tile.groups.filter((group) => group.what === 3 && covers(tile, group, spot)).map((group) => group.is);
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const ratio = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._container.width = ratio * size.x; this._container.height = ratio * size.y;
    this._container.style.width = `${size.x}px`; this._container.style.height = `${size.y}px`;
    this._whole = true; // drawn in the next frame, before anybody sees the empty canvas
    this._ask();
  },

  _scale() {
    const zoom = this._map.getZoom();
    const z = Math.max(LEAST, Math.min(DEEPEST, Math.round(zoom) - 1));
    return { z, side: SIDE * 2 ** (zoom - 1 - z) };
  },

  /** The tiles in view, the middle ones first. */
  _wanted() {
    const { z, side } = this._scale();
    const origin = this._map.getPixelOrigin();
    const low = this._bounds.min.add(origin); const high = this._bounds.max.add(origin);
    const middle = low.add(high).divideBy(2 * side);
    const out = [];
    for (let y = Math.max(0, Math.floor(low.y / side)); y <= Math.min(2 ** z - 1, Math.floor(high.y / side)); y += 1) {
      for (let x = Math.max(0, Math.floor(low.x / side)); x <= Math.min(2 ** z - 1, Math.floor(high.x / side)); x += 1) out.push([z, x, y]);
    }
    const far = ([, x, y]) => Math.hypot(x + 0.5 - middle.x, y + 0.5 - middle.y);
    return out.sort((a, b) => far(a) - far(b));
  },

  /** Fetch what is missing; leave what nobody sees any more. */
  _ask() {
    if (!this._bounds) return;
    this._asked = (this._asked ?? 0) + 1; // whoever fetches ahead stops here
    clearTimeout(this._rest);
    const wanted = this._wanted();
    const names = new Set(wanted.map((place) => place.join("/")));
    for (const [name, tile] of [...this.held]) {
      if (names.has(name)) { this.held.delete(name); this.held.set(name, tile); continue; }
      if (tile.stop) { tile.stop.abort(); if (!tile.data) this.held.delete(name); }
    }
    for (const place of wanted) {
      const name = place.join("/");
      if (!this.held.has(name)) this.held.set(name, { place });
      const tile = this.held.get(name);
      tile.ahead = false;
      if (!tile.asked) this._fetch(tile);
    }
    for (const name of [...this.held.keys()]) { if (this.held.size <= Math.max(KEPT, 2 * wanted.length)) break; if (!names.has(name)) this.held.delete(name); }
    this._soon();
  },

  async _fetch(tile, wait = 1000) {
    tile.asked = true;
    const stop = new AbortController();
    tile.stop = stop;
    let late = wait;
    try {
      const answer = await fetch(this.options.url(...tile.place), { signal: stop.signal, priority: tile.ahead ? "low" : "auto" });
      if (answer.ok) {
        tile.data = sorted(read(answer.status === 204 ? new ArrayBuffer(0) : await answer.arrayBuffer()));
        tile.old = false; tile.look = null; tile.stop = null;
        if (!tile.ahead) this._soon();
        return;
      }
      if (answer.status === 503) late = 1000;
      else if (answer.status < 500) { tile.stop = null; this.fire("refused", { status: answer.status }); return; }
    } catch { /* no network, or nobody wants it any more */ }
    if (stop.signal.aborted) { if (tile.stop === stop) { tile.asked = false; tile.stop = null; } return; }
    if (tile.ahead) { this.held.delete(tile.place.join("/")); return; }
    this.fire("waiting");
    setTimeout(() => { if (!stop.signal.aborted && this._map) this._fetch(tile, Math.min(30_000, 2 * late)); }, late);
  },

  _soon() { if (!this._frame && this._map) this._frame = requestAnimationFrame(() => { this._frame = 0; this._work(); }); },

  /** Draw tiles that are new or look different, for a few milliseconds at a time; then the whole picture. */
  _work() {
    if (!this._map || !this._bounds || this._map._animatingZoom) { if (this._map) this._soon(); return; }
    const begun = performance.now();
    const fresh = [];
    let left = false;
    for (const place of this._wanted()) {
      const tile = this.held.get(place.join("/"));
      if (!tile?.data || this._fits(tile)) continue;
      if (performance.now() - begun > BUDGET_MS) { left = true; break; }
      this._draw(tile);
      fresh.push(place);
    }
    // Between two pixels of the screen the edge of one tile is also its neighbour's.
    this._compose(this._whole || !Number.isInteger(window.devicePixelRatio || 1) ? null : fresh);
    this._whole = false;
    if (left) this._soon();
    else if (this.done) { this.fire("drawn"); this._later(); }
  },

  /** When all is quiet, fetch what a small move or one step of zoom would show. */
  _later() {
    clearTimeout(this._rest);
    if (this.options.ahead && !navigator.connection?.saveData) this._rest = setTimeout(() => this._ahead(), REST_MS);
  },

  /** The tiles around the view, those of the next zoom in its middle, and those of the one before. */
  _around() {
    const wanted = this._wanted();
    const names = new Set(wanted.map((place) => place.join("/")));
    const out = [];
    const add = (z, x, y) => {
      const name = `${z}/${x}/${y}`;
      if (z < LEAST || z > DEEPEST || names.has(name) || x < 0 || y < 0 || x >= 2 ** z || y >= 2 ** z) return;
      names.add(name);
      if (!this.held.has(name)) out.push([z, x, y]);
    };
    const { z, side } = this._scale();
    const view = this._map.getPixelBounds();
    const middle = view.getCenter().divideBy(side / 2); const half = view.getSize().divideBy(2 * side);
    for (let y = Math.floor(middle.y - half.y); y <= Math.floor(middle.y + half.y); y += 1) {
      for (let x = Math.floor(middle.x - half.x); x <= Math.floor(middle.x + half.x); x += 1) add(z + 1, x, y);
    }
    out.sort((a, b) => Math.hypot(a[1] + 0.5 - middle.x, a[2] + 0.5 - middle.y) - Math.hypot(b[1] + 0.5 - middle.x, b[2] + 0.5 - middle.y));
    for (const [, x, y] of wanted) for (const [dx, dy] of [[-1, 0], [1, 0], [0, -1], [0, 1]]) add(z, x + dx, y + dy);
    for (const [, x, y] of wanted) add(z - 1, x >> 1, y >> 1);
    return out.slice(0, MOST_AHEAD);
  },

  async _ahead() {
    if (!this._map || !this._bounds) return;
    const asked = this._asked;
    const places = this._around();
    const one = async () => {
      for (let place = places.shift(); place && asked === this._asked && this._map; place = places.shift()) {
        const tile = { place, ahead: true };
        this.held.set(place.join("/"), tile);
        await this._fetch(tile);
        await quiet();
        if (asked === this._asked && this._map && tile.data && !this._fits(tile)) this._drawAhead(tile);
      }
    };
    await Promise.all([one(), one()]);
  },

  /** Draw a tile before it is seen: a canvas puts the filling off until somebody takes a picture from it. */
  _drawAhead(tile) {
    this._draw(tile);
    if (tile.picture) PEN.drawImage(tile.picture, 0, 0, 1, 1);
  },

  _fits(tile) { return Boolean(tile?.data) && !tile.old && tile.look === this.look && tile.side === this._scale().side && tile.ratio === (window.devicePixelRatio || 1); },

  _rect([, x, y], side) {
    const left = Math.round(x * side); const top = Math.round(y * side);
    return { left, top, width: Math.round((x + 1) * side) - left, height: Math.round((y + 1) * side) - top };
  },

  _draw(tile) {
    const { side } = this._scale();
    const ratio = window.devicePixelRatio || 1;
    const box = this._rect(tile.place, side);
    tile.look = this.look; tile.side = side; tile.ratio = ratio;
    const looks = tile.data.groups.map((group) => [group, this.options.style(group.is, group.what)]).filter(([, look]) => look);
    for (const one of looks) one.push(JSON.stringify(one[1]));
    if (!looks.length) { tile.picture = null; return; }
    tile.picture ??= document.createElement("canvas");
    tile.picture.width = Math.ceil(box.width * ratio); tile.picture.height = Math.ceil(box.height * ratio);
    const ctx = tile.picture.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const scale = side / tile.data.extent;
    const place = [scale, tile.place[1] * side - box.left, tile.place[2] * side - box.top];
    looks.sort((a, b) => (a[1].order ?? 0) - (b[1].order ?? 0) || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0) || a[0].what - b[0].what);
    for (let n = 0; n < looks.length;) {
      const from = n;
      const [{ what }, look] = looks[n];
      ctx.beginPath();
      for (; n < looks.length && looks[n][0].what === what && looks[n][2] === looks[from][2]; n += 1) {
        if (what === 1) this._dots(ctx, tile.data, looks[n][0], place, look.radius ?? 4);
        else trace(ctx, tile.data, looks[n][0], ...place, what === 3 && Boolean(look.stroke));
      }
      this._paint(ctx, look, what, box);
    }
  },

  _dots(ctx, data, group, [scale, dx, dy], radius) {
    let n = group.corner;
    for (let part = group.part; part < group.part + group.parts; part += 1) {
      const x = data.x[n] * scale + dx; const y = data.y[n] * scale + dy;
      ctx.moveTo(x + radius, y);
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
      n += data.lengths[part];
    }
  },

  /** Fill and line what has been traced. */
  _paint(ctx, look, what, box) {
    ctx.globalAlpha = look.alpha ?? 1;
    if (what !== 2 && (look.fill || look.hatch)) {
      ctx.fillStyle = look.fill ?? hatch(ctx, ...look.hatch);
      // A hatch goes on over the edges of tiles.
      if (!look.fill) ctx.fillStyle.setTransform(new DOMMatrix().translate(-(box.left % look.hatch[3]), -(box.top % look.hatch[3])));
      ctx.fill("nonzero");
    }
    if (look.stroke) {
      ctx.strokeStyle = look.stroke; ctx.lineWidth = look.weight ?? 1; ctx.lineJoin = "round";
      ctx.setLineDash(look.dash ?? []);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    ctx.globalAlpha = 1;
  },

  /** Put the pictures together, all or `only` some; where one is missing, what is known of a coarser or a finer zoom stands in for it. */
  _compose(only = null) {
    if (!this._bounds || only?.length === 0) return;
    const { side } = this._scale();
    const ratio = window.devicePixelRatio || 1;
    const origin = this._map.getPixelOrigin();
    const ctx = this._ctx;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    if (!only) ctx.clearRect(0, 0, this._container.width, this._container.height);
    ctx.setTransform(ratio, 0, 0, ratio, -(this._bounds.min.x + origin.x) * ratio, -(this._bounds.min.y + origin.y) * ratio);
    for (const place of only ?? this._wanted()) {
      const box = this._rect(place, side);
      if (only) ctx.clearRect(box.left, box.top, box.width, box.height);
      const tile = this.held.get(place.join("/"));
      if (tile?.data && tile.look !== null && tile.look !== undefined) { if (tile.picture) ctx.drawImage(tile.picture, box.left, box.top, box.width, box.height); } else this._standIn(ctx, place, box);
    }
  },

  _standIn(ctx, [z, x, y], box) {
    for (let up = 1; up <= 6; up += 1) {
      const above = this.held.get(`${z - up}/${x >> up}/${y >> up}`);
      if (above?.data && above.side) {
        if (!above.picture) return;
        const part = above.picture.width / 2 ** up; const high = above.picture.height / 2 ** up;
        ctx.drawImage(above.picture, (x - ((x >> up) << up)) * part, (y - ((y >> up) << up)) * high, part, high, box.left, box.top, box.width, box.height);
        return;
      }
    }
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
      const below = this.held.get(`${z + 1}/${2 * x + dx}/${2 * y + dy}`);
      if (below?.picture) ctx.drawImage(below.picture, box.left + (dx * box.width) / 2, box.top + (dy * box.height) / 2, box.width / 2, box.height / 2);
    }
  },
});

/** `tiles.done`: everything in view is drawn as it should be. Leaflet's classes keep no getters, so it is put there afterwards. */
Object.defineProperty(Tiles.prototype, "done", {
  get() { return Boolean(this._bounds) && this._wanted().every((place) => this._fits(this.held.get(place.join("/")))); },
});
