// The open alarms as the feed tells them.
// in a flood the lists are drawn so often, however many messages come
const FLOOD_MS = 100;
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

/** Whether it makes no sound: a test, a near fall, a fire alarm that is being verified. */
export function isQuiet(alarm) {
  return alarm.kind === "test" || ["test", "near_fall", "pre_alarm"].some((flag) => alarm.flags.includes(flag));
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
    this.lists = null;
    this.toldAt = -FLOOD_MS;
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
    this.lists ??= sort(this.byId.values());
    return this.lists[where];
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
    const heard = (alarm) => !isQuiet(alarm) && !isMine(alarm);
    return this.list("waiting").find(heard) ?? null;
  }

  changed() {
    this.lists = null;
    if (this.pending) return;
    this.pending = true;
    const since = performance.now() - this.toldAt;
    setTimeout(() => {
      this.pending = false;
      this.toldAt = performance.now();
      this.dispatchEvent(new Event("change"));
      this.fresh.clear();
    }, Math.max(0, FLOOD_MS - since));
  }
}

function sort(alarms) {
  const lists = { waiting: [], handled: [], aside: [] };
  for (const alarm of alarms) {
    const where = standing(alarm);
    const at = Date.parse(where === "aside" ? alarm.suppressed.until : alarm.received_at);
    lists[where].push({ alarm, at, rank: RANK[alarm.priority] ?? 0, isDrill: alarm.flags.includes("drill") });
  }
  const byId = (a, b) => (a.alarm.alarm_id < b.alarm.alarm_id ? -1 : 1);
  const byUrgency = (a, b) => a.rank - b.rank || a.isDrill - b.isDrill || a.at - b.at || byId(a, b);
  const byEnd = (a, b) => a.at - b.at || byUrgency(a, b);
  for (const [where, list] of Object.entries(lists)) lists[where] = list.sort(where === "aside" ? byEnd : byUrgency).map((one) => one.alarm);
  return lists;
}
