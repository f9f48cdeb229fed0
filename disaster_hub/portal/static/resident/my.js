// What JavaScript adds to the resident's pages; without it every page still works.

import { startAnswers } from "./answers.js";
import { startChannel } from "./channel.js";
import { startLive } from "./live.js";
import { startPin } from "./pin.js";
import { startScan } from "./scan.js";

const root = document.body.dataset.root;

/** Ask the phone where it is, fill the form and send it. */
function locate(form) {
  const button = form.querySelector("#locate");
  const said = form.querySelector("#locate-said");
  form.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    said.textContent = button.dataset.wait;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lon.value = coords.longitude; form.elements.lat.value = coords.latitude;
        form.submit();
      },
      () => { button.disabled = false; said.textContent = button.dataset.fail; },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });
}

if (navigator.geolocation && window.isSecureContext) {
  for (const form of document.querySelectorAll("#here, #from-here")) locate(form);
}

/** Hand the shared link to the phone's own sharing, or copy it. */
const out = document.getElementById("share-out");
if (out) {
  out.hidden = false;
  out.addEventListener("click", async () => {
    const { link, title, copied } = out.dataset;
    if (navigator.share) { await navigator.share({ title, url: link }).catch(() => null); return; }
    document.getElementById("link").select();
    await navigator.clipboard?.writeText(link);
    document.getElementById("share-said").textContent = copied;
  });
}

const scan = document.getElementById("scan");
if (scan) startScan(scan);

const pin = document.getElementById("pin");
if (pin) startPin(pin);

/** Keep the plan on this phone: the service worker fetches what it needs to open without a network. */
async function keep() {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return null;
  const worker = await navigator.serviceWorker.register(`${root}/sw.js`, { scope: `${root}/my` });
  const ready = await active(worker);
  if (document.body.dataset.plan) {
    const files = [...document.querySelectorAll('link[rel="stylesheet"], script[src], link[rel="icon"], link[rel="manifest"]')].map((one) => one.href || one.src);
    for (const name of ["answers", "channel", "live", "pin", "scan", "shelf"]) files.push(new URL(`./${name}.js`, import.meta.url).href);
    ready.active.postMessage({ do: "keep", plan: `${root}/my/plan`, files });
  }
  return ready;
}

/** Give the registration once its worker is at work. */
function active(registration) {
  if (registration.active) return Promise.resolve(registration);
  return new Promise((done) => {
    const worker = registration.installing ?? registration.waiting;
    worker.addEventListener("statechange", () => { if (worker.state === "activated") done(registration); });
  });
}

const kept = document.getElementById("kept");
if ("serviceWorker" in navigator) {
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data.did === "kept" && kept) { kept.textContent = kept.dataset.kept; kept.hidden = false; }
  });
}

const ready = keep().catch(() => null);
startAnswers(root, ready);
startChannel(root, ready);
startLive(root);
