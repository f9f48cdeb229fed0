// The watch board: minutes that run down, marks of what changed until somebody says that it was seen, and a look every half minute.

import { now } from "../js/clock.js";
import { refresh } from "./desk.js";

const KEY = "watch:seen";
const KEPT = 400;
const LOOK_MS = 30000;
const saw = document.getElementById("saw");
const board = document.getElementById("board");

function seen() {
  try { return new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]")); } catch { return new Set(); }
}

/** Hide the marks of what this person has seen; the button is there while any is left. */
function marks() {
  const known = seen();
  let left = 0;
  for (const one of board.querySelectorAll("[data-change]")) {
    one.hidden = known.has(one.dataset.change);
    if (!one.hidden) left += 1;
  }
  saw.hidden = left === 0;
}

function minutes(one) {
  const left = Math.floor((Date.parse(one.dataset.until) - now()) / 60000);
  const over = one.dataset.over;
  const words = left >= 60 ? `あと${Math.floor(left / 60)}時間${left % 60}分` : `あと${left}分`;
  const said = left >= 0 && !(over && left < 0) ? (left === 0 && !over ? "まもなく" : words) : over ?? "まもなく";
  if (one.textContent !== said) one.textContent = said;
}

function tick() {
  for (const one of board.querySelectorAll("[data-until]")) minutes(one);
  for (const one of board.querySelectorAll("[data-deadline]")) {
    one.classList.toggle("passed", Date.parse(one.dataset.deadline) <= now());
    one.classList.toggle("soon", Date.parse(one.dataset.deadline) - now() <= 15 * 60000);
  }
}

saw.addEventListener("click", () => {
  const known = [...seen(), ...[...board.querySelectorAll("[data-change]")].map((one) => one.dataset.change)];
  localStorage.setItem(KEY, JSON.stringify([...new Set(known)].slice(-KEPT)));
  marks();
});
addEventListener("storage", (event) => { if (event.key === KEY) marks(); });
board.addEventListener("part", () => { marks(); tick(); });
setInterval(tick, 1000);
setInterval(refresh, LOOK_MS);
marks();
tick();
