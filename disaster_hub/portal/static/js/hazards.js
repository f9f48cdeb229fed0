// The hazard zones as published: the depth of water as a blue scale, the rest hatched; the deeper lies on top.

import { Tiles } from "./tiles.js";

const DEPTH = { 1: "#d3e5f7", 2: "#a9cbee", 3: "#76a9de", 4: "#4482c6", 5: "#235ea6", 6: "#0f3d7a" };
const ENDS = [0.5, 3, 5, 10, 20];
const river = (scale) => (p) => p.hazard === "flood" && p.rank_kind === "depth" && p.scale === scale;
const KINDS = {
  depth: river("maximum"), planned: river("planned"), collapse: (p) => p.rank_kind === "collapse",
  landslide: (p) => p.rank_kind === "landslide", waters: (p) => p.hazard !== "flood" && p.rank_kind === "depth",
};

/** True where one of the layers of hazards is shown. */
export function anyShown(shown) { return Object.keys(KINDS).some((name) => shown.has(name)); }

/** Not every publisher has ranks; all have the class's lower end. */
function rankOf(p) {
  return p.rank ?? (p.low_m === null || p.low_m === undefined ? null : ENDS.filter((end) => p.low_m >= end).length + 1);
}

/** How a zone looks where `shown` has its layer; a depth that is not known is hatched and lies on top of all. */
export function look(p, shown) {
  if (!Object.entries(KINDS).some(([name, fits]) => shown.has(name) && fits(p))) return null;
  const rank = rankOf(p);
  if (p.rank_kind === "depth") return rank ? { order: rank, fill: DEPTH[rank] ?? DEPTH[6], alpha: 0.75 } : { order: 7, hatch: ["#76a9de", null, 1, 6] };
  if (p.rank_kind === "collapse") return { order: 8, hatch: ["#0f3d7a", null, 1.5, rank === 2 ? 6 : 10], stroke: "#0f3d7a", weight: 1.5 };
  const special = rank === 2 || rank === 4;
  return { order: special ? 10 : 9, hatch: ["#55565c", null, special ? 2.5 : 1, special ? 6 : 9], stroke: "#3c3d42", weight: special ? 2 : 1 };
}

/** The layer of a map: `stamp()` names what is loaded (`places` of the live word), `shown()` the layers that are on. */
export function hazardTiles(root, stamp, shown, pane, ahead = false) {
  return new Tiles({ pane, ahead, url: (z, x, y) => `${root}/api/tiles/${stamp()}/hazards/${z}/${x}/${y}`, style: (p) => look(p, shown()) });
}
