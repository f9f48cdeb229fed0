// What was typed outlives a reload, a lost line and an ended session: kept in this tab until the server says it has it.

const PREFIX = "draft:";

function fields(form) {
  return [...form.elements].filter((one) => one.name && one.name !== "csrf_token" && !["file", "hidden", "submit", "button", "password"].includes(one.type));
}

/** The version of the record that a form was made of; the server tells who writes over a newer one. */
function version(form) {
  const one = form.elements.namedItem("version");
  return one instanceof HTMLInputElement && one.type === "hidden" ? one : null;
}

function write(form) {
  const said = fields(form).map((one) => [one.name, one.value, /^(checkbox|radio)$/.test(one.type) ? one.checked : null]);
  const of = version(form);
  if (of) said.push([of.name, of.value, null]);
  sessionStorage.setItem(PREFIX + form.dataset.keep, JSON.stringify(said));
}

function read(form) {
  const kept = sessionStorage.getItem(PREFIX + form.dataset.keep);
  if (!kept) return;
  const left = JSON.parse(kept);
  for (const one of fields(form)) {
    const at = left.findIndex(([name, value, checked]) => name === one.name && (checked === null || value === one.value));
    if (at < 0) continue;
    const [, value, checked] = left.splice(at, 1)[0];
    if (checked === null) one.value = value; else one.checked = checked;
  }
  // Loaded anew, the page is of the newest version, but what was typed is not: so the server still says who was faster.
  // Where the page has just said so, what is sent next is meant.
  const of = version(form);
  const old = of ? left.find(([name]) => name === of.name) : undefined;
  if (old && !document.querySelector(".wrong[role=alert]:not([hidden])")) of.value = old[1];
  else if (old) write(form);
  form.dispatchEvent(new CustomEvent("restored", { bubbles: true }));
}

/** Keep the forms below `root`; forget those of which the page says that they are saved. */
export function keepForms(root) {
  for (const one of document.querySelectorAll("[data-saved]")) sessionStorage.removeItem(PREFIX + one.dataset.saved);
  for (const form of root.querySelectorAll("form[data-keep]")) {
    if (form.dataset.kept) continue;
    form.dataset.kept = "yes";
    read(form);
    form.addEventListener("input", () => write(form));
    form.addEventListener("change", () => write(form));
  }
  for (const form of root.querySelectorAll("form[data-forget]")) {
    form.addEventListener("submit", () => { for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key); });
  }
}
