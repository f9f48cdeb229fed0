// The minutes that are left, counted on the world's clock between two refreshes.

import { now } from "../js/clock.js";

function words(until) {
  const minutes = Math.floor((Date.parse(until) - now()) / 60000);
  if (minutes < 0) return `${-minutes}分過ぎています`;
  return minutes >= 120 ? `あと${Math.floor(minutes / 60)}時間${minutes % 60}分` : `あと${minutes}分`;
}

function tick() {
  for (const one of document.querySelectorAll("[data-until]")) {
    const text = words(one.dataset.until);
    if (one.textContent !== text) one.textContent = text;
  }
}

/** Say at once that somebody else was faster: the forms below were made for what stood before. */
function moved() {
  const sign = document.getElementById("moved");
  const version = document.querySelector("[data-version]")?.dataset.version;
  const mine = document.querySelector(".acts input[name=version]")?.value;
  if (sign && version && mine) sign.hidden = version === mine;
}

tick();
setInterval(tick, 1000);
document.addEventListener("part", () => { tick(); moved(); });
