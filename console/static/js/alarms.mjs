// The open alarms as the feed tells them.
const RANK = { emergency: 0, high: 1, medium: 2, low: 3 };
const ME = document.querySelector("meta[name=account]")?.content;

/** Where it stands: "aside" is silent, "waiting" needs somebody, "handled" has everybody it needs. */
export function standing(alarm) {
  if (alarm.suppressed) return "aside";
  return alarm.answered ? "handled" : "waiting";
}

/** Whether this desk's account is among those who have taken it. */
export function isMine(alarm) {
  return alarm.takers.some((taker) => taker.by === ME);
}

/** Whether an acknowledgement from here is wanted. */
export function isTakeable(alarm) {
  return !alarm.answered && !isMine(alarm);
}

/**
 * Fires "change" once for everything that came in one moment; `fresh` are the ids that are new or came back.
 * With a `site` only that one's alarms, gateways and staff; `present` are staff by their room.
 */
export class Alarms extends EventTarget {
  constructor(feed, site = "") {
    super();
    const isHere = (siteId) => !site || siteId === site;
    this.byId = new Map();
    this.gateways = new Map();
    this.present = new Map();
    this.fresh = new Set();
    this.loaded = false;
    feed.addEventListener("snapshot", ({ detail }) => {
      const known = this.byId;
      const here = detail.alarms.filter((alarm) => isHere(alarm.identity.site_id));
      this.byId = new Map(here.map((alarm) => [alarm.alarm_id, alarm]));
      this.gateways = new Map();
      for (const gateway of detail.gateways) if (isHere(gateway.site_id)) this.gateways.set(gateway.gateway_id, gateway);
      this.present = new Map();
      for (const presence of detail.present) if (isHere(presence.site_id)) this.present.set(presence.room_id, presence);
      for (const id of this.byId.keys()) if (!known.has(id)) this.fresh.add(id);
      this.loaded = true;
      this.changed();
    });
    feed.addEventListener("alarm", ({ detail: { alarm } }) => {
      if (!isHere(alarm.identity.site_id)) return;
      const known = this.byId.get(alarm.alarm_id);
      const waits = standing(alarm) === "waiting";
      if (!known || (waits && (standing(known) !== "waiting" || known.round !== alarm.round))) this.fresh.add(alarm.alarm_id);
      this.byId.set(alarm.alarm_id, alarm);
      this.changed();
    });
    feed.addEventListener("closed", ({ detail }) => {
      this.byId.delete(detail.alarm_id);
      this.changed();
    });
    feed.addEventListener("gateway", ({ detail: { gateway } }) => {
      if (!isHere(gateway.site_id)) return;
      this.gateways.set(gateway.gateway_id, gateway);
      this.changed();
    });
    feed.addEventListener("presence", ({ detail: { presence } }) => {
      if (!isHere(presence.site_id)) return;
      if (presence.by.length) this.present.set(presence.room_id, presence);
      else this.present.delete(presence.room_id);
      this.changed();
    });
  }

  /** The alarms of one standing: most urgent first, a drill after the real ones; those put aside: the next to ring first. */
  list(where) {
    const found = [...this.byId.values()].filter((alarm) => standing(alarm) === where);
    return found.sort(where === "aside" ? byEnd : byUrgency);
  }

  /** The open alarms of every incident, by the id of the alarm that it began with. */
  incidents() {
    const found = new Map();
    for (const alarm of this.byId.values()) {
      if (alarm.incident_id) (found.get(alarm.incident_id) ?? found.set(alarm.incident_id, []).get(alarm.incident_id)).push(alarm);
    }
    return found;
  }

  /** What must be heard: the most urgent alarm that waits for somebody, and not for others only; null: silence. */
  loudest() {
    const heard = (alarm) => alarm.kind !== "test" && !alarm.flags.includes("test") && !isMine(alarm);
    return this.list("waiting").find(heard) ?? null;
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
    a.flags.includes("drill") - b.flags.includes("drill") ||
    Date.parse(a.received_at) - Date.parse(b.received_at) ||
    (a.alarm_id < b.alarm_id ? -1 : 1)
  );
}

function byEnd(a, b) {
  return Date.parse(a.suppressed.until) - Date.parse(b.suppressed.until) || byUrgency(a, b);
}
