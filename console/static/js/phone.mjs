// Puts this browser on the list of the account's channels: permission, subscription, a test message.
import { keep, kept } from "./subscription.mjs";

const button = document.getElementById("push-on");
const told = document.getElementById("push-told");

function say(text, bad = false) {
  told.textContent = text;
  told.classList.toggle("bad", bad);
  told.hidden = false;
}

async function subscribe() {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) return say(button.dataset.none, true);
  if ((await Notification.requestPermission()) !== "granted") return say(button.dataset.denied, true);
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  const registration = await navigator.serviceWorker.ready;
  const key = bytesOf(button.dataset.key);
  let subscription = await registration.pushManager.getSubscription();
  if (subscription && !sameBytes(subscription.options.applicationServerKey, key)) {
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const before = (await kept())?.subscription.endpoint ?? "";
  const response = await fetch("/api/v1/phone/subscription", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": document.querySelector("meta[name=csrf]").content },
    body: JSON.stringify({ ...subscription.toJSON(), instead_of: before }),
  });
  if (response.ok) await keep(subscription.toJSON(), button.dataset.key);
  const answer = await response.json();
  if (response.ok && answer.sent) location.assign(button.dataset.done ?? "/phone?told=sent");
  else say(answer.text ?? answer.detail ?? answer.title, true);
}

button?.addEventListener("click", async () => {
  button.disabled = true;
  try {
    await subscribe();
  } catch (error) {
    // the push service of some browsers cannot be reached from everywhere
    say(`${button.dataset.failed} (${error.name})`, true);
  } finally {
    button.disabled = false;
  }
});

function bytesOf(text) {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

function sameBytes(buffer, bytes) {
  const other = new Uint8Array(buffer ?? []);
  return other.length === bytes.length && other.every((byte, place) => byte === bytes[place]);
}
