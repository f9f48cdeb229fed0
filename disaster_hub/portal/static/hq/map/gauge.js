// A gauge's detail: the curve, its camera, its neighbours, its next threshold; nothing is shown that nobody said.

import { draw, table } from "../../js/chart.js";
import { ageOf, ageWords, clock, when } from "../../js/clock.js";
import { ask, failed, fill, kinds, opened } from "../../js/detail.js";
import { isStale, kindWord, markName, quantityWord, reached, trendWords, unitWords, valueWords } from "../../js/readings.js";
import { h, nameOf, said } from "../../js/words.js";
import { picture } from "./details.js";
import { desk } from "./layers.js";
import * as past from "./past.js";

const SIDE = { up: "▲ 上流", down: "▼ 下流", near: "近く" };

/** Show stations as the desk sees them; `go(id)` leads to a neighbour. */
export function ready(go) {
  kinds.station = async (station, quiet = false) => {
    const top = head(station);
    if (past.shown) { fill(nameOf(station), h("p", { class: "past-mark" }, `過去 ${clock(past.shown.at)} の表示です`), top, h("p", { class: "note" }, "24時間の変化といまの値は「いまに戻る」で見られます。")); return; }
    if (!quiet) fill(nameOf(station), top, h("p", {}, "読み込んでいます"));
    let series; let more;
    const name = encodeURIComponent(station.id);
    try { [series, more] = await Promise.all([ask(`stations/${name}/series`), desk(`map/stations/${name}.json`)]); } catch { fill(nameOf(station), top, failed()); return; }
    if (opened()?.id !== station.id) return;
    const wide = document.getElementById("detail").clientWidth - 36;
    fill(nameOf(station), head(station, more), next(more), ...more.cameras.map((camera) => picture(camera)),
      h("h3", {}, "24時間の変化"), draw(series, wide), forecastWords(series, more), datum(station),
      neighbours(more, go), table(series), history(more),
      h("p", { class: "note" }, `提供元：${station.own ? "市" : more.issuer || station.source} ・ 観測所番号 ${station.id}`));
  };
}

function head(station, more = null) {
  const over = reached(station);
  const old = isStale(station);
  return [
    h("p", { class: "headline" }, h("span", { class: `big-value${old ? " hatched" : ""}` }, valueWords(station)), h("span", {}, station.kind === "rain" ? "" : old ? "傾向不明" : trendWords(station), over ? h("span", { class: "mark strong" }, `${markName(over)}以上`) : null, h("span", { class: "small" }, `${kindWord(station)}・${quantityWord(station.quantity)} ${station.at ? `${when(station.at)}（${ageWords(ageOf(station.at))}）` : "値が届いていません"}`))),
    station.danger ? h("p", { class: "wrong danger" }, station.danger) : old ? h("p", { class: "wrong" }, more?.silence ? `不明：${more.silence.reason}（${when(more.silence.since)}から）` : "値が古くなっています。いまの値は分かりません。") : null,
    more?.maintained ? h("p", { class: "wrong" }, "点検中です。値は判断に使われません。") : null,
  ].filter(Boolean);
}

/** The next threshold and the time to it: by the official forecast, else a rule of thumb that says it is one. */
function next({ next: ahead }) {
  if (!ahead) return null;
  return h("p", { class: "next", "data-basis": ahead.basis }, ...[h("strong", {}, `次：${markName(ahead.mark)} まで ${ahead.rest_words}`), ahead.words ? h("span", { class: "small" }, ahead.words) : null].filter(Boolean));
}

function forecastWords(series, more) {
  if (!series.forecast.length) return h("p", { class: "note" }, "この観測所の公式の予測はありません。");
  return h("p", { class: "note" }, `点線は${more.issuer || "発表者"}の予測です（${when(series.forecast[0].issued_at)}発表）。発表者の誤差の明示なし。`);
}

function datum(station) {
  if (station.quantity !== "water_level") return null;
  return h("p", { class: "note" }, "高さの基準：この観測所の零点からの高さ（標高ではありません）。ほかの観測所の値とは比べられません。");
}

function neighbours({ neighbours: rows }, go) {
  if (!rows.length) return h("p", { class: "note" }, "近くの観測所はありません。");
  const river = rows.find((row) => row.river)?.river;
  return [h("h3", {}, river ? `${river}の上流・下流` : "近くの観測所（川のつながりは分かりません）"), h("ol", { class: "things neighbours" }, rows.map((row) => h("li", { "data-id": row.id },
    h("button", { type: "button", onclick: () => go(row.id) }, h("span", { class: "what" }, h("span", { class: "tag" }, SIDE[row.side]), ` ${row.name}`, h("span", { class: "small" }, `${row.side === "near" ? "直線" : "川に沿って"} ${row.metres < 1000 ? `${row.metres} m` : `${(row.metres / 1000).toFixed(1)} km`}${row.trend && !row.stale ? ` ${trendWords({ ...row, kind: "river" })}` : ""}`)),
      h("span", { class: "reading" }, h("span", { class: `value${row.stale ? " hatched" : ""}` }, row.value === null ? "値なし" : `${row.value.toFixed(2)} ${unitWords(row.unit)}`), h("span", { class: "small" }, row.at ? ageWords(ageOf(row.at)) : "時刻不明"))))))];
}

function history({ thresholds }) {
  if (thresholds.length < 2) return null;
  return h("details", {}, h("summary", {}, `基準の水位は変わっています（${thresholds.length - 1}回）`), h("table", {}, h("tbody", {}, thresholds.map((row) => h("tr", {}, h("th", { scope: "row" }, `${when(row.since)}から`), h("td", {}, Object.entries(row.marks).map(([key, value]) => `${markName(key)} ${value}`).join("、")))))));
}
