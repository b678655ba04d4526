// The floor plan: rooms where they are, with what happens in them; which floors have alarms; the most urgent one on wish.
import { standing } from "./alarms.mjs";
import { headingOf, isDrill, placeOf, showShape, stateText, tickRow } from "./row.mjs";
import { text, word } from "./texts.mjs";

const FOLLOW = "anxin-plan-follow";
const LOOK_AGAIN_MS = 60000;
const ORDER = ["waiting", "handled", "aside"];
const OFFLINE = "device_offline";
const read = (element) => JSON.parse(element.textContent);

export class Plans {
  constructor(alarms) {
    this.alarms = alarms;
    this.texts = read(document.getElementById("plan-texts"));
    this.floors = new Map(read(document.getElementById("plan-floors")).map((floor) => [floor.id, floor]));
    this.floorOf = new Map();
    for (const floor of this.floors.values()) for (const room of floor.rooms) this.floorOf.set(room, floor.id);
    this.links = [...document.querySelectorAll("a[data-floor]")];
    this.slot = document.getElementById("plan-slot");
    this.line = document.getElementById("plan-line").content.firstElementChild;
    this.lines = [];
    this.button = document.getElementById("plan-follow");
    this.follow = localStorage.getItem(FOLLOW) === "1";
    this.button.setAttribute("aria-pressed", String(this.follow));
    this.button.addEventListener("click", () => this.toggle());
    for (const link of this.links) link.addEventListener("click", (event) => this.choose(event, link.dataset.floor));
    this.take();
    alarms.addEventListener("change", () => this.render());
    setInterval(() => this.tick(), 500);
    setInterval(() => this.load(this.floor, true), LOOK_AGAIN_MS);
  }

  /** Take up the board that the server has rendered. */
  take() {
    this.board = document.getElementById("plan");
    this.floor = this.board.dataset.floor;
    this.devices = read(this.board.querySelector(".plan-known"));
    this.rooms = new Map();
    for (const element of this.board.querySelectorAll("[data-x]")) {
      const { x, y, w, h } = element.dataset;
      for (const [name, value] of Object.entries({ x, y, w, h })) {
        if (value !== undefined) element.style.setProperty(`--${name}`, `${Number(value) * 100}%`);
      }
      if (element.dataset.room) this.rooms.set(element.dataset.room, element);
    }
    for (const link of this.links) {
      if (link.dataset.floor === this.floor) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  render() {
    const open = ORDER.flatMap((where) => this.alarms.list(where));
    this.markFloors(open);
    if (this.follow) this.goTo(this.alarms.list("waiting"));
    const here = open.filter((alarm) => this.floorOf.get(alarm.identity.room_id) === this.floor);
    const byRoom = new Map();
    for (const alarm of here) (byRoom.get(alarm.identity.room_id) ?? byRoom.set(alarm.identity.room_id, []).get(alarm.identity.room_id)).push(alarm);
    this.silent = this.silentDevices();
    for (const [id, element] of this.rooms) this.fill(element, byRoom.get(id) ?? [], id);
    this.markDevices();
    this.bringIntoView(here.find((alarm) => this.alarms.fresh.has(alarm.alarm_id)));
    const site = this.board.dataset.site;
    const drawn = here.filter((alarm) => this.rooms.has(alarm.identity.room_id));
    const lost = open.filter((alarm) => {
      const floor = this.floorOf.get(alarm.identity.room_id);
      return alarm.identity.site_id === site && (floor === undefined || (floor === this.floor && !this.rooms.has(alarm.identity.room_id)));
    });
    this.lines = [...this.list("plan-here", drawn), ...this.list("plan-nowhere", lost)];
    document.getElementById("plan-none").hidden = drawn.length > 0 || !this.alarms.loaded;
    document.getElementById("plan-lost").hidden = lost.length === 0;
    const others = open.filter((alarm) => !drawn.includes(alarm) && !lost.includes(alarm) && standing(alarm) === "waiting").length;
    const more = document.getElementById("plan-others");
    more.hidden = others === 0;
    more.firstElementChild.textContent = this.text("others", { count: others });
  }

  /** One room: the most urgent alarm in it, who has it, staff, devices that are silent. */
  fill(element, own, id) {
    const [alarm] = own;
    const link = element.querySelector(".plan-in");
    const set = (name, value) => {
      const part = element.querySelector(`.${name}`);
      if (part.textContent !== value) part.textContent = value;
    };
    element.className = alarm ? `plan-room alarmed ${standing(alarm)} ${alarm.priority}${isDrill(alarm) ? " drill" : ""}` : "plan-room";
    if (alarm) {
      link.href = `/alarms/${encodeURIComponent(alarm.alarm_id)}`;
      showShape(element, alarm.priority);
    } else {
      link.removeAttribute("href");
    }
    const more = own.length > 1 ? ` ${this.text("more", { count: own.length - 1 })}` : "";
    set("plan-word", alarm ? `${whatOf(alarm)}${more}` : "");
    set("plan-state", alarm ? whoseOf(alarm) : "");
    const staff = this.alarms.present.get(id);
    set("plan-people", staff ? `● ${staff.names.join(", ") || this.texts.staff}` : "");
    const off = this.devices.filter((device) => device.room === id && this.silent.has(device.id)).length;
    const resting = this.devices.filter((device) => device.room === id && device.resting).length;
    const said = [off && `✕ ${this.text("off", { count: off })}`, resting && this.text("resting", { count: resting })];
    set("plan-off", said.filter(Boolean).join(" · "));
    element.classList.toggle("has-off", off > 0);
  }

  /** Where the plan is wider than the screen: to the room of an alarm that has just come. */
  bringIntoView(alarm) {
    const room = this.rooms.get(alarm?.identity.room_id);
    if (!room) return;
    const frame = this.board.querySelector(".plan-frame");
    frame.scrollLeft = room.offsetLeft + room.offsetWidth / 2 - frame.clientWidth / 2;
  }

  /** Those that are offline, and those whose gateway is away. */
  silentDevices() {
    const offline = new Set([...this.alarms.byId.values()].filter((alarm) => alarm.rule === OFFLINE).map((alarm) => alarm.identity.device_id));
    const isAway = (gateway) => Boolean(gateway) && gateway.state !== "online";
    const silent = this.devices.filter((device) => offline.has(device.id) || isAway(this.alarms.gateways.get(device.gateway)));
    return new Set(silent.map((device) => device.id));
  }

  markDevices() {
    for (const dot of this.board.querySelectorAll(".plan-device")) dot.classList.toggle("silent", this.silent.has(dot.dataset.device));
  }

  markFloors(open) {
    for (const link of this.links) {
      const own = open.filter((alarm) => standing(alarm) !== "aside" && this.floorOf.get(alarm.identity.room_id) === link.dataset.floor);
      const mark = link.querySelector(".floor-mark");
      mark.hidden = own.length === 0;
      link.dataset.standing = own.length ? standing(own[0]) : "";
      if (!own.length) continue;
      showShape(mark, own[0].priority);
      mark.querySelector(".floor-count").textContent = String(own.length);
      const said = this.text("said", { count: own.length, priority: word("priorities", own[0].priority) });
      mark.querySelector(".floor-said").textContent = said;
    }
  }

  list(id, alarms) {
    const list = document.getElementById(id);
    const known = new Map([...list.children].map((line) => [line.dataset.alarm, line]));
    alarms.forEach((alarm, place) => {
      const line = known.get(alarm.alarm_id) ?? this.line.cloneNode(true);
      known.delete(alarm.alarm_id);
      line.alarm = alarm;
      line.dataset.alarm = alarm.alarm_id;
      line.className = `plan-line ${standing(alarm)} ${alarm.priority}${isDrill(alarm) ? " drill" : ""}`;
      line.querySelector("a").href = `/alarms/${encodeURIComponent(alarm.alarm_id)}`;
      showShape(line, alarm.priority);
      line.querySelector(".plan-line-word").textContent = whatOf(alarm);
      line.querySelector(".plan-line-place").textContent = placeOf(alarm);
      line.querySelector(".plan-line-state").textContent = whoseOf(alarm);
      tickRow(line, alarm);
      if (list.children[place] !== line) list.insertBefore(line, list.children[place] ?? null);
    });
    for (const gone of known.values()) gone.remove();
    return [...list.children];
  }

  tick() {
    for (const line of this.lines) tickRow(line, line.alarm);
  }

  toggle() {
    this.follow = !this.follow;
    localStorage.setItem(FOLLOW, this.follow ? "1" : "0");
    this.button.setAttribute("aria-pressed", String(this.follow));
    this.render();
  }

  choose(event, floor) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (this.follow) this.toggle();
    this.load(floor);
  }

  /** To the floor of the most urgent alarm that waits; not away from what somebody is about to open. */
  goTo(waiting) {
    const urgent = waiting.map((alarm) => this.floorOf.get(alarm.identity.room_id)).find((floor) => floor !== undefined);
    if (urgent && urgent !== this.floor && !this.slot.contains(document.activeElement)) this.load(urgent);
  }

  /** Show another floor in this page, so that sound and feed go on; or look whether this one has changed. */
  async load(floor, again = false) {
    if (this.loading) return;
    this.loading = true;
    try {
      const response = await fetch(`/plans/${encodeURIComponent(floor)}?part=board`);
      if (!response.ok) return;
      const html = await response.text();
      const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("plan");
      if (again && fresh?.dataset.mark === this.board.dataset.mark) return;
      this.slot.innerHTML = html; // our own server's page, escaped there
      this.take();
      this.render();
      if (again) return;
      history.replaceState(null, "", `/plans/${encodeURIComponent(floor)}`);
      document.getElementById("plan-said").textContent = this.text("showing", { name: document.getElementById("plan-name").textContent });
    } catch {
      // offline: the strip says so
    } finally {
      this.loading = false;
    }
  }

  text(key, values) {
    return this.texts[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  }
}

function whatOf(alarm) {
  const said = [word("priorities", alarm.priority), headingOf(alarm)];
  return [...(isDrill(alarm) ? [text("drill")] : []), ...said].join(" · ");
}

function whoseOf(alarm) {
  return alarm.suppressed ? word("suppressions", alarm.suppressed.how) : stateText(alarm);
}
