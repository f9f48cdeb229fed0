// The world's clock in the browser: it runs at the world's speed and is set right by every answer.

import { said, t } from "./words.js";

let base = Date.parse(said.now);
let setAt = performance.now();
const ends = said.ends ? Date.parse(said.ends) : Infinity;
const offset = minutesOf(said.now);

function minutesOf(iso) {
  const found = /([+-])(\d\d):(\d\d)$/.exec(iso);
  return found ? (found[1] === "-" ? -1 : 1) * (60 * Number(found[2]) + Number(found[3])) : 0;
}

/** Set the clock by an answer's `now`. */
export function set(iso) {
  base = Date.parse(iso);
  setAt = performance.now();
}

/** The world's time in milliseconds since 1970. */
export function now() {
  return Math.min(ends, base + (performance.now() - setAt) * said.speed);
}

let standing = null;

/** Let every age be told as of a past moment (ms), or of now again (null). */
export function stand(moment) {
  standing = moment;
}

function there(moment) {
  return new Date(moment + offset * 60000);
}

/** 20:58, in the city's zone. */
export function clock(moment) {
  const at = there(moment);
  return `${String(at.getUTCHours()).padStart(2, "0")}:${String(at.getUTCMinutes()).padStart(2, "0")}`;
}

/** 9月18日（金） */
export function day(moment) {
  const at = there(moment);
  const names = [t("日"), t("月"), t("火"), t("水"), t("木"), t("金"), t("土")];
  return t("%(m)s月%(d)s日（%(w)s）", { m: at.getUTCMonth() + 1, d: at.getUTCDate(), w: names[at.getUTCDay()] });
}

/** 20:58, with its day where it is another one than today. */
export function when(iso) {
  if (!iso) return t("時刻不明");
  const moment = Date.parse(iso);
  return there(moment).toDateString() === there(now()).toDateString() ? clock(moment) : `${day(moment)} ${clock(moment)}`;
}

/** 8分前 */
export function ageWords(seconds) {
  if (seconds === null || seconds === undefined) return t("時刻不明");
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return t("%(n)s秒前", { n: whole });
  if (whole < 3600) return t("%(n)s分前", { n: Math.floor(whole / 60) });
  if (whole < 172800) return t("%(n)s時間前", { n: Math.floor(whole / 3600) });
  return t("%(n)s日前", { n: Math.floor(whole / 86400) });
}

/** How long ago a time was, in seconds of this world. */
export function ageOf(iso) {
  return iso ? ((standing ?? now()) - Date.parse(iso)) / 1000 : null;
}
