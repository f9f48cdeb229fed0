// Heads by plus and minus: one thumb, no keyboard.

const DIGITS = /[０-９]/g;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const field = button.form.elements.people;
  const now = Number.parseInt(field.value.replace(DIGITS, (n) => String.fromCharCode(n.charCodeAt(0) - 0xfee0)), 10) || 0;
  field.value = String(Math.max(0, now + Number(button.dataset.step)));
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
