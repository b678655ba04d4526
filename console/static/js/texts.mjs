// The page's words, in the language in which the server rendered it.
const words = JSON.parse(document.getElementById("texts").textContent);

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
  return new Date(moment).toLocaleTimeString(words.language === "zh" ? "zh-CN" : "en-GB", { hour12: false, timeZone });
}
