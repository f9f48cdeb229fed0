// What every page of the headquarters does: keep the clock, stay live, say when it is blind, lose nothing that was typed.

import { ageOf, ageWords, clock, day, now, set } from "../js/clock.js";
import { watch } from "../js/live.js";
import { said } from "../js/words.js";
import { keepForms } from "./drafts.js";

const blind = document.getElementById("blind");
let word = null;
let refreshing = false;
let again = false;

/** Say a sentence above the page; nothing hides it. */
function say(text, link = null) {
  blind.hidden = !text;
  blind.replaceChildren(text ?? "", ...(link ? [" ", link] : []));
}

function typing(part) {
  const held = document.activeElement;
  return held && part.contains(held) && /^(INPUT|TEXTAREA|SELECT)$/.test(held.tagName);
}

/** Fetch one live part anew; where somebody is typing in it, it waits until they are done. */
async function fetchPart(part) {
  if (typing(part)) { part.addEventListener("focusout", () => setTimeout(refresh, 200), { once: true }); return; }
  const answer = await fetch(part.dataset.live, { headers: { "X-Part": "1" }, cache: "no-store", redirect: "manual" });
  if (answer.type === "opaqueredirect" || answer.status === 401) { signedOut(); return; }
  if (!answer.ok) throw new Error(`${part.dataset.live}: ${answer.status}`);
  const text = await answer.text();
  if (part.dataset.text === text || typing(part)) return;
  part.dataset.text = text;
  const opened = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
  const focus = part.contains(document.activeElement) ? document.activeElement.id : null;
  part.innerHTML = text;
  for (const id of opened) part.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  if (focus) part.querySelector(`#${CSS.escape(focus)}`)?.focus();
  keepForms(part);
  ages();
  part.dispatchEvent(new CustomEvent("part", { bubbles: true }));
}

function signedOut() {
  const link = Object.assign(document.createElement("a"), { href: location.href, textContent: "もう一度サインインする" });
  say("サインインの時間が切れました。書きかけの文はこの端末に残っています。", link);
}

const AGAIN_MS = 5000;
let good = Date.now();
let old = false;

function hour(moment) { return new Date(moment).toTimeString().slice(0, 5); }

/** Bring every live part up to date; where the hub answers but a part does not come, the page says how old it is. */
export async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = true;
  try {
    for (const part of document.querySelectorAll("[data-live]")) await fetchPart(part);
    good = Date.now();
    if (old) { old = false; if (!lost) say(null); }
  } catch (fault) {
    console.warn(String(fault));
    old = true;
    if (!lost) say(`この画面を新しくできません。表示は${hour(good)}の内容です。くり返し試しています。`);
    setTimeout(refresh, AGAIN_MS);
  }
  refreshing = false;
  if (again) { again = false; await refresh(); }
}

let set_by = null;

/** A replay's clock was put forward: follow it. */
async function follow(clock_) {
  const answer = await fetch(`${said.root}/api/situation`, { cache: "no-store" });
  if (!answer.ok) return;
  said.speed = Number(clock_.split(" ")[0]);
  set((await answer.json()).now);
  tick();
}

function take(next) {
  const changed = !word || ["facts", "desk", "places", "stations"].some((key) => word[key] !== next[key]);
  const first = word === null;
  word = next;
  if (set_by && set_by !== next.clock) follow(next.clock);
  set_by = next.clock;
  document.dispatchEvent(new CustomEvent("word", { detail: { word: next, changed, first } }));
  if (changed && !first) refresh();
  else if (first && lost) { lost = false; refresh(); }
}

let lost = false;
function state(kind, since) {
  const box = document.getElementById("live");
  box.dataset.state = kind;
  box.textContent = { live: "自動更新中", asking: "数秒おきに更新中", lost: "更新が止まっています" }[kind];
  if (kind === "lost") {
    lost = true; word = null;
    say(`${hour(since)}から更新が届いていません。表示はそのときの内容です。つながりしだい自動で追いつきます。`);
  } else if (!old && !blind.querySelector("a")) say(null);
}

/** Write every age: <time data-age="2026-09-18T17:00:00+09:00"> becomes 8分前. */
export function ages(root = document) {
  for (const one of root.querySelectorAll("[data-age]")) one.textContent = ageWords(ageOf(one.dataset.age));
}

function tick() {
  document.getElementById("clock").textContent = clock(now());
  document.getElementById("day").textContent = day(now());
  ages();
}

keepForms(document);
tick();
setInterval(tick, 1000);
watch({ word: take, state, alive: () => {} });
