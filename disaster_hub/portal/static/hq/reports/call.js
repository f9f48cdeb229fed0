// The call box at the keyboard: a word, Enter, a digit, Enter. Or a touch on the map, a touch on a kind, a touch on "done".

import { ageOf, ageWords } from "../../js/clock.js";
import { h } from "../../js/words.js";
import { placeBox } from "./placebox.js";
import { spotMap } from "./spotmap.js";

const form = document.getElementById("call");
const { lon, lat, place } = form.elements;
const same = document.getElementById("same");
const spot = document.getElementById("spot");
const map = spotMap(document.getElementById("map"), touched, { reports: form.dataset.reports });
let asked = 0;

function here(x, y, words) {
  lon.value = Number(x).toFixed(6); lat.value = Number(y).toFixed(6);
  spot.textContent = `場所：${words}`;
  spot.dataset.known = "yes";
  form.dispatchEvent(new Event("change"));
  lookForSame();
}

placeBox(place, document.getElementById("found"), form.dataset.places, {
  picked(found, last) {
    map.put(found.lon, found.lat);
    here(found.lon, found.lat, `${found.what} ${found.name}${found.near && found.near !== found.name ? `（${found.near}）` : ""}`);
    if (last) toKinds();
  },
  changed() { lon.value = ""; lat.value = ""; delete spot.dataset.known; spot.textContent = "場所はまだ決まっていません"; same.replaceChildren(); map.clear(); },
  again: toKinds,
  empty() { spot.textContent = "見つかりません。別の言葉にするか、地図で1回さわってください"; },
});

async function touched(x, y) {
  here(x, y, "地図の印");
  const answer = await fetch(`${form.dataset.at}?lon=${x.toFixed(6)}&lat=${y.toFixed(6)}`).catch(() => null);
  const name = answer?.ok ? (await answer.json()).name : "";
  if (name && lon.value === x.toFixed(6)) {
    if (!place.value.trim() || place.dataset.filled) { place.value = name; place.dataset.filled = "yes"; }
    spot.textContent = `場所：地図の印（${name} 付近）`;
  }
  if (!form.elements.kind.value) toKinds();
}

function toKinds() { form.querySelector("input[name=kind]:checked, input[name=kind]").focus({ preventScroll: false }); }

/** Reports that may tell of the same thing: one touch joins this call to it. */
async function lookForSame() {
  const turn = ++asked;
  if (!lon.value) return;
  const answer = await fetch(`${form.dataset.same}?lon=${lon.value}&lat=${lat.value}&kind=${form.elements.kind.value}`).catch(() => null);
  if (!answer?.ok || turn !== asked) return;
  const { same: found } = await answer.json();
  const text = JSON.stringify(found.map((one) => one.id));
  if (same.dataset.text === text) return;
  same.dataset.text = text;
  same.replaceChildren(...(found.length ? [h("p", {}, "同じ報告かもしれません")] : []), ...found.map((one) =>
    h("div", { class: "same-one" }, h("span", {}, one.line, " ", h("time", { "data-age": one.seen_at }, ageWords(ageOf(one.seen_at))), one.said ? ` ${one.said}` : ""),
      h("button", { type: "submit", name: "join", value: one.id, class: "button" }, "この報告にまとめる"))));
}

form.addEventListener("change", (event) => {
  if (event.target.name === "kind") { lookForSame(); }
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && !["radio", "submit"].includes(event.target.type);
  if (writing) return;
  const key = event.key.normalize("NFKC");
  const kind = key.length === 1 && form.querySelector(`input[data-key="${CSS.escape(key)}"]`);
  if (kind) {
    event.preventDefault();
    kind.checked = true;
    kind.dispatchEvent(new Event("change", { bubbles: true }));
    document.getElementById("done").focus();
  } else if (event.key === "Enter" && event.target.type === "radio") {
    event.preventDefault();
    if (form.elements.kind.value) form.requestSubmit(document.getElementById("done"));
  }
});

let sent = false;
form.addEventListener("submit", (event) => {
  if (sent) { event.preventDefault(); return; }
  sent = true;
  setTimeout(() => { sent = false; }, 4000);
});

// A reload in the middle: the words are back, and so is the pin.
function again() {
  if (!lon.value) return;
  map.put(Number(lon.value), Number(lat.value));
  spot.textContent = `場所：${place.value || "地図の印"}`; spot.dataset.known = "yes";
  lookForSame();
}
setTimeout(again, 0);
