// The last 24 hours, frame by frame. While the past is shown everything says so, and one tap leads back.

import { clock, day, now, stand } from "../../js/clock.js";
import { desk } from "./layers.js";

const slider = document.getElementById("past");
const play = document.getElementById("past-play");
const bar = document.getElementById("pastbar");
const words = document.getElementById("past-words");
const at = document.getElementById("past-at");
const FRAME_MS = 350;
let frames = null;
let got = 0;
let timer = null;

/** The past as it is shown: null, or {at, iso, frame, said}. */
export let shown = null;

async function load() {
  if (frames && performance.now() - got < 60000) return;
  frames = await desk("map/past.json");
  got = performance.now();
  slider.max = String(frames.times.length);
}

/** The last state of a list of (time, state) at or before `iso`; undefined where none was yet. */
export function stateAt(steps, iso) {
  const moment = Date.parse(iso);
  let found;
  for (const [time, state] of steps ?? []) { if (Date.parse(time) > moment) break; found = state; }
  return found;
}

function stop() {
  clearInterval(timer);
  timer = null;
  play.textContent = "▶ 24時間を再生";
  play.setAttribute("aria-pressed", "false");
}

function say() {
  const old = Boolean(shown);
  document.body.classList.toggle("in-past", old);
  bar.hidden = !old;
  if (!old) { at.textContent = "いま"; slider.setAttribute("aria-valuetext", "いま"); return; }
  const other = day(shown.at) !== day(now()) ? `${day(shown.at)} ` : "";
  words.textContent = `過去 ${other}${clock(shown.at)} を表示中`;
  at.textContent = `過去 ${clock(shown.at)}`;
  slider.setAttribute("aria-valuetext", words.textContent);
}

/** Begin; `change()` is told whenever another moment is shown. */
export function ready(change) {
  const show = (n) => {
    const past = frames && n < frames.times.length;
    shown = past ? { at: Date.parse(frames.times[n]), iso: frames.times[n], frame: n, said: frames } : null;
    stand(shown ? shown.at : null);
    say();
    change();
  };
  const back = () => { stop(); slider.value = slider.max; show(Infinity); };
  const pick = async () => {
    try { await load(); } catch { at.textContent = "過去を読み込めませんでした"; return; }
    show(Number(slider.value));
  };
  slider.addEventListener("input", () => { stop(); pick(); });
  document.getElementById("past-end").addEventListener("click", () => { back(); slider.focus(); });
  addEventListener("keydown", (event) => { if (event.key === "Escape" && shown && !event.defaultPrevented) back(); });
  play.addEventListener("click", async () => {
    if (timer) { stop(); return; }
    play.textContent = "❚❚ とめる";
    play.setAttribute("aria-pressed", "true");
    try { await load(); } catch { stop(); at.textContent = "過去を読み込めませんでした"; return; }
    if (Number(slider.value) >= frames.times.length) slider.value = "0";
    show(Number(slider.value));
    timer = setInterval(() => {
      const next = Number(slider.value) + 1;
      slider.value = String(next);
      if (next >= frames.times.length) { back(); return; }
      show(next);
    }, FRAME_MS);
  });
  slider.max = "97"; slider.value = "97";
}

/** Areas as they stood at the shown moment. */
export function areasThen(areas) {
  return areas.map((area) => ({ ...area, level: shown.said.areas[area.code]?.[shown.frame] ?? null, reason: "（過去の表示）", issuer: "", since: null, until: null, order: null, observed: [], age_s: null }));
}

/** Stations with the reading that stood at the shown moment; what was not known then is not known here. */
export function stationsThen(stations) {
  return stations.map((station) => {
    const seen = shown.said.stations[station.id]?.[shown.frame];
    const plain = { ...station, danger: null, trend: null };
    if (!seen) return { ...plain, value: null, at: null, stale: true };
    return { ...plain, value: seen[0], at: new Date(shown.at - seen[1] * 60000).toISOString(), stale: seen[1] * 60 > 2 * station.interval_s + 60 };
  });
}
