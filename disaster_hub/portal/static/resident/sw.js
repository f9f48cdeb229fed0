// The service worker: the plan opens without a network, answers go out once there is one, messages are shown.
// The server puts ROOT before this and the shelf of answers; see portal/resident/worker.py.
/* global ROOT, lay, send */

const CACHE = "hub-home";
const PLAN = `${ROOT}/my/plan`;
const ANSWERS = `${ROOT}/my/answers`;
const PATIENCE_MS = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const isPage = (url) => url.origin === location.origin && (url.pathname === `${ROOT}/my` || url.pathname.startsWith(`${ROOT}/my/`));
const isAsset = (url) => url.origin === location.origin && (url.pathname.startsWith(`${ROOT}/assets/`) || url.pathname === `${ROOT}/manifest.webmanifest`);

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate" && isPage(url)) event.respondWith(page(event.request, url));
  else if (isAsset(url)) event.respondWith(asset(event.request));
});

/** A page from the hub; where the hub cannot be reached in time, the plan as it was kept. */
async function page(request, url) {
  const late = new Promise((_, fail) => { setTimeout(() => fail(new Error("late")), PATIENCE_MS); });
  const kept = await (await caches.open(CACHE)).match(PLAN);
  const asked = fetch(request);
  try {
    const answer = await (kept ? Promise.race([asked, late]) : asked);
    if (kept && answer.status >= 502 && answer.status <= 504) return offline(kept);
    if (answer.ok && url.pathname === PLAN && !url.search) await put(answer.clone());
    return answer;
  } catch (fault) {
    asked.catch(() => null);
    if (!kept) throw fault;
    return offline(kept);
  }
}

/** The kept plan, with the time of the last contact written on it. */
async function offline(kept) {
  const at = kept.headers.get("X-Kept-At");
  const html = (await kept.text()).replace('data-plan="1"', `data-plan="1" data-offline-since="${at}"`);
  return new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": kept.headers.get("Content-Security-Policy") ?? "default-src 'none'" } });
}

async function put(answer) {
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-At", new Date().toISOString());
  await (await caches.open(CACHE)).put(PLAN, new Response(await answer.blob(), { status: 200, headers }));
}

async function asset(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  return answer;
}

/** Keep the plan and everything that it needs; what an older plan needed goes. */
async function keep(files) {
  const cache = await caches.open(CACHE);
  const answer = await fetch(PLAN, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return false;
  await put(answer);
  const wanted = new Set(files.map((file) => new URL(file, location.origin).href).filter((file) => isAsset(new URL(file))));
  for (const file of wanted) if (!(await cache.match(file))) await cache.add(file);
  for (const old of await cache.keys()) if (isAsset(new URL(old.url)) && !wanted.has(old.url)) await cache.delete(old);
  return true;
}

self.addEventListener("message", (event) => {
  if (event.data.do === "keep") {
    event.waitUntil(keep(event.data.files).then((done) => done && event.source.postMessage({ did: "kept" })));
  }
});

self.addEventListener("sync", (event) => { if (event.tag === "answers") event.waitUntil(carry()); });

const carry = () => navigator.locks.request("hub-answers", () => send(ANSWERS));

self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data.json(); } catch { return; }
  event.waitUntil(show(said));
});

const WORDS = ["left", "arrived", "help", "staying"];
const isReply = (url) => url.origin === location.origin && url.pathname.startsWith(`${ROOT}/a/`);
const isCanary = (url) => url.origin === location.origin && url.pathname.startsWith(`${ROOT}/api/canary/`);
const isHelpers = (url) => url.origin === location.origin && url.pathname.startsWith(`${ROOT}/h/`);

/** Show a message; a later one of the same matter (its correction, its withdrawal) takes the place of the one before. */
async function show(said) {
  const actions = (said.actions ?? []).filter((one) => WORDS.includes(one.action)).slice(0, 2);
  await self.registration.showNotification(said.title ?? "", {
    body: said.body, tag: said.tag, renotify: Boolean(said.tag), requireInteraction: true, actions,
    data: { url: said.url, id: said.id, kind: said.kind },
  });
  for (const client of await self.clients.matchAll({ includeUncontrolled: true })) {
    client.postMessage({ did: "shown", id: said.id, kind: said.kind });
  }
  if (said.kind === "canary") await received(new URL(said.url || "/", location.origin));
}

/** A test handset says by itself that a canary came, to our own hub and to nobody else. */
async function received(url) {
  if (!isCanary(url)) return;
  await fetch(url.href, { method: "POST", credentials: "omit" }).catch(() => null);
  for (const client of await self.clients.matchAll({ includeUncontrolled: true })) client.postMessage({ did: "received" });
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(opened(event.notification.data ?? {}, event.action));
});

const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");

/** A tap on a test says that it came, a tap on an answer gives it; then the page opens, ours and no other. */
async function opened({ url, id, kind }, action) {
  const wish = new URL(url || PLAN, location.origin);
  if (kind === "test" && id && !isHelpers(wish)) await given({ id: `${id}`, word: "received", about: id });
  else if (WORDS.includes(action) && isReply(wish)) await given({ id: fresh(), word: action, to: wish.pathname });
  const to = await reachable(wish);
  for (const client of await self.clients.matchAll({ type: "window", includeUncontrolled: true })) {
    if (isPage(new URL(client.url)) && isPage(new URL(to))) { await client.navigate(to); return client.focus(); }
  }
  return self.clients.openWindow(to);
}

/** Keep an answer on this phone, then carry it; without a network it goes out later, with its own time. */
async function given(said) {
  await lay({ at: new Date().toISOString(), spot: null, ...said });
  await carry().catch(() => self.registration.sync?.register("answers"));
}

/** The page of an answer is not kept on the phone: without a network the kept plan opens, which takes answers too. */
async function reachable(wish) {
  const plan = new URL(PLAN, location.origin).href;
  if (isPage(wish) || isHelpers(wish) || isCanary(wish)) return wish.href;
  if (!isReply(wish)) return plan;
  try {
    const late = new Promise((_, fail) => { setTimeout(() => fail(new Error("late")), PATIENCE_MS); });
    const answer = await Promise.race([fetch(wish.href, { credentials: "same-origin" }), late]);
    return answer.status < 500 ? wish.href : plan;
  } catch {
    return plan;
  }
}
