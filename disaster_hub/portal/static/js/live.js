// Staying up to date: the live wire first, asking every few seconds where it fails, and saying so when nothing answers.

import { said } from "./words.js";

const SILENT_MS = 40000;
const ASK_MS = 3000;

/** Watch the hub; `on.word(word)` for each new word, `on.state(live|asking|lost, since)` for the connection. */
export function watch(on) {
  let wire = null;
  let lastSign = Date.now();
  let asking = null;
  let opened = Date.now();

  function heard(text) {
    lastSign = Date.now();
    on.word(JSON.parse(text));
  }

  function open() {
    wire?.close();
    opened = Date.now();
    wire = new EventSource(`${said.root}/api/live`);
    wire.addEventListener("facts", (event) => { stopAsking(); on.state("live", lastSign); heard(event.data); });
    wire.addEventListener("alive", () => { lastSign = Date.now(); stopAsking(); on.state("live", lastSign); on.alive(); });
    wire.addEventListener("error", () => {
      startAsking();
      if (wire.readyState === EventSource.CLOSED) setTimeout(open, 5000);
    });
  }

  function startAsking() {
    if (asking === null) { asking = setInterval(ask, ASK_MS); ask(); }
  }

  function stopAsking() {
    if (asking !== null) { clearInterval(asking); asking = null; }
  }

  async function ask() {
    try {
      const answer = await fetch(`${said.root}/api/live?once`, { cache: "no-store", signal: AbortSignal.timeout(8000) });
      if (!answer.ok) throw new Error(String(answer.status));
      heard(await answer.text());
      on.state("asking", lastSign);
    } catch {
      on.state("lost", lastSign);
    }
  }

  setInterval(() => {
    if (Date.now() - Math.max(lastSign, opened) > SILENT_MS) { startAsking(); open(); }
  }, 5000);
  addEventListener("online", open);
  addEventListener("offline", startAsking);
  open();
}
