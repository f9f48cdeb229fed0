// What a click opens at the desk: a report, a closed road, a check point, a shelter, a camera, a drawing, an order.

import { clock } from "../../js/clock.js";
import { close, fill, kinds, showPlace } from "../../js/detail.js";
import { h, said } from "../../js/words.js";
import { desk, settings } from "./layers.js";
import { KIND, SHELTER, STATE, whenWords } from "./lists.js";
import * as past from "./past.js";

const BASIS = { header: "配信元の時刻", exif: "カメラの時計", file: "ファイルの時刻", unknown: "時刻不明" };

function rows(pairs) {
  return h("table", {}, h("tbody", {}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)))));
}

function then() {
  return past.shown ? h("p", { class: "past-mark" }, `過去 ${clock(past.shown.at)} の表示です`) : null;
}

/** A camera's picture with its own time and age; an old one is grey, hatched and says so. */
export function picture(camera, known = null) {
  if (!camera.still) return h("div", { class: "still none" }, h("p", {}, h("strong", {}, `カメラ ${camera.name}`)), h("p", { class: "wrong" }, camera.silent ? `画像が届いていません（${camera.why}）` : "画像がまだありません。"));
  const at = past.shown ? `?at=${encodeURIComponent(past.shown.iso)}` : `?n=${camera.still}`;
  const src = `${said.root}/hq/cameras/${encodeURIComponent(camera.id)}/still.jpg${at}`;
  const old = camera.stale && !past.shown;
  const time = camera.taken ? `撮影 ${whenWords(camera.taken)}・${BASIS[camera.basis]}` : `撮影時刻は不明（${whenWords(camera.received)}に受信）`;
  return h("figure", { class: `still${old ? " old" : ""}`, "data-camera": camera.id },
    h("div", { class: "frame" }, h("a", { href: src, target: "_blank", rel: "noopener" }, h("img", { src, alt: `カメラ ${camera.name} の画像 ${time}（大きく見る）` })), old ? h("span", { class: "over" }, camera.taken ? "古い画像" : "時刻不明の画像") : null),
    h("figcaption", {}, h("strong", {}, `カメラ ${camera.name} `), past.shown ? `過去 ${clock(past.shown.at)} に届いていた画像` : h("span", { class: old ? "hatched" : "" }, time),
      old ? h("span", { class: "small wrong" }, camera.taken ? "この画像は新しくなっていません。いまの川のようすではありません。" : "いつの画像か分かりません。") : null,
      camera.silent ? h("span", { class: "small wrong" }, `カメラから応答がありません（最後の応答 ${whenWords(camera.heard)}）`) : null), known);
}

kinds.report = (r) => fill(`報告 ${r.number ? `No.${r.number} ` : ""}${r.kind_name ?? KIND[r.kind] ?? ""}`, then(),
  rows([["場所", r.place], ["状態", STATE[r.state] ?? r.state], ["内容", r.said], ["見た時刻", r.seen_at ? whenWords(r.seen_at) : null], ["受付", r.received_at ? whenWords(r.received_at) : null], ["担当", r.department]]),
  r.url ? h("p", {}, h("a", { class: "button", href: r.url }, "この報告を開く")) : settings.sources.reports && r.id ? h("p", {}, h("a", { class: "button", href: `${said.root}/hq/reports/${encodeURIComponent(r.id)}` }, "この報告を開く")) : null);

kinds.closed = (r) => fill(`通行止め ${r.name}`, then(), rows([["理由", r.because || "記載なし"], ["いつから", whenWords(r.at)], ["入力", r.who], ["道路リンク", r.id]]), h("p", { class: "note" }, "避難の道案内はこの道を通りません。"));

kinds.check = (r) => fill(`重点確認箇所 ${r.name}`, then(), rows([["担当", r.who], ["前回の確認", whenWords(r.seen_at ?? r.at)], ["見るところ", r.what], ["結果", r.said]]), r.overdue ? h("p", { class: "wrong" }, "確認の時刻を過ぎています。") : null, h("p", {}, h("a", { class: "button", href: `${said.root}/hq/checks` }, "重点確認の一覧")));

kinds.shelter = (r) => fill(r.name, then(), rows([["いま", SHELTER[r.state] ?? "開設の情報なし（開いているとも閉まっているとも分かりません）"], ["人数", r.people === undefined || r.people === null ? "届いていません" : `${r.people}人${r.capacity ? ` / 定員 ${r.capacity}人` : ""}`], ["状態の時刻", r.state_since ? whenWords(r.state_since) : null], ["人数の時刻", r.counted_at ? whenWords(r.counted_at) : null], ["要請中", r.needs ? `${r.needs}件` : null], ["種類", r.emergency || r.designation === "emergency" ? "指定緊急避難場所" : r.designation || r.emergency === false ? "指定避難所" : null], ["住所", r.address], ["洪水のとき", r.flood === undefined || r.flood === null ? null : r.flood ? "使える" : "指定なし（使わない）"]]),
  r.url ? h("p", {}, h("a", { class: "button", href: r.url }, "この避難所を開く")) : null);

kinds.water = (r) => fill(r.kind || "消防水利", rows([["番号", r.number], ["住所", r.address], ["容量", r.capacity]]));
kinds.camera = (r) => fill(`カメラ ${r.name}`, then(), picture(r));
kinds.order = (r) => fill(r.area_name, then(), h("p", {}, h("span", { class: "lv", "data-level": r.level }, r.words)), rows([["いつから", whenWords(r.since)], ["災害", r.hazard_word], ["発令", r.by]]));

/** Let drawings be taken away by their maker; `changed()` is told. */
export function sketches(changed) {
  kinds.sketch = (r) => fill(`描いたもの ${r.label}`, then(), rows([["描いた人", r.who], ["時刻", whenWords(r.at)]]),
    r.who === settings.me && settings.draws && !past.shown ? h("p", {}, h("button", { type: "button", class: "button", onclick: async () => { await desk(`map/sketches/${encodeURIComponent(r.id)}`, { method: "DELETE" }); close(); changed(); } }, "地図から消す（記録には残ります）")) : null);
}

/** A touched spot: what is known of it, and what the departments' shown layers say there. */
export function places(layersShown, touched) {
  kinds.place = (place) => {
    showPlace(place);
    const spot = touched();
    const box = document.getElementById("detail");
    for (const row of spot ? layersShown() : []) {
      desk(`layers/${encodeURIComponent(row.id)}/at?at=${spot.map((n) => n.toFixed(7)).join(",")}&within=0.0003`).then((found) => {
        if (touched() !== spot || box.hidden) return;
        for (const one of found) box.append(h("h3", {}, `${row.name}（${row.department || "部局の地図"}）`), rows(Object.entries(one.says).map(([name, value]) => [name, value === null || typeof value === "object" ? null : String(value)])));
      }).catch((fault) => console.warn(String(fault)));
    }
  };
}
