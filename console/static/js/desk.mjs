// The live list: rows by urgency, one of them selected, the selected one's sheet beside it; below it what is put aside.
import { toast } from "./actions.mjs";
import { age, now } from "./clock.mjs";
import { createRow, fillRow, markIncident, tickRow } from "./row.mjs";
import { text } from "./texts.mjs";

const SETTLE_MS = 500;

export class Desk {
  constructor(alarms, sheet) {
    this.alarms = alarms;
    this.sheet = sheet;
    this.rows = new Map();
    this.selected = null;
    this.movedAt = -SETTLE_MS;
    this.lists = {};
    for (const where of ["waiting", "handled", "aside"]) this.lists[where] = document.getElementById(`rows-${where}`);
    this.aside = document.getElementById("aside");
    this.aside.open = location.hash === "#aside";
    this.aside.addEventListener("toggle", () => this.render());
    alarms.addEventListener("change", () => this.render());
    setInterval(() => this.tick(), 500);
    for (const list of Object.values(this.lists)) {
      list.addEventListener("click", (event) => {
        const row = event.target.closest(".row");
        if (!row || event.target.closest("a, button")) return;
        if (this.sheet.visible) this.select(row.dataset.alarm);
        else row.querySelector(".row-kind").click();
      });
      list.addEventListener("focusin", (event) => {
        const row = event.target.closest(".row");
        if (row && row.dataset.alarm !== this.selected) this.select(row.dataset.alarm, false);
      });
    }
  }

  render() {
    for (const [id, row] of this.rows) {
      if (this.alarms.byId.has(id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    const order = [];
    const incidents = this.alarms.incidents();
    for (const [where, list] of Object.entries(this.lists)) {
      const wanted = this.alarms.list(where);
      let at = list.firstElementChild;
      for (const alarm of wanted) {
        if (where !== "aside" || this.aside.open) order.push(alarm.alarm_id);
        const row = this.row(alarm);
        markIncident(row, alarm, incidents.get(alarm.incident_id) ?? []);
        // the one that stood here has gone elsewhere: the others stay where they are
        if (at && at !== row && at.nextElementSibling === row) this.move(list, at, null);
        else if (at !== row) this.move(list, row, at);
        at = row.nextElementSibling;
      }
      const head = document.getElementById(`head-${where}`) ?? this.aside;
      head.hidden = wanted.length === 0;
    }
    this.flash();
    this.order = order;
    this.summarize();
    const silent = this.alarms.list("aside");
    document.getElementById("aside-count").textContent = String(silent.length);
    document.getElementById("quiet").hidden = this.rows.size > silent.length || !this.alarms.loaded;
    this.showNext();
    if (!order.includes(this.selected)) {
      this.movedAt = this.selected === null ? -SETTLE_MS : performance.now();
      this.select(order[0] ?? null, this.hadFocus);
    } else {
      this.sheet.show(this.alarms.byId.get(this.selected));
    }
  }

  /** The line of an alarm as it stands now. */
  row(alarm) {
    let row = this.rows.get(alarm.alarm_id);
    if (!row) {
      row = createRow(alarm);
      this.rows.set(alarm.alarm_id, row);
    }
    if (row.alarm !== alarm) {
      row.alarm = alarm;
      fillRow(row, alarm);
    }
    return row;
  }

  move(list, row, before) {
    // moving a node drops its focus: the keyboard must stay where it is
    const held = row.contains(document.activeElement) ? document.activeElement : null;
    list.insertBefore(row, before);
    held?.focus({ preventScroll: true });
  }

  /** What has just come catches the eye; at the page's start everything has. */
  flash() {
    const fresh = this.isDrawn ? [...this.alarms.fresh].map((id) => this.rows.get(id)).filter(Boolean) : [];
    this.isDrawn = this.alarms.loaded;
    for (const row of fresh) row.classList.remove("fresh");
    if (fresh.length) void this.aside.offsetWidth;
    for (const row of fresh) row.classList.add("fresh");
  }

  summarize() {
    const [waiting, handled] = [this.alarms.list("waiting"), this.alarms.list("handled")];
    for (const cell of document.querySelectorAll(".summary-cell[data-priority]")) {
      const count = (list) => list.filter((alarm) => alarm.priority === cell.dataset.priority).length;
      const unanswered = count(waiting);
      cell.dataset.count = String(unanswered + count(handled));
      cell.querySelector("[data-waiting]").textContent = String(unanswered);
      cell.querySelector("[data-total]").textContent = cell.dataset.count;
    }
  }

  select(id, focus = true) {
    const before = this.rows.get(this.selected);
    before?.removeAttribute("aria-current");
    if (before) before.tabIndex = -1;
    this.selected = id;
    const row = this.rows.get(id);
    if (row) {
      row.setAttribute("aria-current", "true");
      row.tabIndex = 0;
      if (focus && !row.contains(document.activeElement)) row.focus({ preventScroll: true });
      if (focus) row.scrollIntoView({ block: "nearest" });
    }
    this.sheet.show(id === null ? null : this.alarms.byId.get(id));
  }

  step(by) {
    if (!this.order?.length) return;
    const place = this.order.indexOf(this.selected);
    this.select(this.order[Math.min(this.order.length - 1, Math.max(0, place + by))]);
  }

  first() {
    if (this.order?.length) this.select(this.order[0]);
  }

  /** The alarm that a key acts on; none just after the selection moved by itself, so that no key hits the wrong one. */
  target() {
    if (performance.now() - this.movedAt < SETTLE_MS) {
      toast(text("moved"), true);
      return null;
    }
    return this.alarms.byId.get(this.selected) ?? null;
  }

  open() {
    this.rows.get(this.selected)?.querySelector(".row-kind").click();
  }

  /** Show or fold what is put aside. */
  fold() {
    if (this.aside.hidden) return;
    this.aside.open = !this.aside.open;
    if (this.aside.open) this.aside.scrollIntoView({ block: "nearest" });
  }

  tick() {
    for (const row of this.rows.values()) tickRow(row, row.alarm);
    this.showNext();
  }

  showNext() {
    const [next] = this.alarms.list("aside");
    if (!next) return;
    const span = age(Date.parse(next.suppressed.until) - now());
    document.getElementById("aside-next").textContent = text("asideNext", { span });
  }

  get hadFocus() {
    return document.activeElement === document.body || document.activeElement === null;
  }
}
