// A report from the field: the place and the minute are those of the seeing, whenever the network lets it go.

import { clock } from "../../js/clock.js";
import { h, said } from "../../js/words.js";
import { small } from "../small.js";
import { drop, lay, recall, remember, sendAll, waiting } from "./queue.js";
import { moment, setAnchor } from "./when.js";

const form = document.getElementById("field");
const { me, to, worker, page, most } = form.dataset;
const [shots, spotBox, missing, box] = ["shots", "spot", "missing", "map"].map((id) => document.getElementById(id));
let draft = fresh();
let map = null;
let how = "done";

function fresh() { return { id: crypto.randomUUID(), seen_at: null, spot: null, photos: [] }; }
const kept = () => remember("draft", { ...draft, kind: form.elements.kind.value, place: form.elements.place.value, said: form.elements.said.value });

if (!form.dataset.kept) setAnchor(said.now, said.speed);
document.addEventListener("word", (event) => { if (event.detail.word.now) setAnchor(event.detail.word.now, said.speed); });

/** The moment of seeing: the time now, and the place as soon as the phone knows it; asked once a report. */
function see(anew = false) {
  if (draft.seen_at && !anew) return;
  const mine = draft;
  mine.seen_at = new Date(moment()).toISOString();
  const asked = moment();
  if (anew) mine.spot = null;
  show();
  navigator.geolocation?.getCurrentPosition((found) => {
    if (mine !== draft) return;
    if (mine.spot?.by === "hand") return;
    const { longitude: lon, latitude: lat, accuracy } = found.coords;
    // The phone may have known the place some seconds before or after: it is told with its own minute.
    mine.spot = { lon, lat, accuracy, at: new Date(asked + Math.max(0, found.timestamp - Date.now())).toISOString(), by: "phone" };
    map?.put(lon, lat);
    show(); kept();
  }, (fault) => { mine.fault = fault.code; show(); }, { enableHighAccuracy: true, maximumAge: 0, timeout: 20000 });
  kept();
}

function show() {
  const at = draft.seen_at ? `見た時刻 ${clock(Date.parse(draft.seen_at))}` : "";
  const { spot, fault } = draft;
  const where = spot?.by === "hand" ? "場所は地図で示した所" : spot ? `位置 誤差 約${Math.round(spot.accuracy)} m` : fault === 1 ? "位置の利用が許されていません。地図で場所をさわってください" : fault ? "位置がわかりません。地図で場所をさわってください" : at ? "位置を調べています…" : "";
  spotBox.textContent = at ? `${at}・${where}` : "写真をとるか種別を選ぶと、そのときの位置と時刻を覚えます";
  spotBox.toggleAttribute("data-known", Boolean(spot));
  shots.replaceChildren(...draft.photos.map((photo, n) => {
    const canvas = h("canvas", { width: 96, height: 96, role: "img", "aria-label": `写真 ${n + 1}` });
    createImageBitmap(photo).then((picture) => {
      const side = Math.min(picture.width, picture.height);
      canvas.getContext("2d").drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, 96, 96);
    }).catch(() => null);
    return h("div", { class: "shot" }, canvas, h("button", { type: "button", class: "button", onclick: () => { draft.photos.splice(n, 1); show(); kept(); } }, "はずす"));
  }));
}

async function add(event) {
  see();
  const files = [...event.target.files];
  event.target.value = "";
  for (const file of files) if (draft.photos.length < Number(most)) draft.photos.push(await small(file));
  show(); kept();
}
for (const id of ["camera", "album"]) {
  document.getElementById(id).addEventListener("click", () => see());
  document.getElementById(id).addEventListener("change", add);
}
form.addEventListener("change", (event) => { if (event.target.name === "kind") see(); kept(); });
form.addEventListener("input", () => kept());
document.getElementById("again").addEventListener("click", () => see(true));
document.getElementById("open-map").addEventListener("click", async (event) => {
  box.hidden = !box.hidden;
  event.currentTarget.setAttribute("aria-expanded", String(!box.hidden));
  if (box.hidden || map) return;
  const { spotMap } = await import("../reports/spotmap.js");
  map = spotMap(box, (lon, lat) => {
    see();
    draft.spot = { lon, lat, accuracy: null, at: new Date(moment()).toISOString(), by: "hand" };
    show(); kept();
  });
  if (draft.spot) map.put(draft.spot.lon, draft.spot.lat);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const kind = form.elements.kind.value;
  const lacks = !kind ? "何が起きているかを選んでください。" : !draft.spot ? "場所がまだわかりません。少し待つか、「地図で直す」で場所をさわってください。" : "";
  missing.textContent = lacks; missing.hidden = !lacks;
  if (lacks) return;
  const { spot } = draft;
  const title = form.querySelector("input[name=kind]:checked + span b").textContent;
  await lay({
    title, photos: draft.photos,
    fields: { id: draft.id, maker: me, kind, lon: spot.lon.toFixed(6), lat: spot.lat.toFixed(6), accuracy: spot.accuracy ?? "", seen_at: draft.seen_at, place: form.elements.place.value, said: form.elements.said.value },
  });
  draft = fresh();
  form.reset();
  await remember("draft", null);
  map?.clear();
  show();
  scrollTo(0, 0);
  carry();
});

/** Send what waits; one at a time over all tabs and the worker. */
async function carry() {
  await tell();
  how = await (navigator.locks ? navigator.locks.request("hub-field", () => sendAll(to)) : sendAll(to));
  if (how === "offline") navigator.serviceWorker?.ready.then((one) => one.sync?.register("field")).catch(() => null);
  await tell();
}

async function tell() {
  const rows = await waiting();
  const going = rows.filter((one) => !one.wrong);
  const box_ = document.getElementById("waiting");
  const others = going.filter((one) => one.fields.maker !== me).map((one) => one.fields.maker);
  const why = { offline: "電波を待っています。つながりしだい送ります", "signed-out": "サインインし直すと送ります", another: `${others[0] ?? "別の人"} さんがサインインすると送ります` }[how] ?? "送っています";
  box_.hidden = !going.length;
  box_.textContent = going.length ? `${going.length}件がこの電話で待っています。${why}。` : "";
  box_.dataset.number = String(going.length);
  document.getElementById("stuck").replaceChildren(...rows.filter((one) => one.wrong).map((one) => h("li", { class: "card" },
    h("p", {}, `${one.title}（${clock(Date.parse(one.fields.seen_at))}）：${one.wrong}`),
    h("button", { type: "button", class: "button", onclick: () => mend(one) }, "直す"))));
  const sent = (await recall("sent")) ?? [];
  document.getElementById("sent").replaceChildren(...sent.filter((one) => one.maker === me).map((one) => h("li", {}, `✓ 報告${one.number} ${one.title} 見た時刻 ${clock(Date.parse(one.seen_at))}`)));
}

/** Take a refused report back into the form. */
async function mend(one) {
  const { id, seen_at: seenAt, lon, lat, kind, place, said: words, accuracy } = one.fields;
  draft = { id, seen_at: seenAt, spot: lon ? { lon: Number(lon), lat: Number(lat), accuracy: Number(accuracy) || 0, by: accuracy ? "phone" : "hand" } : null, photos: one.photos };
  fill({ kind, place, said: words });
  await kept();
  await drop(one.order);
  show(); tell();
}

function fill(words) {
  const picked = form.querySelector(`input[name=kind][value="${CSS.escape(words.kind ?? "")}"]`);
  if (picked) picked.checked = true;
  form.elements.place.value = words.place ?? "";
  form.elements.said.value = words.said ?? "";
}

async function begin() {
  const last = await recall("draft");
  if (last) { draft = { id: last.id, seen_at: last.seen_at, spot: last.spot, photos: last.photos }; fill(last); }
  show();
  carry();
  if ("serviceWorker" in navigator) {
    await navigator.serviceWorker.register(worker, { scope: page });
    const ready = await navigator.serviceWorker.ready;
    navigator.serviceWorker.addEventListener("message", (event) => { if (event.data.did === "kept") form.dataset.safe = "1"; });
    if (!form.dataset.kept) ready.active.postMessage({ do: "keep", files: performance.getEntriesByType("resource").map((one) => one.name).concat([...document.querySelectorAll("link[href], script[src]")].map((one) => one.href || one.src), new URL("../reports/spotmap.js", import.meta.url).href) });
  }
}

addEventListener("online", carry);
document.addEventListener("visibilitychange", () => { if (!document.hidden) carry(); });
setInterval(async () => { if ((await waiting()).some((one) => !one.wrong)) carry(); }, 8000);
begin();
