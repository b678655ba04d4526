// The second half of the service worker: a page of the console that cannot be had is replaced by what was last known.
const DESK = "anxin-desk-1";
const OFFLINE = "/offline";
const LAST = "/offline/last";
const SHELL = [OFFLINE, "/static/css/offline.css", "/static/js/offline.mjs"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(DESK).then((cache) => cache.addAll(SHELL)).catch(() => {}));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  // whoever logs out leaves nothing behind
  if (pathname === "/logout") event.waitUntil(caches.open(DESK).then((cache) => cache.delete(LAST)));
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (SHELL.includes(pathname)) event.respondWith(fetch(request).catch(() => caches.match(pathname)));
});

/** The console's own answer; what a proxy says in its place counts as none. */
async function page(request) {
  const offline = () => caches.match(OFFLINE);
  try {
    const answer = await fetch(request);
    const away = answer.status === 502 || answer.status === 504;
    return (away && (await offline())) || answer;
  } catch (error) {
    const kept = await offline();
    if (kept) return kept;
    throw error;
  }
}
