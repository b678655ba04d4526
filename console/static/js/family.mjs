// The family app: installs its service worker, and says at once when what is shown may be old.
import { lookAfter } from "./subscription.mjs";

const band = document.getElementById("offline");
let heardAt = Date.now();

function away() {
  const time = new Date(heardAt).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  band.textContent = band.dataset.words.replace("{time}", time);
  band.hidden = false;
}

function heard() {
  heardAt = Date.now();
  band.hidden = true;
}

document.body.addEventListener("htmx:sendError", away);
document.body.addEventListener("htmx:timeout", away);
document.body.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) location.assign("/login");
  else away();
});
document.body.addEventListener("htmx:afterSwap", heard);
window.addEventListener("offline", away);

// a tab that slept asks before anybody believes it
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - heardAt > 15000) location.reload();
});

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/family/sw.js", { scope: "/family" }).catch(() => {});
lookAfter().catch(() => {});
