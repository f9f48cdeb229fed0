// The desk's own symbols: shapes and letters tell them apart; colours stay with the levels.

import { hatch, stamped } from "../../js/symbols.js";

const REPORT = { flooded_road: "水", blocked_road: "止", flooded_house: "家", landslide: "崩", levee: "堤", rescue: "救", fire: "火", power: "電", water_supply: "断", damage: "損", other: "他" };
const STATE = { open: "開", filling: "混", full: "満", closed: "閉" };
const FONT = '"BIZ UDPGothic","Hiragino Sans","Noto Sans JP","Noto Sans CJK JP",sans-serif';

function box(ctx, kind, x, y, r) {
  ctx.beginPath();
  if (kind === "round") ctx.arc(x, y, r, 0, 2 * Math.PI);
  else if (kind === "pin") { ctx.arc(x, y - r * 0.5, r, Math.PI * 0.85, Math.PI * 2.15); ctx.lineTo(x, y + r * 1.1); ctx.closePath(); }
  else if (kind === "flag") { ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y - r); ctx.lineTo(x + r, y + r * 0.6); ctx.lineTo(x, y + r * 1.1); ctx.lineTo(x - r, y + r * 0.6); ctx.closePath(); }
  else if (kind === "house") { ctx.moveTo(x - r, y + r * 0.9); ctx.lineTo(x - r, y - r * 0.2); ctx.lineTo(x, y - r); ctx.lineTo(x + r, y - r * 0.2); ctx.lineTo(x + r, y + r * 0.9); ctx.closePath(); }
  else ctx.roundRect(x - r, y - r, 2 * r, 2 * r, 3);
}

/** Draw a shape with one letter in it; `look` names fill, ink and edge. */
export function mark(ctx, shape, letter, x, y, r, look) {
  if (typeof look.fill !== "string") { paint(ctx, shape, letter, x, y, r, look); return; } // a pattern has no name
  const key = `mark|${shape}|${letter}|${r}|${look.fill}|${look.ink}|${look.edge}|${look.halo}|${look.wide}|${look.dash}`;
  stamped(ctx, key, x, y, 1.6 * r + 4, (pen, middle) => paint(pen, shape, letter, middle, middle, r, look));
}

function paint(ctx, shape, letter, x, y, r, look) {
  box(ctx, shape, x, y, r);
  ctx.lineJoin = "round"; ctx.setLineDash([]);
  ctx.strokeStyle = look.halo; ctx.lineWidth = 4; ctx.stroke();
  ctx.fillStyle = look.fill; ctx.fill();
  ctx.strokeStyle = look.edge; ctx.lineWidth = look.wide ?? 1.5; ctx.setLineDash(look.dash ?? []); ctx.stroke(); ctx.setLineDash([]);
  ctx.fillStyle = look.ink; ctx.font = `700 ${Math.round(r * 1.25)}px ${FONT}`; ctx.textAlign = "center"; ctx.textBaseline = "middle";
  ctx.fillText(letter, x, y - (shape === "pin" ? r * 0.4 : shape === "flag" ? r * 0.15 : 0) + 1);
  ctx.textAlign = "left";
}

/** How a thing of a kind is drawn: shape, letter and look. */
export function lookOf(kind, thing, colours, ctx) {
  const plain = { fill: colours.paper, ink: colours.ink, edge: colours.ink, halo: colours.paper };
  const strong = { fill: colours.ink, ink: colours.paper, edge: colours.paper, halo: colours.ink };
  const done = { ...plain, fill: colours.faint, ink: colours.soft, edge: colours.soft };
  if (kind === "report") {
    const closed = ["done", "closed", "joined", "mistaken"].includes(thing.state);
    return ["pin", REPORT[thing.kind] ?? "他", closed ? done : thing.state === "received" ? strong : plain];
  }
  if (kind === "check") return ["flag", thing.overdue ? "！" : "確", thing.overdue ? strong : plain];
  if (kind === "camera") return ["square", "カ", thing.stale ? { ...plain, fill: hatch(ctx, "#a8a9b0", "#f4f4f6", 2, 6), ink: "#000", dash: [3, 2] } : plain];
  if (kind === "water") return ["round", thing.kind?.includes("槽") ? "槽" : "栓", plain];
  if (kind === "shelter") return ["house", STATE[thing.state] ?? "？", thing.state === "open" || thing.state === "filling" ? { ...plain, fill: colours.blue, ink: colours.paper } : thing.state ? strong : { ...plain, dash: [3, 2] }];
  return ["round", "・", plain];
}
