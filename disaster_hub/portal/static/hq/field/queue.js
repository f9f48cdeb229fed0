// The queue: reports that wait on this phone until the hub has taken them. Shared by the page and the service worker.

const QUEUE = "hub-field";

function openQueue() {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(QUEUE, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("reports", { keyPath: "order", autoIncrement: true });
      asked.result.createObjectStore("page");
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

async function inQueue(name, mode, what) {
  const base = await openQueue();
  try {
    return await new Promise((done, fail) => {
      const change = base.transaction(name, mode, { durability: "strict" });
      const asked = what(change.objectStore(name));
      change.oncomplete = () => done(asked.result);
      change.onabort = change.onerror = () => fail(change.error);
    });
  } finally { base.close(); }
}

/** Put a report into the queue; it is safe there when the promise is kept. */
export const lay = (report) => inQueue("reports", "readwrite", (all) => all.add(report));

/** Give the reports that wait, in the order in which they were made. */
export const waiting = () => inQueue("reports", "readonly", (all) => all.getAll());

/** Take one away. */
export const drop = (order) => inQueue("reports", "readwrite", (all) => all.delete(order));

/** Remember something of the page: what is half written, what was sent. */
export const remember = (name, value) => inQueue("page", "readwrite", (all) => all.put(value, name));

/** Give what was remembered. */
export const recall = (name) => inQueue("page", "readonly", (all) => all.get(name));

/** Send what waits, oldest first. What the hub refuses stays with its reason and holds up nothing. Gives how it went. */
export async function sendAll(to) {
  let others = "done";
  for (const report of await waiting()) {
    if (report.wrong) continue;
    const how = await sendOne(to, report);
    if (how === "another") others = how; // it waits for whoever made it, and holds up nobody else's
    else if (how !== "sent" && how !== "refused") return how;
  }
  return others;
}

async function sendOne(to, report) {
  const body = new FormData();
  for (const [name, value] of Object.entries(report.fields)) body.append(name, value);
  report.photos.forEach((photo, n) => body.append("photo", photo, `${n + 1}.jpg`));
  let answer;
  try {
    answer = await fetch(to, { method: "POST", body, credentials: "same-origin", headers: { "X-Hub": "field" }, redirect: "manual", cache: "no-store" });
  } catch { return "offline"; }
  if (answer.type === "opaqueredirect" || answer.status === 401) return "signed-out";
  if (answer.status === 403) return "signed-out";
  if (answer.status === 409) return "another";
  if (answer.status === 429 || answer.status >= 500) return "offline";
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    await inQueue("reports", "readwrite", (all) => all.put({ ...report, wrong: said.said ?? `送れませんでした（${answer.status}）` }));
    return "refused";
  }
  const sent = (await recall("sent")) ?? [];
  await remember("sent", [{ id: report.fields.id, number: said.number, title: report.title, seen_at: report.fields.seen_at, maker: report.fields.maker }, ...sent.filter((one) => one.id !== report.fields.id)].slice(0, 20));
  await drop(report.order);
  return "sent";
}
