// The pin: drag it or touch the map where the house stands; the arrow buttons move it without a reload.

const DEGREE_M = 111195;

export function startPin(form) {
  const svg = form.querySelector("svg.street-map");
  const mark = svg.querySelector("#pin-mark");
  const [lon0, lat0] = [Number(svg.dataset.lon), Number(svg.dataset.lat)];
  const shrink = Math.cos((lat0 * Math.PI) / 180);
  const size = mark.getAttribute("transform").match(/scale\(([^)]+)\)/)[1];
  const { lon, lat } = form.elements;
  const box = svg.viewBox.baseVal;

  /** Put the pin at x metres east and y metres south of the map's middle. */
  function put(x, y) {
    const [px, py] = [Math.max(box.x, Math.min(box.x + box.width, x)), Math.max(box.y, Math.min(box.y + box.height, y))];
    mark.setAttribute("transform", `translate(${px.toFixed(1)} ${py.toFixed(1)}) scale(${size})`);
    lon.value = (lon0 + px / (DEGREE_M * shrink)).toFixed(7);
    lat.value = (lat0 - py / DEGREE_M).toFixed(7);
  }

  const place = () => [(Number(lon.value) - lon0) * DEGREE_M * shrink, (lat0 - Number(lat.value)) * DEGREE_M];

  function at(event) {
    const there = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [there.x, there.y];
  }

  let held = null;
  svg.addEventListener("pointerdown", (event) => {
    const [x, y] = at(event);
    const [px, py] = place();
    const near = Math.hypot(x - px, y - (py - box.width / 15)) < box.width / 9;
    held = near ? [px - x, py - y] : [0, 0];
    if (!near) put(x, y);
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [x, y] = at(event);
    put(x + held[0], y + held[1]);
  });
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => { held = null; });

  const step = box.width / 20;
  const turn = { n: [0, -step], s: [0, step], e: [step, 0], w: [-step, 0] };
  form.addEventListener("click", (event) => {
    const move = event.target.closest("button[name=move]");
    if (!move) return;
    const [x, y] = place();
    const [dx, dy] = turn[move.value];
    if (Math.abs(x + dx) > box.width / 2 || Math.abs(y + dy) > box.height / 2) return; // the server draws the next map
    event.preventDefault();
    put(x + dx, y + dy);
  });
}
