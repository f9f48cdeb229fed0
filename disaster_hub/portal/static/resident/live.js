// The plan page stays true while it is open: the minutes run down, and what changed on the server comes in.

const EVERY_MS = 20_000;
const TICK_MS = 1_000;

/** Let the minutes that are left run down by the hub's clock; once they are gone, say what to do then. */
function countDown(box) {
  const by = box.querySelector(".by[data-until]");
  if (!by) return;
  const { until, now, speed, words, after, afterWhy } = by.dataset;
  const since = document.body.dataset.offlineSince;
  const begun = since ? Date.parse(since) : Date.now();
  const action = box.querySelector(".action");
  const tick = () => {
    const here = Date.parse(now) + (Date.now() - begun) * Number(speed);
    const left = Math.floor((Date.parse(until) - here) / 60_000);
    if (left >= 0) {
      const text = words.replace("{minutes}", String(left));
      if (text && by.textContent !== text) by.textContent = text;
      return;
    }
    clearInterval(timer);
    action.textContent = after;
    by.remove();
    box.classList.add("urgent");
    box.querySelector(".lead")?.remove();
    // The old reason spoke of a minute that is no longer shown.
    const why = box.querySelector(".why");
    if (why && afterWhy) why.textContent = afterWhy;
  };
  const timer = setInterval(tick, TICK_MS);
  tick();
}

/** Look from time to time whether the plan was reckoned anew, and show the new one; what was typed is not on this page. */
function watch(root) {
  const mine = document.body.dataset.mark;
  if (!mine) return;
  setInterval(async () => {
    if (document.hidden || document.body.dataset.offlineSince) return;
    try {
      const answer = await fetch(`${root}/my/mark`, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).mark !== mine) location.reload();
    } catch {
      // No network: the service worker's page says so at the next load, and the minutes here go on running down.
    }
  }, EVERY_MS);
}

/** Start both on the page of a plan. */
export function startLive(root) {
  const box = document.getElementById("asked") ?? document.querySelector("section.now");
  if (!box) return;
  countDown(box);
  watch(root);
}
