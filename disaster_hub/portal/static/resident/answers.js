// Answers: kept on this phone with their own time and place first, sent when there is a network, once.

import { clear, lay, send, waiting } from "./shelf.js";

const DOUBLE_MS = 3000; // a trembling hand taps twice and means once

const name = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");

/** Give the phone's place where it is known at once or within two seconds; an answer never waits longer for it. */
function place() {
  if (!navigator.geolocation || !window.isSecureContext) return Promise.resolve(null);
  return new Promise((done) => {
    const late = setTimeout(() => done(null), 2000);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { clearTimeout(late); done({ lon: coords.longitude, lat: coords.latitude }); },
      () => { clearTimeout(late); done(null); },
      { timeout: 2000, maximumAge: 600000 },
    );
  });
}

export function startAnswers(root, ready) {
  const form = document.getElementById("answers");
  const said = document.getElementById("answer-said");
  const to = `${root}/my/answers`;
  const forget = document.getElementById("forget");
  if (forget) forget.addEventListener("submit", () => { clear().catch(() => null); caches?.delete("hub-home"); });

  /** Say how many answers wait, and that the network is gone. */
  async function show() {
    if (!form) return;
    const rows = await waiting().catch(() => []);
    const banner = document.getElementById("offline");
    const since = sessionStorage.getItem("offline-since");
    const words = [];
    if (since) words.push(form.dataset.offline.replace("{time}", since));
    if (rows.length) words.push(form.dataset.waiting.replace("{n}", String(rows.length)));
    banner.textContent = words.join(" ");
    banner.hidden = !words.length;
  }

  const clock = (at) => at.toLocaleTimeString("ja-JP", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Tokyo" });

  function gone() {
    const last = document.body.dataset.offlineSince;
    if (last) sessionStorage.setItem("offline-since", clock(new Date(last)));
    else if (!sessionStorage.getItem("offline-since")) sessionStorage.setItem("offline-since", clock(new Date()));
    show();
  }

  /** Say at once what to do after this answer, in the place of the word before it; that the city knows, only once it does. */
  function meaning(word) {
    const box = document.getElementById("answered");
    if (!box) return;
    box.hidden = false;
    for (const one of box.querySelectorAll("[data-word]")) one.hidden = one.dataset.word !== word;
    const now = box.querySelector(`[data-word="${word}"]`);
    document.getElementById("asked").hidden = "instead" in now.dataset;
    document.getElementById("whole")?.toggleAttribute("open", !("instead" in now.dataset));
    document.getElementById("answered-at")?.remove();
    const title = document.getElementById("ask-title");
    title.textContent = title.dataset.again;
    for (const one of [title, form]) one.classList.add("again");
  }

  /** Give what is said once an answer of this page has arrived. */
  const arrived = () => document.querySelector("#answered:not([hidden]) [data-word]:not([hidden])")?.dataset.told;

  let busy = false;
  async function carry() {
    if (busy) return;
    busy = true;
    try {
      if (!(await waiting()).length) return;
      await navigator.locks.request("hub-answers", () => send(to));
      sessionStorage.removeItem("offline-since");
      if (said) said.textContent = arrived() ?? form?.dataset.kept ?? "";
    } catch (fault) {
      if (!(fault instanceof Error) || !/^\d+$/.test(fault.message)) gone();
    } finally {
      busy = false;
      show();
    }
  }

  if (form) {
    let last = { word: "", at: 0 };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const word = event.submitter?.value;
      if (!word || (word === last.word && event.timeStamp - last.at < DOUBLE_MS)) return;
      last = { word, at: event.timeStamp };
      const at = new Date(Date.now()).toISOString();
      const spot = await place();
      await lay({ id: name(), word, at, spot, ...(form.dataset.to ? { to: form.dataset.to } : {}) });
      said.hidden = false;
      said.textContent = form.dataset.queued;
      meaning(word);
      for (const one of form.elements) if (one.name === "word") one.toggleAttribute("aria-current", one.value === word);
      const registration = await ready;
      if (registration?.sync) registration.sync.register("answers").catch(() => null);
      carry();
    });
    if (document.body.dataset.offlineSince || !navigator.onLine) gone();
    else sessionStorage.removeItem("offline-since"); // this page came over the network just now
  }
  addEventListener("online", carry);
  addEventListener("offline", gone);
  if (form || navigator.onLine) carry();
}
