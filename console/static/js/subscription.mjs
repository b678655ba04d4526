// The push subscription that the console knows of this browser, kept where the service worker finds it too.
const KEPT = "anxin-push";
const KEPT_AT = "/phone/subscription";

export async function kept() {
  return (await (await caches.open(KEPT)).match(KEPT_AT))?.json();
}

export async function keep(subscription, key) {
  await (await caches.open(KEPT)).put(KEPT_AT, new Response(JSON.stringify({ subscription, key })));
}

/** A browser that has renewed its subscription in silence is found out: the service worker tells the console. */
export async function lookAfter() {
  if (!("caches" in window) || !("serviceWorker" in navigator)) return;
  const known = await kept();
  const registration = known && (await navigator.serviceWorker.getRegistration("/"));
  const now = await registration?.pushManager?.getSubscription();
  if (registration && now?.endpoint !== known.subscription.endpoint) registration.active?.postMessage("renew");
}
