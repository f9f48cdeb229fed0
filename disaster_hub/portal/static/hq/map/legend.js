// The legend of the desk's map: always there, drawn with the very symbols of the map.

import { write as writePublic } from "../../js/legend.js";
import { palette } from "../../js/symbols.js";
import { h } from "../../js/words.js";
import { lookOf, mark } from "./marks.js";

const box = document.getElementById("legend");

function picture(kind, thing) {
  const ratio = window.devicePixelRatio || 1;
  const canvas = h("canvas", { width: 22 * ratio, height: 22 * ratio, "aria-hidden": "true" });
  canvas.style.width = "22px"; canvas.style.height = "22px";
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  const [shape, letter, look] = lookOf(kind, thing, palette(), ctx);
  mark(ctx, shape, letter, 11, 11, 8, look);
  return canvas;
}

function item(kind, thing, words) { return h("span", { class: "item" }, picture(kind, thing), words); }

/** Write the legend for what is shown. */
export function write(shown) {
  writePublic(new Set([...shown].filter((name) => name !== "shelters")));
  const parts = [];
  if (shown.has("stations")) parts.push(h("span", { class: "item" }, h("span", { class: "swatch danger-ring", "aria-hidden": "true" }), "不明＝危険側"));
  if (shown.has("orders")) parts.push(h("span", { class: "item" }, h("span", { class: "swatch order-swatch", "aria-hidden": "true" }), "避難の発令区域"));
  if (shown.has("blocks")) parts.push(h("span", { class: "item" }, h("span", { class: "swatch block-swatch", "aria-hidden": "true" }), "避難区域"));
  if (shown.has("reports")) parts.push(item("report", { kind: "flooded_road", state: "received" }, "報告（未確認）"), item("report", { kind: "flooded_road", state: "working" }, "報告（対応中）"), item("report", { kind: "flooded_road", state: "done" }, "報告（済）"), h("span", { class: "item" }, h("span", { class: "swatch many-swatch", "aria-hidden": "true" }, "12"), "重なった報告の数"));
  if (shown.has("closed")) parts.push(h("span", { class: "item" }, h("span", { class: "swatch closed-swatch", "aria-hidden": "true" }, "✕"), "通行止め"));
  if (shown.has("checks")) parts.push(item("check", {}, "重点確認箇所"), item("check", { overdue: true }, "確認の時刻超過"));
  if (shown.has("shelters")) parts.push(item("shelter", { state: "open" }, "開設"), item("shelter", { state: "full" }, "満員・閉鎖"), item("shelter", {}, "開設の情報なし"));
  if (shown.has("cameras")) parts.push(item("camera", {}, "カメラ"), item("camera", { stale: true }, "古い画像"));
  if (shown.has("water_points")) parts.push(item("water", { kind: "消火栓" }, "消火栓"), item("water", { kind: "防火水槽" }, "防火水槽"));
  if (shown.has("sketches")) parts.push(h("span", { class: "item" }, h("span", { class: "swatch sketch-swatch", "aria-hidden": "true" }), "本部で描いたもの"));
  box.append(...parts);
}
