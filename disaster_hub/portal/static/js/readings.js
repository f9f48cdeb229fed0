// What a reading means: its trend, its marks and how urgent it is. The city's own marks have no level.

import { ageOf } from "./clock.js";
import { t } from "./words.js";

const OFFICIAL = ["standby", "advisory", "judgement", "danger"];

/** The name of a threshold; the city's own have no legal name. */
export function markName(key) {
  return {
    standby: t("水防団待機水位"), advisory: t("氾濫注意水位"), judgement: t("避難判断水位"), danger: t("氾濫危険水位"),
    design_high: t("計画高水位"), start: t("観測開始水位"), warn: t("危険水位（管理者の基準）"), flood: t("氾濫開始水位"),
    near: t("市の目安・接近"), met: t("市の目安・到達"),
  }[key] ?? key;
}

/** The level whose style a threshold's line takes: 1 to 4 of a flood forecast, null for all others. */
export function markLevel(key) {
  const at = OFFICIAL.indexOf(key);
  return at < 0 ? null : at + 1;
}

/** The highest threshold that the reading has reached, or null. */
export function reached(station) {
  if (station.value === null) return null;
  const over = Object.entries(station.thresholds).filter(([key, height]) => key !== "start" && station.value >= height);
  over.sort((a, b) => b[1] - a[1]);
  return over.length ? over[0][0] : null;
}

const WEIGHT = { danger: 90, flood: 90, met: 85, design_high: 80, judgement: 70, warn: 65, near: 60, advisory: 50, standby: 30 };

/** Higher is more urgent; a gauge that fell silent while high stands above everything. */
export function urgency(station) {
  const over = reached(station);
  const weight = over ? WEIGHT[over] ?? 20 : 0;
  if (isStale(station)) return weight >= 50 ? 100 + weight : 20 + weight;
  return weight + (station.trend === "rising" ? 5 : 0);
}

/** Stale by the server's word, or by the clock when the server is gone. */
export function isStale(station) {
  if (station.stale || !station.at) return true;
  const low = station.start !== null && station.start !== undefined && station.value !== null && station.value < station.start;
  const interval = low && station.interval_low_s ? Math.max(station.interval_s, station.interval_low_s) : station.interval_s;
  return Boolean(interval) && ageOf(station.at) > 2 * interval + 60;
}

/** ↗ 上昇中 */
export function trendWords(station) {
  if (station.kind === "rain") return "";
  return {
    rising: t("↗ 上昇中"), falling: t("↘ 下降中"), steady: t("→ 横ばい"),
  }[station.trend] ?? t("傾向不明");
}

/** The arrow alone. */
export function arrow(station) {
  return { rising: "↗", falling: "↘", steady: "→" }[station.trend] ?? "";
}

/** 1.42 m */
export function valueWords(station) {
  if (!station.at) return t("値なし");
  if (station.value === null) return t("欠測");
  const digits = station.unit === "m" ? 2 : Number.isInteger(station.value) ? 0 : 1;
  return `${station.value.toFixed(digits)} ${unitWords(station.unit)}`;
}

/** A unit as people write it. */
export function unitWords(unit) {
  return { "m3/s": "m³/s", degC: "℃" }[unit] ?? unit;
}

/** What stands there. */
export function kindWord(station) {
  if (station.own) return station.kind === "rain" ? t("市の雨量計") : t("市のセンサー");
  return { river: t("河川の水位計"), sensor: t("センサー"), rain: t("雨量計"), tide: t("潮位計") }[station.kind] ?? station.kind;
}

/** What is measured. */
export function quantityWord(quantity) {
  return {
    water_level: t("水位"), discharge: t("流量"), rainfall: t("雨量"), distance: t("水面までの距離"), temperature: t("気温"),
  }[quantity] ?? quantity;
}
