// Thousands of points on canvas: reports, water points. What overlaps is drawn as one with its number; what is urgent never is.
//
//   const points = new Points({ urgent: (thing) => true or false, draw: (ctx, thing, x, y, colours) => {}, gap: 22 });
//   points.set(things)                                     things have lon and lat
//   points.draw(ctx, point, bounds, colours)               inside a map's own canvas: point(lon, lat) → {x, y}
//   points.near({ x, y }, 22)                              → { things: [...], x, y } or null

const FONT = '700 13px "BIZ UDPGothic","Hiragino Sans","Noto Sans JP","Noto Sans CJK JP",sans-serif';

export class Points {
  constructor({ draw, urgent = () => false, gap = 22 }) {
    this.one = draw; this.urgent = urgent; this.gap = gap;
    this.things = []; this.spots = []; this.grid = new Map();
  }

  /** Take the things; those without a place are left to the lists. */
  set(things) { this.things = things.filter((thing) => Number.isFinite(thing.lon) && Number.isFinite(thing.lat)); }

  /** Put things that would cover each other together; a cell of one thing stays that thing, where it is. */
  _gather(point, bounds) {
    const cells = new Map();
    this.spots = [];
    const urgent = [];
    for (const thing of this.things) {
      const at = point(thing.lon, thing.lat);
      if (!bounds.contains(at)) continue;
      if (this.urgent(thing)) { urgent.push({ things: [thing], x: at.x, y: at.y, urgent: true }); continue; }
      const key = `${Math.floor(at.x / this.gap)},${Math.floor(at.y / this.gap)}`;
      const cell = cells.get(key);
      if (cell) { cell.things.push(thing); cell.x += at.x; cell.y += at.y; } else cells.set(key, { things: [thing], x: at.x, y: at.y });
    }
    for (const cell of cells.values()) { cell.x /= cell.things.length; cell.y /= cell.things.length; this.spots.push(cell); }
    this.spots.push(...urgent);
    this.grid = new Map();
    for (const spot of this.spots) {
      const key = this._cell(spot.x, spot.y);
      if (this.grid.has(key)) this.grid.get(key).push(spot); else this.grid.set(key, [spot]);
    }
  }

  _cell(x, y, dx = 0, dy = 0) { return `${Math.floor(x / 64) + dx},${Math.floor(y / 64) + dy}`; }

  /** Draw what lies in `bounds`: the many first, the urgent on top. */
  draw(ctx, point, bounds, colours) {
    this._gather(point, bounds);
    for (const spot of this.spots) {
      if (spot.things.length === 1) this.one(ctx, spot.things[0], spot.x, spot.y, colours);
      else this._number(ctx, spot, colours);
    }
    return this.spots;
  }

  _number(ctx, { things, x, y }, colours) {
    ctx.beginPath(); ctx.arc(x, y, 12, 0, 2 * Math.PI);
    ctx.fillStyle = colours.paper; ctx.fill();
    ctx.strokeStyle = colours.ink; ctx.lineWidth = 2; ctx.stroke();
    ctx.fillStyle = colours.ink; ctx.font = FONT; ctx.textAlign = "center"; ctx.textBaseline = "middle";
    ctx.fillText(things.length > 99 ? "99+" : String(things.length), x, y + 1, 22);
    ctx.textAlign = "left";
  }

  /** Give the nearest spot within so many pixels; of two as near, the urgent one. */
  near(p, reach = 22) {
    let best = null;
    for (let dx = -1; dx <= 1; dx += 1) for (let dy = -1; dy <= 1; dy += 1) {
      for (const spot of this.grid.get(this._cell(p.x, p.y, dx, dy)) ?? []) {
        const far = Math.hypot(spot.x - p.x, spot.y - p.y) - (spot.urgent ? 4 : 0);
        if (far < reach && (!best || far < best.far)) best = { spot, far };
      }
    }
    return best?.spot ?? null;
  }
}
