// Screen texts: Japanese in the code, the page brings the catalogue of any other language.

export const said = JSON.parse(document.getElementById("said").textContent);

/** Say `text` in the page's language, with %(name)s filled in. */
export function t(text, values = {}) {
  const spoken = said.words[text] ?? text;
  return spoken.replace(/%\((\w+)\)s/g, (_, name) => String(values[name] ?? ""));
}

/** Name a thing in the page's language where it has such a name. */
export function nameOf(thing) {
  return said.lang !== "ja" && thing.name_en ? thing.name_en : thing.name;
}

/** Make an element: h("p", {class: "x", onclick: f}, "text", child). */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}
