// Symbols on canvas: shapes tell the kinds apart, not colours.

import { FILL, INK, keyOf } from "./levels.js";
import { isStale, markLevel, reached } from "./readings.js";

/** Colours of the page, read anew when the night begins. */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return { ink: read("--ink"), paper: read("--paper"), soft: read("--soft"), line: read("--line"), blue: read("--blue"), faint: read("--faint") };
}

const hatches = new Map();

/** A hatch as a canvas pattern. */
export function hatch(ctx, line, ground = null, width = 2, gap = 7) {
  const key = `${line}|${ground}|${width}|${gap}`;
  if (!hatches.has(key)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = gap;
    const pen = tile.getContext("2d");
    if (ground) { pen.fillStyle = ground; pen.fillRect(0, 0, gap, gap); }
    pen.strokeStyle = line; pen.lineWidth = width;
    pen.beginPath();
    for (const shift of [-gap, 0, gap]) { pen.moveTo(shift, gap); pen.lineTo(shift + gap, 0); }
    pen.stroke();
    hatches.set(key, tile);
  }
  return ctx.createPattern(hatches.get(key), "repeat");
}

const stamps = new Map();
const MOST_STAMPS = 400;

/** Draw what `paint(pen, middle)` paints around a spot; what has the same key is painted once and then copied. */
export function stamped(ctx, key, x, y, reach, paint) {
  const ratio = window.devicePixelRatio || 1;
  const name = `${key}|${ratio}`;
  if (!stamps.has(name)) {
    if (stamps.size >= MOST_STAMPS) stamps.clear();
    const picture = document.createElement("canvas");
    picture.width = picture.height = 2 * Math.ceil(reach * ratio);
    const pen = picture.getContext("2d");
    pen.scale(ratio, ratio);
    paint(pen, picture.width / (2 * ratio));
    stamps.set(name, picture);
  }
  const picture = stamps.get(name);
  const side = picture.width / ratio;
  const even = (at) => Math.round((at - side / 2) * ratio) / ratio; // between two pixels it would blur
  ctx.drawImage(picture, even(x), even(y), side, side);
}

const CELL = 64;

/** What is taken on the map, by cells: whether a label has room is asked of its neighbours alone. */
export class Taken {
  constructor(boxes = []) { this.cells = new Map(); for (const box of boxes) this.push(box); }

  push(box) { this._visit(box, (name) => { const held = this.cells.get(name); if (held) held.push(box); else this.cells.set(name, [box]); return false; }); }

  /** Tell whether a box would lie on another. */
  meets(box) {
    return this._visit(box, (name) => (this.cells.get(name) ?? []).some((b) => box.left < b.left + b.width && b.left < box.left + box.width && box.top < b.top + b.height && b.top < box.top + box.height));
  }

  _visit(box, look) {
    for (let y = Math.floor(box.top / CELL); y <= Math.floor((box.top + box.height) / CELL); y += 1) {
      for (let x = Math.floor(box.left / CELL); x <= Math.floor((box.left + box.width) / CELL); x += 1) if (look(x * 65536 + y)) return true;
    }
    return false;
  }
}

function outline(ctx, kind, x, y, r) {
  ctx.beginPath();
  if (kind === "river") { ctx.moveTo(x - r, y - r * 0.8); ctx.lineTo(x + r, y - r * 0.8); ctx.lineTo(x, y + r); ctx.closePath(); }
  else if (kind === "rain") { ctx.moveTo(x, y - r * 1.15); ctx.bezierCurveTo(x + r * 1.3, y + r * 0.1, x + r * 0.8, y + r, x, y + r); ctx.bezierCurveTo(x - r * 0.8, y + r, x - r * 1.3, y + r * 0.1, x, y - r * 1.15); }
  else if (kind === "tide") { for (let i = 0; i < 6; i += 1) ctx.lineTo(x + r * Math.cos(i * Math.PI / 3), y + r * Math.sin(i * Math.PI / 3)); ctx.closePath(); }
  else if (kind === "emergency") { ctx.moveTo(x - r, y + r * 0.9); ctx.lineTo(x - r, y - r * 0.2); ctx.lineTo(x, y - r); ctx.lineTo(x + r, y - r * 0.2); ctx.lineTo(x + r, y + r * 0.9); ctx.closePath(); }
  else if (kind === "evacuation") ctx.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
  else { ctx.moveTo(x, y - r * 1.15); ctx.lineTo(x + r * 1.15, y); ctx.lineTo(x, y + r * 1.15); ctx.lineTo(x - r * 1.15, y); ctx.closePath(); }
}

/** Fill the lower half: near the mark. */
function fillHalf(ctx, x, y, r, ink) {
  ctx.save();
  ctx.clip();
  ctx.fillStyle = ink; ctx.fillRect(x - 2 * r, y, 4 * r, 2 * r);
  ctx.restore();
}

/** Draw a station: hatched when stale, half filled near a mark, filled when one is reached. */
export function drawStation(ctx, station, x, y, colours, r = 8) {
  const over = reached(station);
  const old = isStale(station);
  const key = `station|${station.kind}|${over}|${old}|${r}|${colours.ink}|${colours.paper}`;
  stamped(ctx, key, x, y, 1.3 * r + 4, (pen, middle) => paintStation(pen, station.kind, over, old, middle, middle, colours, r));
}

function paintStation(ctx, kind, over, old, x, y, colours, r) {
  const level = over ? markLevel(over) : null;
  outline(ctx, kind, x, y, r);
  ctx.lineJoin = "round";
  ctx.strokeStyle = colours.paper; ctx.lineWidth = 5; ctx.stroke();
  if (old) ctx.fillStyle = hatch(ctx, "#1a1a1c", "#d5d6db", 2, 5);
  else if (level) ctx.fillStyle = FILL[level];
  else ctx.fillStyle = over && over !== "near" ? colours.ink : colours.paper;
  ctx.fill();
  if (over === "near" && !old) fillHalf(ctx, x, y, r, colours.ink);
  outline(ctx, kind, x, y, r);
  ctx.strokeStyle = colours.ink; ctx.lineWidth = over ? 2.5 : 1.75; ctx.stroke();
}

/** Draw a shelter. */
export function drawShelter(ctx, shelter, x, y, colours, r = 7) {
  outline(ctx, shelter.designation === "emergency" ? "emergency" : "evacuation", x, y, r);
  ctx.strokeStyle = colours.paper; ctx.lineWidth = 4; ctx.stroke();
  ctx.fillStyle = colours.blue; ctx.fill();
  ctx.strokeStyle = colours.paper; ctx.lineWidth = 1; ctx.stroke();
}

/** Draw a text in a box and give the box; null where `taken` has no room. */
export function label(ctx, text, x, y, look, taken) {
  ctx.font = look.font;
  const width = ctx.measureText(text).width + 10;
  const box = { left: x + (look.centre ? -width / 2 : 0), top: y - look.height / 2, width, height: look.height };
  if (taken && taken.meets(box)) return null;
  if (taken) taken.push(box);
  ctx.beginPath(); ctx.roundRect(box.left, box.top, box.width, box.height, 4);
  ctx.fillStyle = look.fill; ctx.fill();
  ctx.setLineDash(look.dash ?? []);
  ctx.strokeStyle = look.edge; ctx.lineWidth = look.edgeWidth ?? 1; ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = look.ink; ctx.textBaseline = "middle"; ctx.textAlign = "left";
  ctx.fillText(text, box.left + 5, y + 1);
  return box;
}

/** How a level's chip looks on the map. */
export function chipLook(ctx, level, font) {
  const key = keyOf(level);
  if (key === "unknown") return { font, height: 26, centre: true, fill: hatch(ctx, "#b9bac1", "#ededf0", 3, 9), ink: "#000", edge: "#1a1a1c", edgeWidth: 2, dash: [5, 3] };
  return { font, height: 26, centre: true, fill: FILL[key], ink: INK[key], edge: key === "5" || key === "4" ? "#ffffff" : "#000000", edgeWidth: 2 };
}
