// The live list: rows by urgency, one of them selected, the selected one's sheet beside it; below it what is put aside.
import { toast } from "./actions.mjs";
import { standing } from "./alarms.mjs";
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
    const gone = new Set(this.rows.keys());
    const order = [];
    const incidents = this.alarms.incidents();
    for (const [where, list] of Object.entries(this.lists)) {
      const wanted = this.alarms.list(where);
      wanted.forEach((alarm, place) => {
        gone.delete(alarm.alarm_id);
        if (where !== "aside" || this.aside.open) order.push(alarm.alarm_id);
        let row = this.rows.get(alarm.alarm_id);
        if (!row) {
          row = createRow(alarm);
          this.rows.set(alarm.alarm_id, row);
        }
        if (row.alarm !== alarm) {
          row.alarm = alarm;
          fillRow(row, alarm);
        }
        markIncident(row, alarm, incidents.get(alarm.incident_id) ?? []);
        if (this.alarms.fresh.has(alarm.alarm_id)) {
          row.classList.remove("fresh");
          void row.offsetWidth;
          row.classList.add("fresh");
        }
        if (list.children[place] !== row) this.move(list, row, place);
      });
      const head = document.getElementById(`head-${where}`) ?? this.aside;
      head.hidden = wanted.length === 0;
    }
    for (const id of gone) {
      this.rows.get(id).remove();
      this.rows.delete(id);
    }
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

  move(list, row, place) {
    // moving a node drops its focus: the keyboard must stay where it is
    const held = row.contains(document.activeElement) ? document.activeElement : null;
    list.insertBefore(row, list.children[place] ?? null);
    held?.focus({ preventScroll: true });
  }

  summarize() {
    for (const cell of document.querySelectorAll(".summary-cell[data-priority]")) {
      const own = [...this.alarms.byId.values()].filter(
        (alarm) => alarm.priority === cell.dataset.priority && standing(alarm) !== "aside",
      );
      cell.dataset.count = String(own.length);
      cell.querySelector("[data-waiting]").textContent = String(own.filter((alarm) => standing(alarm) === "waiting").length);
      cell.querySelector("[data-total]").textContent = String(own.length);
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
