// This browser becomes a test handset: a registration of its own, apart from what a resident's plan would use here.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const form = document.getElementById("handset");
const said = document.getElementById("handset-said");

/** Give the registration once its worker is at work. */
async function ready() {
  const registration = await navigator.serviceWorker.register(form.dataset.worker, { scope: form.dataset.scope });
  if (registration.active) return registration;
  const worker = registration.installing ?? registration.waiting;
  await new Promise((done) => {
    worker.addEventListener("statechange", () => { if (worker.state === "activated") done(); });
  });
  return registration;
}

if (form && "serviceWorker" in navigator && "PushManager" in window && window.isSecureContext) {
  const button = form.querySelector("button");
  button.disabled = false;
  said.textContent = "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    said.textContent = said.dataset.wait;
    try {
      if ((await Notification.requestPermission()) !== "granted") { said.textContent = said.dataset.refused; button.disabled = false; return; }
      const registration = await ready();
      const mine = await registration.pushManager.getSubscription()
        ?? await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.key) });
      form.elements.push.value = JSON.stringify(mine.toJSON());
      form.submit();
    } catch {
      said.textContent = said.dataset.failed;
      button.disabled = false;
    }
  });
}
// Once this browser has said that its test came, the list says so too.
navigator.serviceWorker?.addEventListener("message", ({ data }) => { if (data.did === "received") location.replace(location.pathname); });
