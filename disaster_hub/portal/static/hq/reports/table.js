// The table of a department: each line has its own place box; Enter there goes on to the kind.

import { placeBox } from "./placebox.js";

const form = document.getElementById("new-reports");
for (const line of form.querySelectorAll("fieldset")) {
  const field = (name) => line.querySelector(`[name="${name}"]`);
  const list = line.querySelector(".found");
  placeBox(field("place"), list, form.dataset.places, {
    picked(found) { field("lon").value = found.lon; field("lat").value = found.lat; field("kind").focus(); },
    changed() { field("lon").value = ""; field("lat").value = ""; },
    again() { field("kind").focus(); },
  });
}
