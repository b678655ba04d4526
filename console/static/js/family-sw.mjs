// The service worker of the family app: without a connection it says so, and when the console was last heard.
// It keeps no word about anybody. Messages are the business of sw.mjs. A classic script: older browsers know no modules.
const KEPT = "anxin-family-1";
const OFFLINE = "/family/offline";
const LAST = "/family/last";
const SHELL = [OFFLINE, "/static/css/family.css", "/static/js/family-offline.mjs"];

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(SHELL)));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request));
  else if (SHELL.includes(pathname)) event.respondWith(fetch(event.request).catch(() => caches.match(pathname)));
  else if (pathname.startsWith("/family")) event.respondWith(heard(event.request));
});

async function page(request) {
  try {
    return await heard(request);
  } catch {
    return caches.match(OFFLINE);
  }
}

/** The console's own answer; what a proxy says in its place counts as none. */
async function heard(request) {
  const answer = await fetch(request);
  if (answer.status >= 502 && answer.status <= 504) throw new TypeError("away");
  if (answer.ok) {
    const cache = await caches.open(KEPT);
    await cache.put(LAST, new Response(JSON.stringify({ at: Date.now() })));
  }
  return answer;
}
