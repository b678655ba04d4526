// The open alarms as the feed tells them.
const RANK = { emergency: 0, high: 1, medium: 2, low: 3 };

/** Fires "change" once for everything that came in one moment; `fresh` are the ids that are new or came back. */
export class Alarms extends EventTarget {
  constructor(feed) {
    super();
    this.byId = new Map();
    this.gateways = new Map();
    this.fresh = new Set();
    this.loaded = false;
    feed.addEventListener("snapshot", ({ detail }) => {
      const known = this.byId;
      this.byId = new Map(detail.alarms.map((alarm) => [alarm.alarm_id, alarm]));
      this.gateways = new Map(detail.gateways.map((gateway) => [gateway.gateway_id, gateway]));
      for (const id of this.byId.keys()) if (!known.has(id)) this.fresh.add(id);
      this.loaded = true;
      this.changed();
    });
    feed.addEventListener("alarm", ({ detail: { alarm } }) => {
      const known = this.byId.get(alarm.alarm_id);
      if (!known || (known.response !== "new" && alarm.response === "new")) this.fresh.add(alarm.alarm_id);
      this.byId.set(alarm.alarm_id, alarm);
      this.changed();
    });
    feed.addEventListener("closed", ({ detail }) => {
      this.byId.delete(detail.alarm_id);
      this.changed();
    });
    feed.addEventListener("gateway", ({ detail: { gateway } }) => {
      this.gateways.set(gateway.gateway_id, gateway);
      this.changed();
    });
  }

  /** Unanswered alarms, or those being handled: most urgent first, then the longest waiting. */
  list(waiting) {
    return [...this.byId.values()].filter((alarm) => (alarm.response === "new") === waiting).sort(byUrgency);
  }

  /** What must be heard: the most urgent unanswered alarm's priority. */
  loudest() {
    return this.list(true).find((alarm) => alarm.kind !== "test" && !alarm.flags.includes("test"))?.priority ?? null;
  }

  changed() {
    if (this.pending) return;
    this.pending = true;
    setTimeout(() => {
      this.pending = false;
      this.dispatchEvent(new Event("change"));
      this.fresh.clear();
    }, 0);
  }
}

function byUrgency(a, b) {
  return (
    (RANK[a.priority] ?? 0) - (RANK[b.priority] ?? 0) ||
    Date.parse(a.received_at) - Date.parse(b.received_at) ||
    (a.alarm_id < b.alarm_id ? -1 : 1)
  );
}
