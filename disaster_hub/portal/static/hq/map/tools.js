// Measuring and drawing: tap point after point, or put one in the middle of the map from the keyboard.

import { h } from "../../js/words.js";
import { area, areaWords, length, lengthWords } from "./geodesic.js";
import { desk } from "./layers.js";

const box = document.getElementById("tool");
const TITLES = { distance: "距離をはかる", area: "面積をはかる", "draw-point": "点を描く", "draw-line": "線を描く", "draw-area": "範囲を描く" };
const FEWEST = { "draw-point": 1, "draw-line": 2, "draw-area": 3 };

/** One tool at work on `map`; `done` is told when a drawing was kept. */
export class Tool {
  constructor(map, name, done) {
    this.map = map; this.name = name; this.done = done; this.spots = [];
    this.value = h("output", { class: "tool-value" });
    this.label = name.startsWith("draw") ? h("input", { type: "text", maxlength: "80", "aria-label": "描くものの名前", placeholder: "名前（例：土のう積み 第3分団）" }) : null;
    this.wrong = h("p", { class: "wrong", role: "alert", hidden: true });
    const button = (words, act, more = {}) => h("button", { type: "button", class: "button", onclick: act, ...more }, words);
    this.save = this.label ? button("本部の地図に残す", () => this.keep(), { class: "button go", id: "tool-save" }) : null;
    box.replaceChildren(h("strong", {}, TITLES[name]), this.value, ...(this.label ? [this.label] : []),
      h("div", { class: "row" }, ...(this.save ? [this.save] : []), button("中央に打つ", () => this.add(this.centre()), { id: "tool-centre" }), button("一つ戻す", () => this.back()), button("やめる", () => stop(map), { id: "tool-stop" })), this.wrong);
    box.hidden = false;
    this.tell();
  }

  centre() { const { lng, lat } = this.map.map.getCenter(); return [lng, lat]; }

  add(spot) {
    if (this.name === "draw-point") this.spots = [spot]; else this.spots.push(spot);
    this.tell();
    if (this.spots.length === 1) this.label?.focus({ preventScroll: true });
  }

  back() { this.spots.pop(); this.tell(); }

  words() {
    const ring = this.name.endsWith("area");
    if (ring && this.spots.length > 2) return `${areaWords(area(this.spots))}（周り ${lengthWords(length([...this.spots, this.spots[0]]))}）`;
    if (!ring && this.spots.length > 1) return lengthWords(length(this.spots));
    return this.name === "draw-point" ? (this.spots.length ? "名前を入れて残してください" : "地図を押して場所を決めます") : "地図を順に押します";
  }

  tell() {
    this.value.textContent = this.words();
    box.dataset.metres = this.name.endsWith("area") ? String(this.spots.length > 2 ? area(this.spots) : 0) : String(length(this.spots));
    this.map.top.redraw();
  }

  async keep() {
    const fewest = FEWEST[this.name];
    const words = this.spots.length < fewest ? `あと${fewest - this.spots.length}か所、地図を押してください。` : this.label.value.trim() ? "" : "名前を入れてください。";
    this.wrong.hidden = !words; this.wrong.textContent = words;
    if (words) return;
    try {
      await desk("map/sketches", { method: "POST", body: JSON.stringify({ kind: this.name.slice(5), label: this.label.value, spots: this.spots }) });
      stop(this.map);
      this.done();
    } catch { this.wrong.hidden = false; this.wrong.textContent = "残せませんでした。描いたものはそのままです。もう一度押してください。"; }
  }

  draw(ctx, point, colours) {
    const ring = this.name.endsWith("area") && this.spots.length > 2;
    ctx.beginPath();
    (ring ? [...this.spots, this.spots[0]] : this.spots).forEach(([lon, lat], n) => { const p = point(lon, lat); if (n) ctx.lineTo(p.x, p.y); else ctx.moveTo(p.x, p.y); });
    ctx.strokeStyle = colours.paper; ctx.lineWidth = 7; ctx.stroke(); ctx.strokeStyle = colours.blue; ctx.lineWidth = 3; ctx.stroke();
    for (const [lon, lat] of this.spots) { const p = point(lon, lat); ctx.beginPath(); ctx.arc(p.x, p.y, 6, 0, 2 * Math.PI); ctx.fillStyle = colours.paper; ctx.fill(); ctx.lineWidth = 3; ctx.stroke(); }
  }
}

/** Put the tool away. */
export function stop(map) {
  map.tool = null;
  box.hidden = true;
  for (const one of document.querySelectorAll("[data-tool]")) one.setAttribute("aria-pressed", "false");
  map.top.redraw();
}

/** Let the buttons take up and put away tools. */
export function ready(map, mayDraw, done) {
  document.getElementById("draws").hidden = !mayDraw;
  for (const one of document.querySelectorAll("[data-tool]")) {
    one.setAttribute("aria-pressed", "false");
    one.addEventListener("click", () => {
      const again = map.tool?.name === one.dataset.tool;
      stop(map);
      if (again) return;
      map.tool = new Tool(map, one.dataset.tool, done);
      one.setAttribute("aria-pressed", "true");
    });
  }
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(map); });
  map.map.getContainer().addEventListener("keydown", (event) => {
    if (!map.tool) return;
    if (event.key === "Enter") { event.preventDefault(); map.tool.add(map.tool.centre()); }
    if (event.key === "Escape") stop(map);
  });
}
