// The server's clock: a desk with a wrong clock still shows right ages.
let offsetMs = 0;

/** Take note of the server's time of this moment. */
export function setServerTime(iso) {
  offsetMs = Date.parse(iso) - Date.now();
}

/** Now, by the server's clock, in milliseconds. */
export function now() {
  return Date.now() + offsetMs;
}

/** A duration as people read it: 0:07, 12:30, 3:05:00. */
export function age(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Write how long it is until the moment that each [data-until] names. */
export function countDown() {
  for (const element of document.querySelectorAll("[data-until]")) {
    element.textContent = age(Date.parse(element.dataset.until) - now());
  }
}
