// A curve as inline SVG: time left to right, now marked, thresholds as labelled lines, gaps as gaps.

import { clock, when } from "./clock.js";
import { markLevel, markName, quantityWord, unitWords } from "./readings.js";
import { h, t } from "./words.js";

let W = 520; const H = 300; const LEFT = 46; const RIGHT = 12; const TOP = 14; const BOTTOM = 30;
const HOUR = 3600000;

function s(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Draw `series` (an answer of /api/stations/<id>/series), `width` pixels wide. */
export function draw(series, width) {
  W = Math.max(280, Math.min(640, width));
  const end = Date.parse(series.now);
  const ahead = series.forecast.map((v) => Date.parse(v.at));
  const from = end - series.hours * HOUR;
  const to = Math.max(end + HOUR, ...ahead);
  const marks = Object.entries(series.thresholds);
  const values = [...series.observed, ...series.forecast].map((v) => v.value).filter((v) => v !== null);
  const rain = series.quantity === "rainfall";
  const heights = [...values, ...marks.map(([, height]) => height)];
  if (!values.length) return h("p", { class: "wrong" }, t("この期間の値はありません。"));
  const low = rain ? 0 : Math.min(...heights); const high = Math.max(...heights, rain ? 10 : low + 0.5);
  const pad = rain ? 0 : (high - low) * 0.08;
  const x = (ms) => LEFT + ((ms - from) / (to - from)) * (W - LEFT - RIGHT);
  const y = (v) => H - BOTTOM - ((v - low + pad) / (high - low + 2 * pad || 1)) * (H - TOP - BOTTOM);
  const svg = s("svg", { class: "chart", viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": summary(series, values) });
  svg.append(s("defs", {}, s("pattern", { id: "gap-hatch", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, s("line", { class: "hatch-line", x1: 0, y1: 0, x2: 0, y2: 8 }))));
  drawGaps(svg, series, x, end);
  drawAxes(svg, { from, to, low, high, x, y, unit: series.unit });
  for (const [key, height] of marks) drawMark(svg, key, height, x, y, from, to);
  if (rain) drawBars(svg, series, x, y); else { drawLine(svg, series.observed, series, x, y, "seen", "dot"); drawLine(svg, series.forecast, { ...series, interval_s: 3600 }, x, y, "ahead", "dot light"); }
  placeMarkNames(svg, marks, y);
  svg.append(s("line", { class: "now", x1: x(end), x2: x(end), y1: TOP, y2: H - BOTTOM }), text(x(end) - 4, TOP + 10, t("いま %(at)s", { at: clock(end) }), "halo", "end"));
  return svg;
}

function text(x, y, words, kind = "", anchor = "start") {
  return s("text", { x, y, class: kind, "text-anchor": anchor }, words);
}

function drawAxes(svg, { from, to, low, high, x, y, unit }) {
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 500].find((n) => (high - low) / n <= 6) ?? 1000;
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9; v += step) {
    svg.append(s("line", { class: "grid", x1: LEFT, x2: W - RIGHT, y1: y(v), y2: y(v) }), text(LEFT - 5, y(v) + 4, step < 1 ? v.toFixed(1) : String(Math.round(v)), "soft", "end"));
  }
  svg.append(text(4, TOP - 3, unitWords(unit), "soft"));
  const hours = [1, 3, 6, 12].find((n) => ((W - LEFT) * n * HOUR) / (to - from) > 38) ?? 24;
  for (let at = Math.ceil(from / (hours * HOUR)) * hours * HOUR; at <= to; at += hours * HOUR) {
    svg.append(s("line", { class: "grid", x1: x(at), x2: x(at), y1: TOP, y2: H - BOTTOM }));
    if (x(at) < W - 20) svg.append(text(x(at), H - BOTTOM + 16, clock(at), "soft", "middle"));
  }
  svg.append(s("line", { class: "axis", x1: LEFT, x2: W - RIGHT, y1: H - BOTTOM, y2: H - BOTTOM }));
}

function drawMark(svg, key, height, x, y, from, to) {
  const level = markLevel(key);
  const at = { x1: x(from), x2: x(to), y1: y(height), y2: y(height) };
  if (level) svg.append(s("line", { class: "casing", ...at }));
  svg.append(s("line", { class: level ? `limit t${level}` : "limit own", ...at }));
}

/** Name the lines at the left, pushed apart where they lie close. */
function placeMarkNames(svg, marks, y) {
  let last = Infinity;
  for (const [key, height] of [...marks].sort((a, b) => a[1] - b[1])) {
    const at = Math.min(y(height) - 4, last - 14);
    last = at;
    svg.append(text(LEFT + 4, at, `${markName(key)} ${height.toFixed(2)}`, "halo"));
  }
}

function parts(values, interval) {
  const runs = [[]];
  let before = null;
  for (const one of values) {
    const at = Date.parse(one.at);
    if (one.value === null || (before !== null && at - before > 2.5 * interval * 1000)) runs.push([]);
    if (one.value !== null) { runs.at(-1).push([at, one.value]); before = at; } else before = null;
  }
  return runs.filter((run) => run.length);
}

/** What is expected between two readings: the setting, or what the gauge really does if that is slower. */
function spacing(series) {
  const times = series.observed.map((v) => Date.parse(v.at));
  const gaps = times.slice(1).map((at, i) => (at - times[i]) / 1000).sort((a, b) => a - b);
  return Math.max(series.interval_s || 0, gaps[Math.floor(gaps.length / 2)] ?? 0) || 600;
}

function drawLine(svg, values, series, x, y, kind, dot) {
  for (const run of parts(values, kind === "seen" ? spacing(series) : series.interval_s)) {
    svg.append(s("polyline", { class: kind, points: run.map(([at, v]) => `${x(at).toFixed(1)},${y(v).toFixed(1)}`).join(" ") }));
    if (run.length < 30 || run.length === 1) for (const [at, v] of run) svg.append(s("circle", { class: dot, cx: x(at), cy: y(v), r: 2.5 }));
  }
}

function drawBars(svg, series, x, y) {
  const wide = Math.max(2, (W - LEFT - RIGHT) / ((series.hours + 1) * (3600 / spacing(series))) - 1);
  for (const one of series.observed) {
    if (one.value) svg.append(s("rect", { class: "bar", x: x(Date.parse(one.at)) - wide, y: y(one.value), width: wide, height: y(0) - y(one.value) }));
  }
}

function drawGaps(svg, series, x, end) {
  const good = series.observed.filter((v) => v.value !== null).map((v) => Date.parse(v.at));
  const wide = 2.5 * spacing(series) * 1000;
  for (let i = 0; i < good.length; i += 1) {
    const next = good[i + 1] ?? end;
    if (next - good[i] > wide) svg.append(s("rect", { class: "gap", x: x(good[i]), y: TOP, width: x(next) - x(good[i]), height: H - TOP - BOTTOM }));
  }
}

function summary(series, values) {
  const last = series.observed.filter((v) => v.value !== null).at(-1);
  const said = last ? t("最後の値 %(value)s %(unit)s（%(at)s）", { value: last.value, unit: unitWords(series.unit), at: when(last.at) }) : t("値なし");
  return `${quantityWord(series.quantity)}: ${said}, ${t("最小 %(low)s 最大 %(high)s", { low: Math.min(...values), high: Math.max(...values) })}`;
}

/** The same as a table, for those who cannot see the curve. */
export function table(series) {
  const rows = [...series.observed.slice(-36).reverse().map((v) => [v, false]), ...series.forecast.map((v) => [v, true])];
  return h("details", {}, h("summary", {}, t("数値の表")),
    h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, t("時刻")), h("th", {}, `${quantityWord(series.quantity)}（${unitWords(series.unit)}）`))),
      h("tbody", {}, rows.map(([v, forecast]) => h("tr", {}, h("td", {}, when(v.at)), h("td", {}, v.value === null ? t("欠測") : String(v.value), forecast ? ` ${t("予測")}` : ""))))));
}
