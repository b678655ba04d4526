// The live feed: a native EventSource that is watched, so that a silent connection never looks like a quiet night.
import { now, setServerTime } from "./clock.mjs";

const STALE_MS = 8000;
const DEAD_MS = 15000;
const AGAIN_MS = 1000;
const KINDS = ["snapshot", "alarm", "closed", "gateway", "presence", "link", "beat", "ended"];

/**
 * Fires "snapshot", "alarm", "closed", "gateway", "presence" with the message's body in `detail`, and "state" when
 * `state` changes: connecting, live, stale, disconnected, signedOut.
 */
export class Feed extends EventTarget {
  constructor(url) {
    super();
    this.url = url;
    this.state = "connecting";
    this.linked = true;
    this.heardAt = now();
    this.lastId = "";
    this.counts = { snapshot: 0, resumed: 0, changes: 0 };
    this.source = null;
    this.heard = performance.now();
  }

  start() {
    this.connect();
    setInterval(() => this.watch(), 500);
    addEventListener("offline", () => this.lose());
    addEventListener("online", () => this.connect());
    document.addEventListener("visibilitychange", () => document.hidden || this.watch());
    addEventListener("pagehide", () => this.drop());
    addEventListener("pageshow", (event) => event.persisted && this.connect());
  }

  connect() {
    this.drop();
    const url = this.lastId ? `${this.url}?last_event_id=${encodeURIComponent(this.lastId)}` : this.url;
    const source = new EventSource(url);
    this.source = source;
    this.heard = performance.now();
    for (const kind of KINDS) source.addEventListener(kind, (event) => source === this.source && this.take(kind, event));
    source.addEventListener("error", () => source === this.source && this.fail(source));
  }

  drop() {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }

  take(kind, event) {
    const body = JSON.parse(event.data);
    this.heard = performance.now();
    if (body.at) setServerTime(body.at);
    if (event.lastEventId) this.lastId = event.lastEventId;
    if ("linked" in body) this.linked = body.linked;
    if (kind === "ended") {
      this.lose();
      this.checkSession();
      return;
    }
    if (kind === "snapshot") this.counts.snapshot += 1;
    else if (kind === "beat") this.counts.resumed += this.state === "disconnected" ? 1 : 0;
    else this.counts.changes += 1;
    if (kind !== "beat" && kind !== "link") this.dispatchEvent(new CustomEvent(kind, { detail: body }));
    if (this.linked) this.heardAt = now();
    this.set(this.linked ? "live" : "stale");
  }

  fail(source) {
    if (source.readyState === EventSource.CLOSED) {
      this.lose();
      this.checkSession();
    } else if (this.state === "live") {
      // the browser tries again by itself: it is stale now and disconnected when that takes longer
      this.set("stale");
    }
  }

  lose() {
    this.drop();
    this.set("disconnected");
    this.again = setTimeout(() => this.connect(), AGAIN_MS);
  }

  watch() {
    const silentMs = performance.now() - this.heard;
    if (this.state === "signedOut") return;
    if (silentMs > DEAD_MS && this.source) this.lose();
    else if (silentMs > STALE_MS && this.state === "live") this.set("stale");
  }

  async checkSession() {
    try {
      const response = await fetch("/api/v1/me", { headers: { Accept: "application/json" } });
      // somebody ended it, or a second step is asked now: the log-in page says so, and nothing stays on the screen
      if (response.status === 401 && !(await response.json()).type.endsWith(":signed_out")) return location.assign("/login");
      if (response.status === 401 || response.status === 403) {
        this.drop();
        this.set("signedOut");
      }
    } catch {
      // no connection: the timer goes on trying
    }
  }

  set(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}
