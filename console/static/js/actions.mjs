// What a person does about an alarm: sent with the version that the person saw, repeated under one id until answered.
import { text } from "./texts.mjs";

const TRIES = 4;
const ANSWER_MS = 5000;
const AGAIN_MS = 800;

/** Send one step. Gives true when it is done and says so in a toast; `complain` is told why it is not. */
export async function send(alarm, verb, extra = {}, complain = (message) => toast(message, true)) {
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
      complain(answer.body.detail ?? answer.body.title ?? String(answer.status));
      return false;
    }
    if (go === 1) complain(text("retrying"));
    if (go < TRIES) await new Promise((done) => setTimeout(done, AGAIN_MS * go));
  }
  complain(text("failed"));
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
