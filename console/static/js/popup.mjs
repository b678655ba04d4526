// On every page but the desk and the wallboard: the most urgent alarm that sounds, until somebody has it.
import { kindOf, placeOf, showShape, tickRow } from "./row.mjs";
import { word } from "./texts.mjs";

export class Popup {
  /** `shown` is the alarm whose own page this is: it needs no second place. */
  constructor(alarms, box, shown) {
    this.alarms = alarms;
    this.box = box;
    this.shown = shown;
    this.alarm = null;
    alarms.addEventListener("change", () => this.render());
    setInterval(() => this.alarm && tickRow(this.box, this.alarm), 500);
  }

  render() {
    const loud = this.alarms.loudest();
    this.alarm = loud && loud.alarm_id !== this.shown ? loud : null;
    this.box.hidden = !this.alarm;
    document.body.classList.toggle("popped-up", Boolean(this.alarm));
    if (!this.alarm) return;
    const { alarm, box } = this;
    box.dataset.alarm = alarm.alarm_id;
    box.className = `popup ${alarm.priority}`;
    showShape(box, alarm.priority);
    box.querySelector(".popup-kind").textContent = [word("priorities", alarm.priority), kindOf(alarm)].join(" · ");
    box.querySelector(".popup-room").textContent = placeOf(alarm);
    box.querySelector(".popup-resident").textContent = alarm.identity.resident_name ?? "";
    box.querySelector(".popup-open").href = `/alarms/${encodeURIComponent(alarm.alarm_id)}`;
    tickRow(box, alarm);
  }
}
