// Keeps the desk's last list for the page that is shown without a connection: places and times, never a name.
import { kindOf, placeOf } from "./row.mjs";
import { word } from "./texts.mjs";

const DESK = "anxin-desk-1";
const LAST = "/offline/last";
const EVERY_MS = 5000;
const MOST = 60;

export class Remember {
  constructor(alarms, feed) {
    this.alarms = alarms;
    this.feed = feed;
    if (!("caches" in window) || !("serviceWorker" in navigator)) return;
    navigator.serviceWorker.register("/sw.js", { scope: "/" }).catch(() => {});
    setInterval(() => this.keep(), EVERY_MS);
    alarms.addEventListener("change", () => this.keep());
    feed.addEventListener("state", () => feed.state === "signedOut" && this.forget());
  }

  async keep() {
    if (this.feed.state !== "live" || !this.alarms.loaded || this.busy) return;
    this.busy = true;
    const open = [...this.alarms.list("waiting"), ...this.alarms.list("handled")];
    const said = { at: Date.now(), language: document.documentElement.lang, open: open.length, lines: open.slice(0, MOST).map(line) };
    try {
      await (await caches.open(DESK)).put(LAST, new Response(JSON.stringify(said)));
    } catch {
      // no room: the page says that it knows nothing
    }
    this.busy = false;
  }

  async forget() {
    await (await caches.open(DESK)).delete(LAST);
  }
}

function line(alarm) {
  return {
    priority: alarm.priority,
    word: word("priorities", alarm.priority),
    kind: kindOf(alarm),
    place: [alarm.identity.site_name, alarm.identity.zone_name, placeOf(alarm)].filter(Boolean).join(" · "),
    state: word("responses", alarm.response),
    raised_at: alarm.raised_at,
  };
}
