// The composer: the map and the list choose the same areas; homes, people and words follow at once.

import { areaMap } from "./areamap.js";
import "./decisions.js";
import { drawing } from "./drawing.js";

const form = document.getElementById("compose");
const look = document.getElementById("look");
const boxes = () => [...form.querySelectorAll("input[name=areas]")];
const WAIT_MS = 150;
const corners = form.elements.namedItem("corners");
let map = null;
let draw = null;
let asked = 0;
let timer = null;

const groups = [...document.querySelectorAll("#groups button")];

function chosen() { return new Set(boxes().filter((one) => one.checked).map((one) => one.value)); }

function count() {
  const n = chosen().size;
  const drew = corners.value.trim() ? "描いた区域" : "";
  document.getElementById("chosen").textContent = [n ? `${n}区域` : "", drew].filter(Boolean).join("＋");
  for (const one of groups) one.setAttribute("aria-pressed", String(one.dataset.codes.split(" ").every((code) => chosen().has(code))));
  map?.show(chosen());
}

/** Ask for homes, people and words; the newest question alone may answer. */
async function ask() {
  const mine = ++asked;
  const body = new FormData(form);
  body.set("do", "look");
  const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "1" }, redirect: "manual" }).catch(() => null);
  if (mine !== asked) return;
  if (!answer?.ok) { look.dataset.state = "old"; say("人数と文面を取り直せません。もう一度選ぶか、「人数と文面を確かめる」を押してください。"); return; }
  const text = await answer.text();
  if (mine !== asked) return;
  const open = new Set([...look.querySelectorAll("details[open][id]")].map((one) => one.id));
  const shut = new Set([...look.querySelectorAll("details:not([open])[id]")].map((one) => one.id));
  const focus = look.contains(document.activeElement) ? document.activeElement.value : null;
  look.dataset.state = "new";
  look.innerHTML = text;
  for (const one of look.querySelectorAll("details[id]")) {
    if (open.has(one.id)) one.open = true;
    else if (shut.has(one.id)) one.open = false;
  }
  if (focus) look.querySelector(`input[name=language][value="${CSS.escape(focus)}"]`)?.focus();
}

function say(text) {
  const line = Object.assign(document.createElement("p"), { className: "wrong", textContent: text });
  line.setAttribute("role", "alert");
  look.prepend(line);
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT_MS);
}

function choose(codes, on) {
  for (const one of boxes()) if (codes.has(one.value)) one.checked = on;
  form.dispatchEvent(new Event("change", { bubbles: true }));
}

function find(text) {
  const word = text.trim();
  for (const row of form.querySelectorAll(".area-boxes li")) row.hidden = Boolean(word) && !row.dataset.name.includes(word);
}

form.addEventListener("change", () => { count(); soon(); });
form.addEventListener("input", (event) => {
  if (event.target === corners) { count(); soon(); }
  else if (["why", "note", "drawn_name"].includes(event.target.name)) { clearTimeout(timer); timer = setTimeout(ask, 600); }
});
form.addEventListener("restored", () => { count(); if (chosen().size || corners.value.trim()) soon(); });
document.getElementById("area-tools").hidden = false;
document.getElementById("look-button").hidden = true;
document.getElementById("find").addEventListener("input", (event) => find(event.target.value));
document.getElementById("find").addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
const shown = () => new Set(boxes().filter((one) => !one.closest("li").hidden).map((one) => one.value));
document.getElementById("all").addEventListener("click", () => choose(shown(), true));
document.getElementById("none").addEventListener("click", () => choose(chosen(), false));
if (groups.length) document.getElementById("groups").hidden = false;
for (const one of groups) one.addEventListener("click", () => choose(new Set(one.dataset.codes.split(" ")), one.getAttribute("aria-pressed") !== "true"));
areaMap(document.getElementById("area-map"), form.dataset.areas, (code) => {
  const one = boxes().find((box) => box.value === code);
  if (one && !draw?.active()) choose(new Set([code]), !one.checked);
}).then((made) => {
  map = made;
  if (!map) return;
  map.show(chosen(), chosen().size > 0);
  draw = drawing(map.map, corners, form.elements.namedItem("drawn_name"));
  if (!chosen().size && draw.bounds()) map.map.fitBounds(draw.bounds().pad(0.5), { animate: false });
});
count();
if (chosen().size || corners.value.trim()) soon(); // what was kept over a reload is there before this script
