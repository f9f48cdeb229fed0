// What somebody saw: place and time are kept at once, the words stay on this phone until the city has them.

import { now } from "../js/clock.js";
import { small } from "../hq/small.js";
import { startPin } from "../resident/pin.js";

const DRAFT = "report";
const AGAIN_MS = 10_000;
const form = document.getElementById("report");
const kept = document.getElementById("kept");
const placed = document.getElementById("placed");
const { elements } = form;
let waiting = null;

function say(text, box = kept) {
  box.textContent = text;
  box.hidden = !text;
  if (text) box.scrollIntoView({ block: "nearest" });
}

function write() {
  const { kind, town, said, lon, lat, id } = elements;
  localStorage.setItem(DRAFT, JSON.stringify({ kind: kind.value, town: town.value, said: said.value, lon: lon.value, lat: lat.value, id: id.value, at: Date.now() }));
}

function read() {
  const left = JSON.parse(localStorage.getItem(DRAFT) ?? "null");
  if (!left || Date.now() - left.at > 86_400_000) return;
  if (left.kind && !elements.kind.value) elements.kind.value = left.kind;
  elements.town.value ||= left.town;
  elements.said.value ||= left.said;
  elements.id.value = left.id;
  if (left.lon && !elements.lon.value) show(left.lon, left.lat);
}

/** Put the pin at a place and draw the streets around it. */
async function show(lon, lat) {
  elements.lon.value = lon;
  elements.lat.value = lat;
  write();
  const box = document.getElementById("pinmap");
  try {
    const answer = await fetch(`${form.dataset.map}?lon=${lon}&lat=${lat}`);
    if (!answer.ok) return;
    box.innerHTML = await answer.text();
  } catch { return; }
  box.hidden = document.getElementById("pinhelp").hidden = false;
  startPin(form);
}

function here() {
  const button = document.getElementById("here");
  if (!navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
    (found) => { elements.town.value = ""; show(found.coords.longitude.toFixed(6), found.coords.latitude.toFixed(6)); say(placed.dataset.here, placed); },
    () => say(placed.dataset.nowhere, placed),
    { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 },
  ));
}

async function submit(event) {
  event.preventDefault();
  if (!form.reportValidity()) return;
  write();
  const file = elements.photo.files[0];
  // The time of seeing is the first press of the button, however often it is sent again.
  waiting ??= { seen: new Date(now()).toISOString() };
  waiting.photo = file ? await small(file) : null;
  await send();
}

async function send() {
  if (!waiting) return;
  clearTimeout(send.timer);
  say(kept.dataset.sending);
  const body = new FormData(form);
  body.delete("photo");
  body.append("seen_at", waiting.seen);
  if (waiting.photo) body.append("photo", waiting.photo, "photo.jpg");
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { "X-Hub": "1" }, cache: "no-store" });
  } catch { later(); return; }
  if (answer.status >= 500) { later(); return; }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) { waiting = null; say(said.said ?? kept.dataset.wait); return; }
  localStorage.removeItem(DRAFT);
  waiting = null;
  location.assign(`${said.page}/done?n=${said.number}`);
}

function later() {
  say(kept.dataset.wait);
  send.timer = setTimeout(send, AGAIN_MS);
}

function rescue() { document.getElementById("rescue").hidden = elements.kind.value !== "rescue"; }

form.addEventListener("submit", submit);
form.addEventListener("input", write);
form.addEventListener("change", (event) => {
  rescue();
  if (event.target === elements.town && elements.town.value) {
    const { lon, lat } = elements.town.selectedOptions[0].dataset;
    show(lon, lat);
  }
});
form.addEventListener("pointerup", () => setTimeout(write));
window.addEventListener("online", send);
here();
read();
rescue();
if (!document.getElementById("pinmap").hidden) startPin(form);
