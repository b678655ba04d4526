// Dialogs about one alarm. Each stays open until the step is done, so that nothing a person wrote is lost.
import { send, toast } from "./actions.mjs";
import { age, now } from "./clock.mjs";
import { nextMoment, text, timeOf } from "./texts.mjs";

const REACHED_KEYS = { KeyP: 0, KeyS: 1, KeyB: 2 };

/** Ask how it ended, how the person was reached where that must be said, and whether all `members` of its incident end. */
export function askResolve(alarm, about, members = []) {
  const { dialog, form, complain, submit } = open("resolve", alarm, about);
  const dispositions = [...form.querySelectorAll("[name=disposition]")];
  const reached = [...form.querySelectorAll("[name=reached]")];
  const ways = dialog.querySelector("[data-reached]");
  const whole = dialog.querySelector("[data-whole]");
  const chosen = (name) => new FormData(form).get(name);
  const mustSay = () => alarm.ask_reached.includes(chosen("disposition"));
  const update = () => {
    ways.hidden = chosen("disposition") ? !mustSay() : alarm.ask_reached.length === 0;
    complain("");
  };
  const choose = (choice) => {
    choice.checked = true;
    choice.focus();
    update();
  };
  for (const choice of dispositions) choice.disabled = !alarm.endings.includes(choice.value);
  dispositions.find((choice) => !choice.disabled)?.focus();
  dialog.querySelector("[data-stands]").hidden = alarm.endings.length === dispositions.length;
  whole.hidden = !alarm.ends_incident || members.length < 2;
  whole.querySelector("span").textContent = text("wholeIncident", { count: members.length });
  form.oninput = update;
  update();
  form.onsubmit = (event) => {
    event.preventDefault();
    const [disposition, how] = [chosen("disposition"), chosen("reached")];
    if (!disposition) return complain(text("noDisposition"));
    if (mustSay() && !how) {
      reached[0].focus();
      return complain(text("notReached"));
    }
    submit(form.elements.whole.checked ? "resolve_incident" : "resolve", { disposition, reached: mustSay() ? how : null, note: form.elements.note.value });
  };
  dialog.onkeydown = (event) => {
    if (event.target.tagName === "TEXTAREA" || event.ctrlKey || event.altKey || event.metaKey) return;
    const choice = /^[1-9]$/.test(event.key) ? dispositions[Number(event.key) - 1] : reached[REACHED_KEYS[event.code]];
    if (event.code === "KeyI" && !whole.hidden) form.elements.whole.click();
    else if (choice && !choice.disabled && !choice.closest("[hidden]")) {
      event.preventDefault();
      // how the person was reached, said first, says what most calls are: helped on the spot
      if (reached.includes(choice) && !chosen("disposition")) dispositions.find((one) => one.value === alarm.ask_reached[0]).checked = true;
      choose(choice);
    } else if (event.key === "Enter" && event.target.tagName !== "BUTTON") {
      event.preventDefault();
      form.requestSubmit();
    }
  };
}

/** Ask whom to ask, those on duty first; the person is told. */
export async function askAssign(alarm, about) {
  const { dialog, form, complain, submit } = open("assign", alarm, about);
  const { to } = form.elements;
  to.replaceChildren();
  form.onsubmit = (event) => {
    event.preventDefault();
    if (to.value) submit("assign", { to: to.value });
    else complain(text("noAssignee"));
  };
  dialog.onkeydown = (event) => {
    if (event.key !== "Enter" || event.target.tagName === "BUTTON") return;
    event.preventDefault();
    form.requestSubmit();
  };
  to.ondblclick = () => form.requestSubmit();
  const turn = dialog.turn;
  const people = await fetch(`/api/v1/alarms/${encodeURIComponent(alarm.alarm_id)}/assignees`)
    .then((response) => (response.ok ? response.json() : null))
    .catch(() => null);
  if (!dialog.open || dialog.turn !== turn) return;
  if (!people) return complain(text("noPeople"));
  to.append(...people.map((one) => new Option(personLine(one), one.to)));
  to.selectedIndex = 0;
  to.focus();
}

function personLine({ name, on_duty, reachable }) {
  const line = on_duty ? text("onDuty", { name }) : name;
  return reachable ? line : text("deskOnly", { name: line });
}

/** Ask for a note, then save it. */
export function askNote(alarm, about) {
  const { dialog, form, submit } = open("note", alarm, about);
  form.onsubmit = (event) => {
    event.preventDefault();
    const note = form.elements.note.value.trim();
    if (note) submit("note", { note });
  };
  dialog.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  };
}

/** Ask how long and why, and for a second person where two must agree; then put aside. */
export function askShelve(alarm, about) {
  if (!document.getElementById("shelve")) return toast(text("notAllowed"), true);
  const { dialog, form, complain, submit } = open("shelve", alarm, about);
  const { time, note, account, password } = form.elements;
  const spans = [...form.querySelectorAll("[name=span]")];
  const siteId = alarm.identity.site_id;
  const until = () => {
    const span = new FormData(form).get("span");
    if (span !== "until") return now() + Number(span) * 60000;
    return time.value ? nextMoment(time.value, siteId) : null;
  };
  const update = () => {
    const at = until();
    const line = at && text("ringsAgain", { span: age(Math.ceil((at - now()) / 1000) * 1000), time: timeOf(at, siteId) });
    dialog.querySelector("[data-until-text]").textContent = line ?? text("noTime");
  };
  const choose = (choice) => {
    choice.checked = true;
    (choice.value === "until" ? time : choice).focus();
    update();
  };
  dialog.querySelector("[data-second]").hidden = !alarm.needs_second;
  choose(spans[0]);
  time.oninput = time.onfocus = () => {
    spans.at(-1).checked = true;
    update();
  };
  form.oninput = () => {
    complain("");
    update();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const ask = (message, field) => {
      complain(text(message));
      field.focus();
    };
    const at = until();
    if (!at) return ask("noTime", time);
    if (!note.value.trim()) return ask("noReason", note);
    if (alarm.needs_second && !account.value.trim()) return ask("noSecond", account);
    if (alarm.needs_second && !password.value) return ask("noSecond", password);
    const second = alarm.needs_second ? { account: account.value, password: password.value } : null;
    password.value = "";
    submit("shelve", { until: new Date(at).toISOString(), note: note.value.trim(), second });
  };
  dialog.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return form.requestSubmit();
    const writes = event.target.matches("textarea, input:not([type=radio])");
    if (writes || event.ctrlKey || event.altKey || event.metaKey || !/^[1-4]$/.test(event.key)) return;
    event.preventDefault();
    choose(spans[Number(event.key) - 1]);
  };
}

function open(id, alarm, about) {
  const dialog = document.getElementById(id);
  const form = dialog.querySelector("form");
  const error = dialog.querySelector("[data-error]");
  const button = dialog.querySelector("[type=submit]");
  const turn = {};
  const isHere = () => dialog.open && dialog.turn === turn;
  const complain = (message) => {
    if (!isHere() && message) return toast(message, true);
    error.hidden = !message;
    error.textContent = message;
  };
  const submit = async (verb, extra) => {
    button.disabled = true;
    const done = await send(alarm, verb, extra, complain);
    if (!isHere()) return;
    button.disabled = false;
    if (done) dialog.close();
  };
  dialog.turn = turn;
  form.reset();
  button.disabled = false;
  dialog.querySelector("[data-about]").textContent = about;
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  dialog.showModal();
  complain("");
  return { dialog, form, complain, submit };
}
