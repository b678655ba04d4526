// One alarm as a line of the list. Names come from people and devices: they go in as text, never as markup.
import { isMine, isTakeable, standing } from "./alarms.mjs";
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
  row.classList.remove("waiting", "handled", "aside", "mine", "emergency", "high", "medium", "low");
  row.classList.add(standing(alarm), alarm.priority);
  row.classList.toggle("mine", isMine(alarm));
  row.classList.toggle("drill", isDrill(alarm));
  row.querySelector(".drill-band").hidden = !isDrill(alarm);
  row.dataset.next = nextStep(alarm);
  row.dataset.short = String(alarm.response !== "new" && !alarm.answered);
  showShape(row, alarm.priority);
  set("row-priority", word("priorities", alarm.priority));
  set("row-kind", headingOf(alarm));
  row.querySelector(".row-kind").href = `/alarms/${encodeURIComponent(alarm.alarm_id)}`;
  set("row-count", alarm.count > 1 ? `× ${alarm.count}` : "");
  set("row-place", placeOf(alarm));
  set("row-name", who.resident_name);
  set("row-site", [who.site_name || who.site_id, who.zone_name].filter(Boolean).join(" · "));
  set("row-text", (alarm.text[document.documentElement.lang.slice(0, 2)] ?? alarm.text.en).slice(0, 160));
  set("row-aside", asideText(alarm));
  const flags = alarm.flags.filter((flag) => flag !== "drill").map((flag) => word("flags", flag));
  if (who.resident_away) flags.push(text("away"));
  if (alarm.round > 0 && alarm.response === "new" && !alarm.suppressed) flags.push(text("returned"));
  if (alarm.link_refused) flags.push(text("linkRefused"));
  if (alarm.condition === "cleared") flags.push(text("cleared"));
  for (const one of alarm.coming) {
    flags.push(text(one.over ? "notArrived" : "onTheWay", { name: one.name, time: timeOf(one.until, who.site_id).slice(0, 5) }));
  }
  row.querySelector(".row-flags").replaceChildren(...flags.map((flag) => badge(flag)));
  set("row-state", stateText(alarm));
  tickRow(row, alarm);
}

/** Say that it belongs to an incident: the first one how many there are, the others where it began. */
export function markIncident(row, alarm, members) {
  if (!alarm.incident_id && !row.dataset.incident) return;
  row.dataset.incident = alarm.incident_id ?? "";
  const parent = members.find((member) => member.alarm_id === alarm.incident_id);
  let said = "";
  if (alarm.incident_id === alarm.alarm_id) said = text("incident", { count: members.length });
  else if (alarm.incident_id) said = parent ? text("incidentOf", { place: placeOf(parent) }) : text("incidentPart");
  const shown = row.querySelector(".flag.incident");
  if ((shown?.textContent ?? "") === said) return;
  shown?.remove();
  if (said) row.querySelector(".row-flags").prepend(badge(said, "incident"));
}

/** Move the timer: amber with a word, then red with a word, while nobody has answered; what is aside and a pre-alarm count down. */
export function tickRow(row, alarm) {
  const timer = row.querySelector(".timer");
  const timerWord = row.querySelector(".timer-word");
  const where = standing(alarm);
  const show = (time, level, said) => {
    if (timer.textContent !== time) timer.textContent = time;
    if (timer.dataset.age !== level) timer.dataset.age = level;
    if (timerWord.textContent !== said) timerWord.textContent = said;
  };
  if (where === "aside") return show(age(Date.parse(alarm.suppressed.until) - now()), "", text("left"));
  if (alarm.verify_until) return show(age(Date.parse(alarm.verify_until) - now()), "soon", text("verifying"));
  const waited = now() - Date.parse(where === "waiting" ? sinceOf(alarm) : alarm.received_at);
  const [soonS, lateS] = LIMITS_S[alarm.priority] ?? LIMITS_S.emergency;
  const level = where !== "waiting" ? "" : waited >= lateS * 1000 ? "late" : waited >= soonS * 1000 ? "soon" : "";
  show(age(waited), level, level ? text("over", { time: age((level === "late" ? lateS : soonS) * 1000) }) : "");
}

/** The sign of a priority, where an element has a place for it. */
export function showShape(element, priority) {
  const shape = element.querySelector(".shape");
  shape.classList.remove("emergency", "high", "medium", "low");
  shape.classList.add(priority);
  element.querySelector("use").setAttribute("href", `#shape-${priority}`);
}

/** What kind of alarm it is; an exercise says so. */
export function kindOf(alarm) {
  return isDrill(alarm) ? `${text("drill")}: ${headingOf(alarm)}` : headingOf(alarm);
}

/** Its kind in a word; a fall, a fire and a missing sign of life by how certain it is. */
export function headingOf(alarm) {
  if (alarm.fire) return word("fires", alarm.fire);
  if (alarm.life) return word("lives", alarm.life);
  return alarm.fall ? word("falls", alarm.fall) : word("kinds", alarm.kind);
}

export function placeOf(alarm) {
  return alarm.identity.room_name || alarm.identity.device_name || text("unknownPlace");
}

export function isDrill(alarm) {
  return alarm.flags.includes("drill");
}

/** The step that a person most likely takes next. */
function nextStep(alarm) {
  if (alarm.suppressed) return "unshelve";
  if (isTakeable(alarm)) return "acknowledge";
  return alarm.response === "attended" ? "resolve" : "attend";
}

function asideText(alarm) {
  const aside = alarm.suppressed;
  if (!aside) return "";
  const who = [aside.name, aside.second_name].filter(Boolean).join(" + ");
  const line = text("asideUntil", {
    how: word("suppressions", aside.how),
    time: timeOf(aside.until, alarm.identity.site_id).slice(0, 5),
    who,
  });
  return aside.reason ? `${line} · ${aside.reason}` : line;
}

/** Who has it, or since when nobody has. */
export function stateText(alarm) {
  const state = word("responses", alarm.response);
  const act = alarm.attended ?? alarm.acknowledged;
  if (alarm.response === "new") return text("since", { time: timeOf(alarm.raised_at, alarm.identity.site_id) });
  if (alarm.response === "acknowledged" && alarm.needed > 1) {
    const names = alarm.takers.map((taker) => taker.name).join(", ");
    return `${text("taken", { count: alarm.takers.length, needed: alarm.needed })} · ${names}`;
  }
  return act ? `${state} · ${act.name}` : state;
}

function badge(said, more = "") {
  return Object.assign(document.createElement("span"), { className: `flag ${more}`.trim(), textContent: said });
}

function sinceOf(alarm) {
  return alarm.round > 0 ? alarm.last_at : alarm.received_at;
}
