// The legend: always there, drawn with the very symbols of the map.

import { levelWord } from "./levels.js";
import { drawShelter, drawStation, hatch, palette } from "./symbols.js";
import { h, t } from "./words.js";

const DEPTH = ["#d3e5f7", "#a9cbee", "#76a9de", "#4482c6", "#235ea6", "#0f3d7a"];

function picture(draw, width = 22, height = 22) {
  const ratio = window.devicePixelRatio || 1;
  const canvas = h("canvas", { width: width * ratio, height: height * ratio, "aria-hidden": "true" });
  canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  draw(ctx);
  return canvas;
}

function item(figure, words) {
  return h("span", { class: "item" }, figure, words);
}

/** Write the legend for what is shown. */
export function write(shown) {
  const box = document.getElementById("legend");
  const colours = palette();
  const fresh = { at: "2999-01-01T00:00:00Z", value: 0, thresholds: {}, interval_s: 0, stale: false };
  const station = (kind, more = {}) => picture((ctx) => drawStation(ctx, { ...fresh, kind, ...more }, 11, 11, colours, 7));
  const parts = [5, 4, 3, 2, 1, 0].map((n) => item(h("span", { class: "lv swatch", "data-level": n }, n || "–"), levelWord(n)));
  parts.push(item(h("span", { class: "lv swatch", "data-level": "unknown" }, "？"), t("不明")));
  if (shown.has("stations")) {
    parts.push(item(station("river"), t("河川の水位計")), item(station("sensor"), t("センサー")), item(station("rain"), t("雨量計")), item(station("sensor", { value: 1, thresholds: { near: 1 } }), t("目安に接近")), item(station("sensor", { value: 1, thresholds: { met: 1 } }), t("目安に到達")), item(station("river", { stale: true }), t("古い値・途絶")));
  }
  if (shown.has("shelters")) parts.push(item(picture((ctx) => drawShelter(ctx, { designation: "emergency" }, 11, 11, colours)), t("緊急避難場所")), item(picture((ctx) => drawShelter(ctx, {}, 11, 11, colours)), t("避難所")));
  if (shown.has("depth") || shown.has("planned") || shown.has("waters")) parts.push(item(picture((ctx) => DEPTH.forEach((fill, i) => { ctx.fillStyle = fill; ctx.fillRect(i * 14, 4, 14, 14); }), 84), t("浸水の深さ 0.5m未満→20m以上")));
  if (shown.has("collapse")) parts.push(item(hatched("#0f3d7a", 1.5), t("家屋倒壊のおそれ")));
  if (shown.has("landslide")) parts.push(item(hatched("#55565c", 2), t("土砂災害警戒区域")));
  box.replaceChildren(...parts);
}

function hatched(line, width) {
  return picture((ctx) => { ctx.fillStyle = hatch(ctx, line, "#ffffff", width, 6); ctx.fillRect(1, 3, 20, 16); ctx.strokeStyle = line; ctx.strokeRect(1, 3, 20, 16); });
}
