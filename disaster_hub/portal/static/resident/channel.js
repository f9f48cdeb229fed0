// The last step: this phone agrees to be told, a test comes, and the phone says that it came.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

async function post(to, body) {
  const answer = await fetch(to, {
    method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", "X-Hub": "contact" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

export function startChannel(root, ready) {
  const card = document.getElementById("channel");
  if (!card) return;
  startPush(card, ready);
  startLine(card);
}

function startPush(card, ready) {
  const box = document.getElementById("push");
  const said = document.getElementById("push-said");
  const got = document.getElementById("got");
  const button = document.getElementById("push-on");
  if (!card.dataset.key || !("PushManager" in window) || !window.isSecureContext) return;
  box.hidden = false;
  document.getElementById("no-push").hidden = true;
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = said.dataset.wait;
    try {
      if ((await Notification.requestPermission()) !== "granted") { said.textContent = said.dataset.refused; button.disabled = false; return; }
      const registration = await ready;
      const mine = await registration.pushManager.getSubscription()
        ?? await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(card.dataset.key) });
      const others = document.querySelector('input[name="others"]')?.checked ?? false;
      await post(card.dataset.contact, { push: mine.toJSON(), ...(card.dataset.next ? { others } : {}) });
      if (card.dataset.next) { location.assign(card.dataset.next); return; }
      said.textContent = said.dataset.sent;
    } catch {
      said.textContent = said.dataset.failed;
      button.disabled = false;
    }
  });
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (!got || data.did !== "shown" || data.kind !== "test") return;
    got.hidden = false;
    got.elements.about.value = data.id;
  });
}

function startLine(card) {
  const box = document.getElementById("line");
  if (!box || !/\bLine\//.test(navigator.userAgent)) return;
  box.hidden = false;
  const said = document.getElementById("line-said");
  document.getElementById("line-on").addEventListener("click", async () => {
    try {
      await load(box.dataset.script);
      await window.liff.init({ liffId: box.dataset.liff });
      if (!window.liff.isLoggedIn()) { window.liff.login({ redirectUri: location.href }); return; }
      await post(box.dataset.to, { token: window.liff.getIDToken() });
      said.textContent = said.dataset.good;
    } catch {
      said.textContent = said.dataset.failed;
    }
  });
}

function load(source) {
  return new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = source; script.onload = done; script.onerror = fail;
    document.head.append(script);
  });
}
