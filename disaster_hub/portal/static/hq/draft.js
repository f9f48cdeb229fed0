// A draft: its areas on the map, the seconds that one officer alone still waits, and a word where somebody was faster.

import { areaMap } from "./areamap.js";
import "./decisions.js";

const box = document.getElementById("area-map");
areaMap(box, box.dataset.areas, null).then((map) => map?.show(new Set(box.dataset.chosen.split(" ")), true));

const pause = document.getElementById("pause");
if (pause) {
  const until = Date.now() + Number(pause.dataset.left) * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    pause.querySelector("b").textContent = Math.max(0, left);
    pause.hidden = left <= 0;
    if (left > 0) setTimeout(tick, 250);
  };
  tick();
}
