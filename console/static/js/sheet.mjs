// The sheet of one alarm, rendered by the server and fetched again when the alarm changes.
import { countDown } from "./clock.mjs";

const WAIT_MS = 80;

export class Sheet {
  constructor(panel) {
    this.panel = panel;
    this.empty = panel.innerHTML;
    this.key = "";
  }

  get visible() {
    return getComputedStyle(this.panel).display !== "none";
  }

  show(alarm) {
    const key = alarm ? `${alarm.alarm_id} ${alarm.version}` : "";
    if (key === this.key) return;
    const other = key.split(" ")[0] !== this.key.split(" ")[0];
    this.key = key;
    clearTimeout(this.timer);
    this.abort?.abort();
    if (!alarm) this.panel.innerHTML = this.empty;
    else if (this.visible) this.timer = setTimeout(() => this.load(alarm, other), WAIT_MS);
  }

  async load(alarm, other) {
    this.abort = new AbortController();
    const key = this.key;
    try {
      const response = await fetch(`/alarms/${encodeURIComponent(alarm.alarm_id)}/panel`, { signal: this.abort.signal });
      const html = await response.text();
      if (key !== this.key || !response.ok) return;
      // our own server's page, escaped there
      this.panel.innerHTML = html;
      countDown();
      if (other) this.panel.scrollTop = 0;
      window.htmx?.process(this.panel);
    } catch {
      // gone or offline: fetched again with the next change
      if (key === this.key) this.key = "";
    }
  }
}
