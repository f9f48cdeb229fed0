// Search by place, address or name: what the page knows at once, the gazetteer as one types.

import { h } from "../../js/words.js";
import { desk, settings } from "./layers.js";

const field = document.getElementById("find");
const list = document.getElementById("found");
const MOST = 12;
let rows = [];
let at = -1;
let turn = 0;

function plain(text) { return text.normalize("NFKC").toLowerCase().replace(/\s+/g, ""); }

function choose(n, go) {
  const row = rows[n];
  if (!row) return;
  field.value = row.name;
  close();
  go(row);
}

function close() { list.hidden = true; field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); at = -1; }

function show(found, go) {
  rows = found.slice(0, MOST);
  at = -1;
  list.replaceChildren(...(rows.length ? rows.map((row, n) => h("li", { id: `found-${n}`, role: "option", "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); choose(n, go); } }, h("span", {}, row.name), row.kind ?? row.what ? h("span", { class: "small" }, [row.kind ?? row.what, row.near].filter(Boolean).join("・")) : null)) : [h("li", { class: "none", role: "option", "aria-selected": "false", "aria-disabled": "true" }, "見つかりません。町名だけ、橋や施設の名前でも探せます。")]));
  list.hidden = false;
  field.setAttribute("aria-expanded", "true");
}

function move(step) {
  if (!rows.length) return;
  at = (at + step + rows.length) % rows.length;
  for (const [n, one] of [...list.children].entries()) one.setAttribute("aria-selected", String(n === at));
  field.setAttribute("aria-activedescendant", `found-${at}`);
  list.children[at].scrollIntoView({ block: "nearest" });
}

/** Search; `known()` gives the things of this page, `go(row)` leads to the chosen one. */
export function ready(known, go) {
  const ask = async () => {
    const mine = turn += 1;
    const text = plain(field.value);
    if (!text) { close(); return; }
    const here = known().filter((row) => plain(row.name).includes(text));
    if (here.length) show(here, go);
    if (!settings.sources.places) { if (!here.length) show([], go); return; }
    try {
      const said = await desk(`${settings.sources.places}?q=${encodeURIComponent(field.value)}`);
      const more = Array.isArray(said) ? said : said.places ?? [];
      const names = new Set(here.map((row) => row.name));
      if (mine === turn) show([...here.slice(0, 5), ...more.filter((row) => !names.has(row.name))], go);
    } catch { if (mine === turn && !here.length) show([], go); }
  };
  let wait = null;
  field.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(ask, 120); });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") { event.preventDefault(); move(1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); move(-1); }
    else if (event.key === "Enter") { event.preventDefault(); choose(Math.max(0, at), go); }
    else if (event.key === "Escape") close();
  });
}
