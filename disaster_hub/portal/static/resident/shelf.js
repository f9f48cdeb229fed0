// The shelf: answers that wait on this phone until the hub has taken them. Shared by the page and the service worker.

const NAME = "hub-home";

function open() {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("answers", { keyPath: "order", autoIncrement: true });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

async function act(mode, what) {
  const shelf = await open();
  try {
    return await new Promise((done, fail) => {
      const change = shelf.transaction("answers", mode, { durability: "strict" });
      const asked = what(change.objectStore("answers"));
      change.oncomplete = () => done(asked.result);
      change.onabort = change.onerror = () => fail(change.error);
    });
  } finally {
    shelf.close();
  }
}

/** Put an answer on the shelf; it is safe there when the promise is kept. */
export const lay = (answer) => act("readwrite", (answers) => answers.add(answer));

/** Give the answers that wait, in the order in which they were given. */
export const waiting = () => act("readonly", (answers) => answers.getAll());

const drop = (order) => act("readwrite", (answers) => answers.delete(order));

/** Forget everything: the plan was deleted. */
export const clear = () => act("readwrite", (answers) => answers.clear());

/** Send what waits, oldest first, each to where it belongs; what the hub has taken leaves the shelf. True where nothing is left. */
export async function send(usual) {
  const rows = await waiting();
  let fault = null;
  for (const to of new Set(rows.map((row) => row.to || usual))) {
    const mine = rows.filter((row) => (row.to || usual) === to);
    try { await hand(to, mine); } catch (error) { fault ??= error; } // one link that is over holds up no other
  }
  if (fault) throw fault;
  return (await waiting()).length === 0;
}

async function hand(to, rows) {
  const answer = await fetch(to, {
    method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", "X-Hub": "answers" },
    body: JSON.stringify({ answers: rows.map(({ order, to: _, ...said }) => said) }),
  });
  if (answer.status === 404 && rows[0].to) { for (const { order } of rows) await drop(order); return; }
  if (!answer.ok) throw new Error(String(answer.status));
  const { taken } = await answer.json();
  for (const { order, id } of rows) if (taken.includes(id)) await drop(order);
}
