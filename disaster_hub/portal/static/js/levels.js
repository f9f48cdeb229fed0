// The five official levels, and how a place without one is said.

import { t } from "./words.js";

export const FILL = { 5: "#0c000c", 4: "#aa00aa", 3: "#ff2800", 2: "#f2e700", 1: "#ffffff", 0: "#c8c8cb" };
export const INK = { 5: "#ffffff", 4: "#ffffff", 3: "#000000", 2: "#000000", 1: "#000000", 0: "#000000" };
/** How urgent: not known stands above an advisory, for it may hide anything. */
export const RANK = { 5: 9, 4: 8, 3: 7, unknown: 6, 2: 5, 1: 4, 0: 3 };

/** The key of a level in tables and styles. */
export function keyOf(level) {
  return level === null || level === undefined ? "unknown" : String(level);
}

/** JMA's word for a level. */
export function levelWord(level) {
  return {
    5: t("特別警報"), 4: t("危険警報"), 3: t("警報"), 2: t("注意報"), 1: t("早期注意情報"), 0: t("発表なし"), unknown: t("不明"),
  }[keyOf(level)];
}

/** What stands on a badge: レベル4相当 危険警報; at 3 to 5 it is a yardstick (相当), no order. */
export function badgeWords(level, since) {
  const key = keyOf(level);
  if (key === "unknown") return since ? t("不明 %(at)sから", { at: since }) : t("不明");
  if (key === "0") return t("発表なし");
  if (level >= 3) return t("レベル%(n)s相当 %(word)s", { n: level, word: levelWord(level) });
  return t("レベル%(n)s %(word)s", { n: level, word: levelWord(level) });
}

/** The words of a hazard. */
export function hazardWord(hazard) {
  return {
    rain: t("大雨（浸水）"), flood: t("河川の氾濫"), landslide: t("土砂災害"), surge: t("高潮"), wind: t("暴風"),
    blizzard: t("暴風雪"), wave: t("波浪"), snow: t("大雪"), other: t("その他"),
  }[hazard] ?? hazard;
}
