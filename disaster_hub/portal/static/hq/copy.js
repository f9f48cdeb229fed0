// Copying a text: the button beside it puts it on the clipboard, and says so; where there is none, it stays hidden.

function show() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const name = button.dataset.copy;
  const said = document.querySelector(`[data-copied="${CSS.escape(name)}"]`);
  try {
    await navigator.clipboard.writeText(document.getElementById(name).textContent);
    if (said) said.textContent = "写しました";
  } catch { if (said) said.textContent = "写せません。文を選んで写してください"; }
});

document.addEventListener("part", show);
show();
