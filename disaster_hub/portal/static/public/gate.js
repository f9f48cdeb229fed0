// The link to the residents' report appears and goes with the gate, without a reload.

const EVERY_MS = 30_000;
const link = document.getElementById("report-link");

async function look() {
  try {
    const answer = await fetch(`${link.getAttribute("href")}/open`, { cache: "no-store" });
    if (answer.ok) link.hidden = !(await answer.json()).open;
  } catch { /* the live wire says that the network is gone; the link stays as it was */ }
}

if (link) {
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}
