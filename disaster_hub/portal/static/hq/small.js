// A photo made small before it is sent: the longest side 1600 px, JPEG. What cannot be made small is sent as it is.

const SIDE = 1600;

/** Give a smaller JPEG of `file`. */
export async function small(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = Object.assign(document.createElement("canvas"), {
      width: Math.round(picture.width * scale), height: Math.round(picture.height * scale),
    });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((good) => { canvas.toBlob((made) => good(made ?? file), "image/jpeg", 0.82); });
  } catch { return file; }
}
