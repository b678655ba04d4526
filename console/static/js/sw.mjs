// The service worker: shows a message on this phone, says that it was shown, and takes the answer from its buttons.
// A classic script without imports: older browsers know no module workers.
const URGENT = ["emergency", "high"];
const TRIES = 4;
const AGAIN_MS = 1500;
// where subscription.mjs keeps what the console knows, for this worker to find
const KEPT = "anxin-push";
const KEPT_AT = "/phone/subscription";
const WORDS = {
  zh: {
    unreadable: "有新报警，请立即打开查看",
    take: "我来",
    way: "我来，已在路上",
    got: "收到",
    failed: "应答没有送达，请再试一次或打电话",
    offTitle: "此浏览器收不到报警",
    off: "请点此打开页面，重新把它加入通知",
  },
  en: {
    unreadable: "New alarm: open it now",
    take: "I take it",
    way: "I take it, on my way",
    got: "I got it",
    failed: "Your answer did not get through. Try again, or telephone.",
    offTitle: "This browser gets no alarms",
    off: "Open this and put it on the list again",
  },
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const message = read(event.data);
  event.waitUntil(show(message).then(() => confirmShown(message)));
});

// a browser may renew its subscription with every page closed; some do it without this event, so pages ask for a look
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event.newSubscription)));
self.addEventListener("message", (event) => {
  if (event.data === "renew") event.waitUntil(renew(null));
});

self.addEventListener("notificationclick", (event) => {
  const message = event.notification.data;
  event.notification.close();
  event.waitUntil(event.action ? answer(message, event.action) : open(message));
});

/** The message; one that cannot be read is told all the same. */
function read(data) {
  try {
    const message = data.json();
    if (message && typeof message.title === "string") return message;
  } catch {
    // shown as it is
  }
  return { title: "安心 Anxin", body: both("unreadable"), priority: "emergency", tag: "unreadable", language: "zh+en" };
}

function show(message) {
  const urgent = URGENT.includes(message.priority);
  return self.registration.showNotification(message.title, {
    body: message.body ?? "",
    tag: message.tag || message.key || "anxin",
    renotify: true,
    requireInteraction: urgent,
    vibrate: urgent ? [500, 200, 500, 200, 500] : [200],
    timestamp: Date.parse(message.raised_at) || Date.now(),
    lang: message.language === "en" ? "en" : "zh-CN",
    actions: buttons(message),
    data: message,
  });
}

function buttons(message) {
  if (!tokenOf(message)) return [];
  if (message.test && !message.alarm_id) return [{ action: "acknowledge", title: word(message, "got") }];
  return [
    { action: "acknowledge", title: word(message, "take") },
    { action: "on_my_way", title: word(message, "way") },
  ];
}

/** Say that it was shown, so that no other way to this person is tried. */
async function confirmShown(message) {
  const path = /\/api\/v1\/receipts\/[\w-]+$/.exec(message.receipt_url ?? "")?.[0];
  if (!path) return;
  for (let go = 1; go <= TRIES; go++) {
    try {
      const response = await post(path, "", message);
      if (response.status < 500) return;
    } catch {
      // offline for a moment
    }
    await new Promise((done) => setTimeout(done, AGAIN_MS * go));
  }
}

/** Take the alarm from the notification's button, and show who has it then. */
async function answer(message, action) {
  const path = `/a/${tokenOf(message)}`;
  for (let go = 1; go <= TRIES; go++) {
    try {
      const response = await post(path, `answer=${action}`, message);
      const told = await response.json();
      if (response.status < 500) return tell(message, told.text);
    } catch {
      // offline for a moment: the same answer is never counted twice
    }
    if (go < TRIES) await new Promise((done) => setTimeout(done, AGAIN_MS * go));
  }
  // the buttons stay, and it makes itself heard: nobody may believe that help has been promised
  const said = message.said ?? message.body ?? "";
  return show({ ...message, said, body: `${word(message, "failed")}\n${said}` });
}

function tell(message, text) {
  return self.registration.showNotification(message.title, {
    body: text,
    tag: message.tag || message.key || "anxin",
    silent: true,
    lang: message.language === "en" ? "en" : "zh-CN",
    data: message,
  });
}

/** Put the subscription of now in the place of the one that the console knows, which its secret proves. */
async function renew(given) {
  const cache = await caches.open(KEPT);
  const kept = await (await cache.match(KEPT_AT))?.json();
  if (!kept) return;
  const { subscription: old, key } = kept;
  try {
    const manager = self.registration.pushManager;
    const fresh = given ?? (await manager.getSubscription()) ?? (await manager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
    const subscription = fresh.toJSON();
    if (subscription.endpoint === old.endpoint && subscription.keys.auth === old.keys.auth) return;
    const status = await sayRenewed(old, subscription);
    if (status < 300) return await cache.put(KEPT_AT, new Response(JSON.stringify({ subscription, key })));
    if (status === 404) await cache.delete(KEPT_AT);
  } catch {
    // not allowed any more, or no way to the push service
  }
  await self.registration.showNotification(both("offTitle"), {
    body: both("off"),
    tag: "anxin-off",
    requireInteraction: true,
    data: { path: "/phone" },
  });
}

async function sayRenewed(old, subscription) {
  let status = 0;
  for (let go = 1; go <= TRIES; go++) {
    try {
      const response = await fetch("/api/v1/phone/subscription/renewal", {
        method: "POST",
        credentials: "omit",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ old, new: subscription }),
        signal: AbortSignal.timeout(8000),
      });
      status = response.status;
      if (status < 500) return status;
    } catch {
      // offline for a moment
    }
    if (go < TRIES) await new Promise((done) => setTimeout(done, AGAIN_MS * go));
  }
  return status || 599;
}

async function open(message) {
  const token = tokenOf(message);
  const path = token ? `/a/${token}` : (message?.path ?? "/");
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const known = windows.find((client) => new URL(client.url).pathname === path);
  return known ? known.focus() : self.clients.openWindow(path);
}

function post(path, body, message) {
  // to this worker's own console, whatever name the message's address has; the token says all, so no cookie is sent
  return fetch(path, {
    method: "POST",
    credentials: "omit",
    headers: {
      Accept: "application/json",
      "Accept-Language": message.language === "en" ? "en" : "zh",
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body,
    signal: AbortSignal.timeout(8000),
  });
}

function tokenOf(message) {
  const match = /\/a\/([\w-]+)$/.exec(message?.answer_url ?? "");
  return match ? match[1] : "";
}

function word(message, key) {
  const words = WORDS[message.language];
  return words ? words[key] : both(key);
}

function both(key) {
  return `${WORDS.zh[key]} ${WORDS.en[key]}`;
}
