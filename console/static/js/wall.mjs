// The wallboard: the most urgent alarms as tiles, as many as the screen holds in a size that is read from afar.
import { standing } from "./alarms.mjs";
import { headingOf, isDrill, placeOf, showShape, stateText, tickRow } from "./row.mjs";
import { now } from "./clock.mjs";
import { text, timeOf } from "./texts.mjs";

const MOST = 8;
const ALIVE_MS = 3600000;

export class Wall {
  constructor(alarms, board) {
    this.alarms = alarms;
    this.site = board.dataset.site;
    this.tiles = new Map();
    this.list = document.getElementById("wall-tiles");
    this.template = document.getElementById("tile");
    alarms.addEventListener("change", () => this.render());
    setInterval(() => this.tick(), 500);
    setInterval(() => fetch("/api/v1/me").catch(() => {}), ALIVE_MS);
    this.stayAwake();
    document.addEventListener("visibilitychange", () => this.stayAwake());
    this.tick();
  }

  render() {
    const open = [...this.alarms.list("waiting"), ...this.alarms.list("handled")];
    const shown = open.slice(0, MOST);
    const gone = new Set(this.tiles.keys());
    shown.forEach((alarm, place) => {
      gone.delete(alarm.alarm_id);
      let tile = this.tiles.get(alarm.alarm_id);
      if (!tile) {
        tile = this.template.content.firstElementChild.cloneNode(true);
        this.tiles.set(alarm.alarm_id, tile);
      }
      if (tile.alarm !== alarm) this.fill(tile, alarm);
      if (this.list.children[place] !== tile) this.list.insertBefore(tile, this.list.children[place] ?? null);
    });
    for (const id of gone) {
      this.tiles.get(id).remove();
      this.tiles.delete(id);
    }
    this.list.dataset.count = String(shown.length);
    const more = document.getElementById("wall-more");
    more.hidden = open.length <= MOST;
    more.textContent = text("more", { count: open.length - MOST });
    document.getElementById("wall-quiet").hidden = open.length > 0 || !this.alarms.loaded;
  }

  fill(tile, alarm) {
    tile.alarm = alarm;
    tile.className = `tile ${standing(alarm)} ${alarm.priority}`;
    tile.dataset.alarm = alarm.alarm_id;
    showShape(tile, alarm.priority);
    tile.querySelector(".tile-place").textContent = placeOf(alarm);
    tile.querySelector(".tile-drill").hidden = !isDrill(alarm);
    tile.querySelector(".tile-word").textContent = headingOf(alarm);
    const where = [this.site ? "" : alarm.identity.site_name, alarm.identity.zone_name];
    tile.querySelector(".tile-where").textContent = where.filter(Boolean).join(" · ");
    tile.querySelector(".tile-state").textContent = stateText(alarm);
    tickRow(tile, alarm);
  }

  tick() {
    for (const tile of this.tiles.values()) tickRow(tile, tile.alarm);
    document.getElementById("wall-clock").textContent = timeOf(now(), this.site).slice(0, 5);
  }

  /** Keep the screen on; a browser that cannot leaves that to the machine's own settings. */
  async stayAwake() {
    if (document.hidden) return;
    await navigator.wakeLock?.request("screen").catch(() => {});
  }
}
