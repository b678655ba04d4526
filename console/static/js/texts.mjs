// The page's words, in the language in which the server rendered it.
import { now } from "./clock.mjs";

const words = JSON.parse(document.getElementById("texts").textContent);
const DAY = 24 * 60;
const clocks = new Map();

/** A text with its {names} filled in. */
export function text(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

/** A word of a table: word("kinds", "fall"). */
export function word(table, key) {
  return words[table][key] ?? key;
}

/** Time of day on the clock of the site, wherever this desk stands. */
export function timeOf(moment, siteId = "") {
  const timeZone = words.zones[siteId] ?? words.zone;
  if (!clocks.has(timeZone)) {
    // making one costs a hundred times what using it costs
    const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone };
    clocks.set(timeZone, new Intl.DateTimeFormat(words.language === "zh" ? "zh-CN" : "en-GB", parts));
  }
  return clocks.get(timeZone).format(new Date(moment));
}

/** The next moment, in milliseconds, at which the site's clock shows "HH:MM": at most a day away. */
export function nextMoment(clock, siteId = "") {
  const minutesOf = (shown) => Number(shown.split(":")[0]) * 60 + Number(shown.split(":")[1]);
  const wanted = minutesOf(clock);
  const from = Math.floor(now() / 60000) * 60000;
  const wait = (wanted - minutesOf(timeOf(from, siteId)) + DAY) % DAY || DAY;
  const at = from + wait * 60000;
  // a night in which the clocks change shows another time then
  const off = ((wanted - minutesOf(timeOf(at, siteId)) + 1.5 * DAY) % DAY) - DAY / 2;
  return Math.min(at + off * 60000, from + DAY * 60000);
}
