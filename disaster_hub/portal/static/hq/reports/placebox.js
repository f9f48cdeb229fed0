// A box for one word: the places that it may mean are listed while it is typed; Enter takes the first.

import { h } from "../../js/words.js";

const PAUSE_MS = 90;

/** Make `input` and `list` a place box; `on.picked(place, last)`, `on.changed()`, `on.empty()`. */
export function placeBox(input, list, url, on) {
  let found = [];
  let at = -1;
  let turn = 0;
  let timer = null;
  let taken = "";
  let shownFor = "";

  async function ask() {
    const mine = ++turn;
    const word = input.value.trim();
    if (!word || word === taken) { show([]); return; }
    const answer = await fetch(`${url}?q=${encodeURIComponent(word)}`).catch(() => null);
    if (!answer?.ok || mine !== turn) return;
    shownFor = word;
    show((await answer.json()).places);
    if (!found.length) on.empty?.();
  }

  function show(places) {
    found = places; at = places.length ? 0 : -1;
    list.replaceChildren(...places.map((one, n) => h("li", { role: "option", id: `${list.id}-${n}`, "aria-selected": String(n === 0) },
      h("span", { class: "found-name" }, one.name), h("span", { class: "found-what" }, `${one.what}${one.near ? `・${one.near}` : ""}`))));
    list.hidden = !places.length;
    input.setAttribute("aria-expanded", String(Boolean(places.length)));
    mark();
  }

  function mark() {
    [...list.children].forEach((one, n) => one.setAttribute("aria-selected", String(n === at)));
    if (at >= 0) input.setAttribute("aria-activedescendant", `${list.id}-${at}`); else input.removeAttribute("aria-activedescendant");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function take(one, last) {
    // What was typed stays where it says more than the name: 芦原橋の下.
    if (!input.value.includes(one.name)) input.value = one.name;
    taken = input.value.trim();
    turn += 1;
    show([]);
    input.dispatchEvent(new Event("change", { bubbles: true }));
    on.picked(one, last);
  }

  input.addEventListener("input", () => {
    delete input.dataset.filled;
    on.changed?.();
    taken = shownFor = "";
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener("keydown", async (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && found.length) { event.preventDefault(); at = (at + 1) % found.length; mark(); }
    if (event.key === "ArrowUp" && found.length) { event.preventDefault(); at = (at + found.length - 1) % found.length; mark(); }
    if (event.key === "Escape") show([]);
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (taken && input.value.trim() === taken) { on.again?.(); return; }
    clearTimeout(timer);
    if (shownFor !== input.value.trim()) await ask(); // the last letters may not have been asked for yet
    if (found[at]) take(found[at], true);
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const row = event.target.closest("li");
    if (row) take(found[[...list.children].indexOf(row)], true);
  });
  input.addEventListener("blur", () => setTimeout(() => show([]), 200));
}
