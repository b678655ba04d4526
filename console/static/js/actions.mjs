// What a person does about an alarm: sent with the version that the person saw, repeated under one id until answered.
import { text } from "./texts.mjs";

const TRIES = 4;
const ANSWER_MS = 5000;
const AGAIN_MS = 800;

/** Send one step. Gives true when it is done; says so, or why not, in a toast. */
export async function send(alarm, verb, extra = {}) {
  const id = crypto.randomUUID?.() ?? uuid();
  for (let go = 1; go <= TRIES; go++) {
    let answer;
    try {
      answer = await post(alarm.alarm_id, verb, { ...extra, version: alarm.version, id });
    } catch {
      answer = { status: 0, body: {} };
    }
    if (answer.status === 200) {
      toast(text(`done_${verb}`));
      return true;
    }
    if (answer.status !== 0 && answer.status !== 504) {
      toast(answer.body.detail ?? answer.body.title ?? String(answer.status), true);
      return false;
    }
    if (go === 1) toast(text("retrying"), true);
    if (go < TRIES) await new Promise((done) => setTimeout(done, AGAIN_MS * go));
  }
  toast(text("failed"), true);
  return false;
}

/** Show a short message; the screen reader speaks it. */
export function toast(message, bad = false) {
  const box = document.getElementById("toasts");
  const item = document.createElement("div");
  item.className = bad ? "toast bad" : "toast";
  item.textContent = message;
  box.append(item);
  while (box.childElementCount > 4) box.firstElementChild.remove();
  setTimeout(() => item.remove(), bad ? 10000 : 3500);
}

/** Ask how it ended, then resolve. */
export function askResolve(alarm, about) {
  const dialog = open("resolve", about);
  const form = dialog.querySelector("form");
  const error = dialog.querySelector("[data-error]");
  error.hidden = true;
  // a fire that still burns can only be ended as a mistake, a test or a repair
  const stands = alarm.condition === "active" && alarm.latching && !alarm.momentary;
  dialog.querySelector("[data-stands]").hidden = !stands;
  for (const choice of form.querySelectorAll("[name=disposition]")) {
    choice.disabled = stands && !["false_alarm", "test", "repaired"].includes(choice.value);
  }
  form.onsubmit = (event) => {
    event.preventDefault();
    const disposition = new FormData(form).get("disposition");
    error.hidden = Boolean(disposition);
    if (!disposition) return;
    dialog.close();
    send(alarm, "resolve", { disposition, note: form.elements.note.value });
  };
  dialog.onkeydown = (event) => {
    if (event.target.tagName === "TEXTAREA" || event.ctrlKey || event.altKey || event.metaKey) return;
    const choice = form.querySelectorAll("[name=disposition]")[Number(event.key) - 1];
    if (/^[1-9]$/.test(event.key) && choice && !choice.disabled) {
      choice.checked = true;
      choice.focus();
      error.hidden = true;
    } else if (event.key === "Enter" && event.target.tagName !== "BUTTON") {
      event.preventDefault();
      form.requestSubmit();
    }
  };
}

/** Ask for a note, then save it. */
export function askNote(alarm, about) {
  const dialog = open("note", about);
  const form = dialog.querySelector("form");
  form.onsubmit = (event) => {
    event.preventDefault();
    const note = form.elements.note.value.trim();
    if (!note) return;
    dialog.close();
    send(alarm, "note", { note });
  };
  dialog.onkeydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  };
}

function open(id, about) {
  const dialog = document.getElementById(id);
  dialog.querySelector("form").reset();
  dialog.querySelector("[data-about]").textContent = about;
  dialog.querySelector("[data-close]").onclick = () => dialog.close();
  dialog.showModal();
  return dialog;
}

async function post(alarmId, verb, body) {
  const response = await fetch(`/api/v1/alarms/${encodeURIComponent(alarmId)}/${verb}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": document.querySelector("meta[name=csrf]").content },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  return { status: response.status, body: await response.json().catch(() => ({})) };
}

function uuid() {
  // plain HTTP from another machine has no crypto.randomUUID
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
