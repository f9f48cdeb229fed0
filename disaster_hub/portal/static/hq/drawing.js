// Drawing an area on the composer's map: corners tapped one by one, or typed in the list; both are the same few lines of text.

const CORNER = /^\(?\s*([-+]?\d{1,3}(?:\.\d+)?)\s*[,、\s]\s*([-+]?\d{1,3}(?:\.\d+)?)\s*\)?$/;
const DIGITS = 6;
const MOST = 80;
const NEAR_PX = 14;

/** Read the lines of the list; a line that cannot be read is left to the server, which names it. */
function read(text) {
  const found = [];
  for (const line of text.normalize("NFKC").split("\n")) {
    const said = CORNER.exec(line.trim());
    if (said) found.push([Number(said[1]), Number(said[2])]);
  }
  return found;
}

function ink(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

/** Let an officer draw on `map`; `list` holds the corners. Gives `active()`, which tells whether touches are corners now. */
export function drawing(map, list, name) {
  const L = window.L;
  const by = (id) => document.getElementById(id);
  const [button, undo, close, clear, help, count] = ["draw", "undo", "close", "clear", "draw-help", "corner-count"].map(by);
  const layer = L.layerGroup().addTo(map);
  const half = map.getContainer().parentElement;
  let on = false;

  function show() {
    const corners = read(list.value);
    layer.clearLayers();
    const look = { color: ink("--ink"), weight: 4, dashArray: "8 5", fillColor: ink("--blue"), fillOpacity: 0.28, interactive: false };
    if (corners.length >= 3 && !on) L.polygon(corners, look).addTo(layer);
    else if (corners.length > 1) (on && corners.length < 3 ? L.polyline(corners, { ...look, fill: false }) : L.polygon(corners, look)).addTo(layer);
    if (on || corners.length < 3) corners.forEach((one, n) => L.circleMarker(one, { radius: n ? 6 : 9, color: ink("--ink"), weight: 3, fillColor: ink("--paper"), fillOpacity: 1, interactive: false }).addTo(layer));
    undo.disabled = clear.disabled = corners.length === 0;
    close.disabled = !on || corners.length < 3;
    count.textContent = corners.length ? `${corners.length}角` : "";
    list.dataset.corners = corners.length;
  }

  function put(corners) {
    list.value = corners.map(([lat, lon]) => `${lat.toFixed(DIGITS)}, ${lon.toFixed(DIGITS)}`).join("\n");
    list.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function turn(to) {
    on = to;
    button.setAttribute("aria-pressed", String(on));
    map.getContainer().classList.toggle("drawing", on);
    help.hidden = !on;
    help.textContent = on ? "角を順にさわります。はじめの角（大きな丸）か「囲み終える」で閉じます。キーボードでは、矢印で地図を動かし、＋ − で大きさを変え、Enter で中央の十字に角を打ち、Backspace で戻し、Esc で終えます。" : "";
    if (on) map.doubleClickZoom.disable(); else map.doubleClickZoom.enable();
    show();
  }

  function finish() {
    turn(false);
    const corners = read(list.value);
    if (corners.length < 3) return;
    map.invalidateSize({ animate: false }); // the map is narrower beside the list: what was drawn stays in sight
    map.fitBounds(L.latLngBounds(corners).pad(0.2), { animate: false });
    if (!name.value.trim()) name.focus();
  }

  function add(spot) {
    const corners = read(list.value);
    if (corners.length >= 3 && map.latLngToContainerPoint(corners[0]).distanceTo(map.latLngToContainerPoint(spot)) <= NEAR_PX) { finish(); return; }
    if (corners.length < MOST) put([...corners, [spot.lat, spot.lng]]);
  }

  const back = () => put(read(list.value).slice(0, -1));
  button.addEventListener("click", () => { if (on) { finish(); return; } turn(true); half.scrollIntoView({ block: "nearest" }); map.getContainer().focus({ preventScroll: true }); });
  undo.addEventListener("click", back);
  close.addEventListener("click", finish);
  clear.addEventListener("click", () => { put([]); button.focus(); });
  map.on("click", (event) => { if (on) add(event.latlng); });
  map.getContainer().addEventListener("keydown", (event) => {
    if (!on) return;
    if (event.key === "Enter") add(map.getCenter());
    else if (event.key === "Backspace") back();
    else if (event.key === "Escape") { finish(); if (document.activeElement !== name) button.focus(); }
    else return;
    event.preventDefault();
  });
  list.addEventListener("input", show);
  list.form.addEventListener("restored", show);
  by("draw-tools").hidden = false;
  show();
  const there = read(list.value);
  return { active: () => on, bounds: () => (there.length >= 3 ? L.latLngBounds(there) : null) };
}
