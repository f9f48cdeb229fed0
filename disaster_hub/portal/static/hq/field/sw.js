// The service worker of the field page alone: it opens without a network, and what waits goes out once there is one.
// The server puts ROOT before this, and the queue; see portal/hq/field.py.
/* global ROOT, sendAll */

const KEPT = "hub-field";
const PAGE = `${ROOT}/hq/field`;
const PATIENCE_MS = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const ours = (url) => url.origin === location.origin;

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !ours(url)) return;
  if (event.request.mode === "navigate" && url.pathname === PAGE) event.respondWith(page(event.request));
  else if (url.pathname.startsWith(`${ROOT}/assets/`)) event.respondWith(file(event.request));
});

/** The page from the hub; where the hub cannot be reached in time, as it was kept. */
async function page(request) {
  const kept = await (await caches.open(KEPT)).match(PAGE);
  const late = new Promise((_, fail) => { setTimeout(() => fail(new Error("late")), PATIENCE_MS); });
  const asked = fetch(request);
  try {
    const answer = await (kept ? Promise.race([asked, late]) : asked);
    if (kept && answer.status >= 502 && answer.status <= 504) return old(kept);
    return answer;
  } catch (fault) {
    asked.catch(() => null);
    if (!kept) throw fault;
    return old(kept);
  }
}

/** The kept page, which says of itself that it is no fresh one. */
async function old(kept) {
  const html = (await kept.text()).replace('id="field"', 'id="field" data-kept="1"');
  return new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": kept.headers.get("Content-Security-Policy") ?? "default-src 'none'", "Permissions-Policy": kept.headers.get("Permissions-Policy") ?? "" } });
}

async function file(request) {
  const kept = await (await caches.open(KEPT)).match(request);
  return kept ?? fetch(request);
}

/** Keep the page and what it needs; what an older page needed goes. */
async function keep(files) {
  const cache = await caches.open(KEPT);
  const answer = await fetch(PAGE, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  await cache.put(PAGE, answer);
  const wanted = new Set(files.map((one) => new URL(one, location.origin)).filter((url) => ours(url) && url.pathname.startsWith(`${ROOT}/assets/`)).map((url) => url.href));
  for (const one of wanted) if (!(await cache.match(one))) await cache.add(one);
  for (const one of await cache.keys()) if (!wanted.has(one.url) && new URL(one.url).pathname !== PAGE) await cache.delete(one);
}

self.addEventListener("message", (event) => {
  if (event.data.do === "keep") event.waitUntil(keep(event.data.files).then(() => event.source.postMessage({ did: "kept" })));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "field") event.waitUntil(navigator.locks.request("hub-field", () => sendAll(`${PAGE}/reports`)));
});
