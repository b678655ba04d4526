"""A browser page as a telephone: its service worker, and what a push service hands to it.

The browser's own push service is out of reach of tests, so the subscription is the stub's, and what the stub opens is
handed to the service worker by the browser's own developer protocol, as its push service would.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, Page, Worker

from tests.push_stub import Phone
from tests.running_system import wait_for

FAKE_PUSH = """
const subscription = %s;
const fake = { endpoint: subscription.endpoint, toJSON: () => subscription };
PushManager.prototype.getSubscription = async () => (localStorage.subscribed ? fake : null);
PushManager.prototype.subscribe = async (options) => {
  window.pushKey = options.applicationServerKey;
  localStorage.subscribed = "yes";
  return fake;
};
"""
"""What the page's own push service is; ``%`` a subscription."""

REMEMBER = """() => {
  self.told = [];
  self.reallyShow = registration.showNotification.bind(registration);
  registration.showNotification = (title, options) => {
    self.told.push({ title, options });
    return self.reallyShow(title, options);
  };
}"""
_ON_SCREEN = """
  async function onScreen() {
    const { title, options } = self.told.at(-1);
    for (let go = 0; go < 20; go++) {
      const [notification] = await registration.getNotifications({ tag: options.tag });
      if (notification) return notification;
      await self.reallyShow(title, options);
    }
    throw new Error(`${title} does not stay on the screen`);
  }
"""
"""A browser without a screen now and then forgets a notification that it has shown: then it is shown once more."""


class PhoneInHand:
    """A browser page with its service worker, and what arrives there."""

    def __init__(self, page: Page, url: str, phone: Phone) -> None:
        self.page = page
        self.phone = phone
        self.taken = 0
        self._url = url
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._registrations: dict[str, str] = {}
        self._cdp.on("ServiceWorker.workerRegistrationUpdated", self._note)
        self._cdp.send("ServiceWorker.enable")

    @property
    def worker(self) -> Worker:
        (worker,) = (one for one in self.page.context.service_workers if urlsplit(one.url).path == "/sw.js")
        return worker

    def arrive(self) -> dict[str, Any]:
        """The next message that the push service holds for this phone is delivered; what the phone shows."""
        message = self.phone.got[self.taken].message
        self.taken += 1
        return self.deliver(json.dumps(message))

    def deliver(self, data: str) -> dict[str, Any]:
        before = len(self._told())
        registration = self._registrations[f"{self._url}/"]
        self._cdp.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self._url, "registrationId": registration, "data": data},
        )
        assert wait_for(lambda: len(self._told()) > before, 10), "the service worker shows nothing"
        return self.on_screen()

    def on_screen(self) -> dict[str, Any]:
        """The newest notification, as the browser has it."""
        found: dict[str, Any] = self.worker.evaluate(
            "async () => {"
            + _ON_SCREEN
            + """const n = await onScreen();
                 return { title: n.title, body: n.body, tag: n.tag, lang: n.lang, stays: n.requireInteraction,
                          buttons: n.actions.map((a) => a.action + ": " + a.title) }; }"""
        )
        return found

    def press(self, action: str) -> dict[str, Any]:
        """A button of the notification; what the phone shows then."""
        self.worker.evaluate(
            "async (action) => {"
            + _ON_SCREEN
            + """const event = new NotificationEvent("notificationclick", { notification: await onScreen(), action });
                 let work;
                 Object.defineProperty(event, "waitUntil", { value: (promise) => (work = promise) });
                 self.dispatchEvent(event);
                 await work; }""",
            action,
        )
        return self.on_screen()

    def _told(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = self.worker.evaluate("() => self.told")
        return told

    def _note(self, event: dict[str, Any]) -> None:
        for registration in event["registrations"]:
            self._registrations[registration["scopeURL"]] = registration["registrationId"]
