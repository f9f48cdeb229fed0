// The world's time without a network: as it was last told, and what has gone by on the phone's clock since.

const NAME = "hub-field-clock";

/** Take the world's time as the hub has just told it. */
export function setAnchor(iso, speed) {
  localStorage.setItem(NAME, JSON.stringify({ world: Date.parse(iso), wall: Date.now(), speed }));
}

/** The world's time in milliseconds since 1970; the phone's own where the hub never told it. */
export function moment() {
  const anchor = JSON.parse(localStorage.getItem(NAME) ?? "null");
  return anchor ? anchor.world + Math.max(0, Date.now() - anchor.wall) * anchor.speed : Date.now();
}
