// A photo of the paper's code: read on the phone where it can, else made small and read by our own server.

const LARGEST = 1600;

async function small(file) {
  const image = await createImageBitmap(file);
  const size = Math.min(1, LARGEST / Math.max(image.width, image.height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(image.width * size), height: Math.round(image.height * size) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function read(canvas) {
  if (!("BarcodeDetector" in window) || !(await window.BarcodeDetector.getSupportedFormats()).includes("qr_code")) return "";
  const found = await new window.BarcodeDetector({ formats: ["qr_code"] }).detect(canvas);
  return found[0]?.rawValue ?? "";
}

async function ask(canvas, form) {
  const picture = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.8); });
  const body = new FormData();
  body.append("csrf_token", form.elements.csrf_token.value);
  body.append("photo", picture, "code.jpg");
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  return answer.ok ? (await answer.json()).text : "";
}

export function startScan(box) {
  const said = document.getElementById("photo-said");
  const photo = document.getElementById("photo");
  const text = document.getElementById("text");
  photo.addEventListener("change", async () => {
    said.textContent = "";
    try {
      const canvas = await small(photo.files[0]);
      text.value = (await read(canvas)) || (await ask(canvas, photo.form));
    } catch { text.value = ""; }
    if (text.value) text.form.requestSubmit();
    else said.textContent = said.dataset.none;
  });
}
