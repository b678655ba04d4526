// One alarm as a line of the list. Names come from people and devices: they go in as text, never as markup.
import { age, now } from "./clock.mjs";
import { text, timeOf, word } from "./texts.mjs";

// How long an alarm may wait: amber, then red. A battery has no minute to lose, only a day.
const LIMITS_S = { emergency: [45, 60], high: [45, 60], medium: [450, 600], low: [72000, 86400] };
const template = document.getElementById("row");

export function createRow(alarm) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.dataset.alarm = alarm.alarm_id;
  row.id = `row-${alarm.alarm_id}`;
  return row;
}

export function fillRow(row, alarm) {
  const who = alarm.identity;
  const set = (name, value) => {
    const element = row.querySelector(`.${name}`);
    if (element.textContent !== value) element.textContent = value;
  };
  row.classList.remove("new", "acknowledged", "attended", "emergency", "high", "medium", "low");
  row.classList.add(alarm.response, alarm.priority);
  row.querySelector(".shape").setAttribute("class", `shape ${alarm.priority}`);
  row.querySelector("use").setAttribute("href", `#shape-${alarm.priority}`);
  set("row-priority", word("priorities", alarm.priority));
  set("row-kind", word("kinds", alarm.kind));
  row.querySelector(".row-kind").href = `/alarms/${encodeURIComponent(alarm.alarm_id)}`;
  set("row-count", alarm.count > 1 ? `× ${alarm.count}` : "");
  set("row-place", placeOf(alarm));
  set("row-name", who.resident_name);
  set("row-site", [who.site_name || who.site_id, who.zone_name].filter(Boolean).join(" · "));
  set("row-text", (alarm.text[document.documentElement.lang.slice(0, 2)] ?? alarm.text.en).slice(0, 160));
  const flags = alarm.flags.map((flag) => word("flags", flag));
  if (who.resident_away) flags.push(text("away"));
  if (alarm.round > 0 && alarm.response === "new") flags.push(text("returned"));
  if (alarm.condition === "cleared") flags.push(text("cleared"));
  row.querySelector(".row-flags").replaceChildren(
    ...flags.map((flag) => Object.assign(document.createElement("span"), { className: "flag", textContent: flag })),
  );
  const act = alarm.attended ?? alarm.acknowledged;
  const state = word("responses", alarm.response);
  set("row-state", alarm.response === "new" ? text("since", { time: timeOf(alarm.raised_at, who.site_id) }) : act ? `${state} · ${act.name}` : state);
  tickRow(row, alarm);
}

/** Move the timer: amber with a word, then red with a word, while nobody has answered. */
export function tickRow(row, alarm) {
  const waited = now() - Date.parse(alarm.response === "new" ? sinceOf(alarm) : alarm.received_at);
  const [soonS, lateS] = LIMITS_S[alarm.priority] ?? LIMITS_S.emergency;
  const level = alarm.response !== "new" ? "" : waited >= lateS * 1000 ? "late" : waited >= soonS * 1000 ? "soon" : "";
  const timer = row.querySelector(".timer");
  timer.textContent = age(waited);
  if (timer.dataset.age !== level) {
    timer.dataset.age = level;
    row.querySelector(".timer-word").textContent = level
      ? text("over", { time: age((level === "late" ? lateS : soonS) * 1000) })
      : "";
  }
}

export function placeOf(alarm) {
  return alarm.identity.room_name || alarm.identity.device_name || text("unknownPlace");
}

function sinceOf(alarm) {
  return alarm.round > 0 ? alarm.last_at : alarm.received_at;
}
