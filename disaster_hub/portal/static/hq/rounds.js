// The round on a phone: one tap is kept at once with time and place, and sent as soon as there is a network.

import { clock, now } from "../js/clock.js";
import { refresh } from "./desk.js";
import { small } from "./small.js";
import { count, keep, onChange, sendAll } from "./waiting.js";

const UNDO_S = 60;
const PLACE_WAIT_MS = 4000;
const PLACE_OLDEST_MS = 60_000;
const chosen = new Map();
let last = null;

/** Where the phone is, if it says so soon; it is asked ahead so that a tap need not wait. */
function watchPlace() {
  if (!navigator.geolocation || !document.querySelector("form[data-queue]")) return;
  navigator.geolocation.watchPosition(
    (found) => { last = { lon: found.coords.longitude, lat: found.coords.latitude, at: Date.now() }; },
    () => { last = null; },
    { enableHighAccuracy: true, maximumAge: 15_000, timeout: PLACE_WAIT_MS },
  );
}

function place() {
  return last && Date.now() - last.at < PLACE_OLDEST_MS ? { lon: String(last.lon), lat: String(last.lat) } : {};
}

function say(text, undo = null) {
  const box = document.getElementById("ticked");
  if (!box) return;
  box.replaceChildren(text);
  if (undo) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: "取り消す" });
    button.addEventListener("click", undo, { once: true });
    box.append(" ", button);
  }
  box.hidden = false;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { box.hidden = true; }, UNDO_S * 1000);
}

async function waiting() {
  const box = document.getElementById("queue");
  if (!box) return;
  const { number, wrong } = await count();
  box.hidden = !number && !wrong;
  box.textContent = wrong ?? (number ? `送信待ち ${number}件。この端末に残っています。つながりしだい、見た時刻のまま送ります。` : "");
}

async function submit(event) {
  const form = event.target.closest("form[data-queue], form.undo");
  if (!form) return;
  event.preventDefault();
  if (form.classList.contains("undo")) { await undo(form.action); return; }
  const seen = new Date(now());
  const fields = { ...Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string")), ...place() };
  delete fields.csrf_token;
  fields.id = crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  fields.seen_at = seen.toISOString();
  const file = form.querySelector("input[type=file]")?.files[0] ?? chosen.get(form.action) ?? null;
  mark(form, seen);
  await keep({ id: fields.id, url: form.action, fields, photo: file ? await small(file) : null, title: form.dataset.queue });
  chosen.delete(form.action);
  sessionStorage.removeItem(`draft:${form.dataset.keep}`);
  form.reset();
  const look = fields.id;
  const taken = form.classList.contains("tick") ? () => undo(`${root()}/hq/checks/looks/${look}/undo`, look) : null;
  say(`${form.dataset.queue}：${clock(seen.getTime())} 記録しました。`, taken);
  const sent = await sendAll();
  if (form.dataset.then && (sent || !navigator.onLine)) { location.assign(form.dataset.then); return; }
  if (sent) await refresh();
}

function root() {
  return JSON.parse(document.getElementById("said").textContent).root ?? "";
}

async function undo(url, look = null) {
  await keep({ id: `undo-${look ?? url}`, url, fields: { at: new Date(now()).toISOString() }, photo: null, title: "取り消し" });
  say("取り消しました。記録には両方が残ります。");
  if (await sendAll()) await refresh();
}

/** Show at once that it is written down; the list says so itself when the server has it. */
function mark(form, seen) {
  const row = form.closest("li");
  if (!row) return;
  row.dataset.sending = "yes";
  row.querySelector(".seen").textContent = `${clock(seen.getTime())} 見ました（送信待ち）`;
}

function pictures(root_) {
  for (const input of root_.querySelectorAll("form[data-queue] input[type=file]")) {
    input.addEventListener("change", () => { chosen.set(input.form.action, input.files[0]); });
    const kept = chosen.get(input.form.action);
    if (kept && !input.files.length) input.before(`（${kept.name} を選んであります）`);
  }
}

function here() {
  const button = document.getElementById("here");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition((found) => {
    const { elements } = button.form;
    elements["経度"].value = found.coords.longitude.toFixed(6);
    elements["緯度"].value = found.coords.latitude.toFixed(6);
    elements["経度"].dispatchEvent(new Event("input", { bubbles: true }));
  }));
}

document.addEventListener("submit", submit);
document.addEventListener("part", (event) => pictures(event.target));
document.addEventListener("word", () => sendAll());
window.addEventListener("online", () => sendAll().then((sent) => sent && refresh()));
onChange(waiting);
pictures(document);
watchPlace();
here();
waiting();
sendAll().then((sent) => sent && refresh());
