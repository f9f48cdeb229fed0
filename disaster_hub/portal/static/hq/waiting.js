// What waits on this phone until there is a network: kept in the browser's own store, sent once, in order, with its own id.

const NAME = "disaster-hub-waiting";
const STORE = "words";
let listener = () => {};
let sending = null;
let wrong = null;

function open() {
  return new Promise((good, bad) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "n", autoIncrement: true });
    asked.onsuccess = () => good(asked.result);
    asked.onerror = () => bad(asked.error);
  });
}

async function run(mode, work) {
  const base = await open();
  try {
    return await new Promise((good, bad) => {
      const turn = base.transaction(STORE, mode);
      const asked = work(turn.objectStore(STORE));
      turn.oncomplete = () => good(asked.result);
      turn.onerror = turn.onabort = () => bad(turn.error);
    });
  } finally { base.close(); }
}

/** Call `told` whenever what waits has changed. */
export function onChange(told) { listener = told; }

/** Keep one word: where it goes, its fields, its photo. */
export async function keep(word) {
  await run("readwrite", (store) => store.add(word));
  listener();
}

/** How many wait, and a sentence where something is wrong. */
export async function count() {
  return { number: await run("readonly", (store) => store.count()), wrong };
}

/** Send what waits, oldest first; give true where something was sent. One at a time, also over several tabs. */
export function sendAll() {
  const work = () => (navigator.locks ? navigator.locks.request(NAME, all) : all());
  sending ??= work().finally(() => { sending = null; listener(); });
  return sending;
}

async function all() {
  let sent = false;
  for (const word of await run("readonly", (store) => store.getAll())) {
    const done = await one(word);
    if (!done) break;
    await run("readwrite", (store) => store.delete(word.n));
    sent = true;
  }
  return sent;
}

/** Send one; false: it must wait. What the server refuses is said and leaves the queue, for it would hold up the others. */
async function one(word) {
  const body = new FormData();
  for (const [name, value] of Object.entries(word.fields)) body.append(name, value);
  if (word.photo) body.append("photo", word.photo, "photo.jpg");
  let answer;
  try {
    answer = await fetch(word.url, { method: "POST", body, headers: { "X-Hub": "1" }, redirect: "manual", cache: "no-store" });
  } catch { return false; }
  if (answer.type === "opaqueredirect" || answer.status === 401) {
    wrong = "サインインの時間が切れました。記録はこの端末に残っています。もう一度サインインしてください。";
    return false;
  }
  if (answer.status === 429 || answer.status >= 500) return false;
  wrong = null;
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    wrong = `送れませんでした：${word.title}（${said.said ?? answer.status}）`;
  }
  return true;
}
