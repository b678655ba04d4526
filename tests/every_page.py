"""Every page of the console for whoever may see it, out of the console's own table of routes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from alarms.engine.answers import SendTicket
from console.auth.permissions import Permission, Role, allows
from tests.console_desk import Desk

# more addresses of one route, that look different
MORE = {
    "/": ("#aside",),
    "/history": ("?kind=fall", "?text=nowhere"),
    "/handover": ("?site=home&span=day",),
    "/drills": ("?site=home",),
    "/wall": ("?site=home",),
    "/devices": ("?text=nowhere",),
    "/residents": ("?text=nowhere",),
    "/residents/{resident_id}": ("@chen",),
    "/alarms/{alarm_id}": (
        "@fall",
        "@fall-suspected",
        "@fall-near",
        "@fire",
        "@aside",
        "@question",
        "@drill",
        "@past-5",
    ),
    "/phone": ("?person=user:carer",),
    "/setup/sites/{site_id}": ("@flat",),
    "/setup/sites/{site_id}/contacts/sharing": ("?id=son",),
    "/setup/sites/{site_id}/floors/plan": ("?id=floor3",),
    "/setup/accounts/access": ("?id=carer",),
}
# one page for whoever has no network, in whatever language
BILINGUAL = ("/family/offline", "/offline")
VALUES = {
    "alarm_id": "call",
    "resident_id": "wang",
    "site_id": "home",
    "contact_id": "son",
    "floor_id": "floor3",
    "image": "none",
    "token": "x",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One page: where it is, and what of it does not depend on who looks."""

    path: str
    status: int
    body: str

    @property
    def name(self) -> str:
        """Fit for a file."""
        return re.sub(r"[^a-z0-9]+", "-", self.path.removesuffix("entry").lower()).strip("-")[:60] or "desk"


def pages(desk: Desk, client: httpx.Client, role: Role | None) -> Iterator[Seen]:
    """What the role gets as a whole page; parts of pages, files and streams are no pages."""
    for route in desk.routes():
        path = route.path.replace(":path}", "}")
        permission = route.permission
        public = permission is Permission.PUBLIC
        if route.method != "GET" or path.startswith("/api/") or permission is Permission.LOCAL:
            continue
        if public if role is not None else not public:
            continue
        if role is None or allows(role, permission):
            for address in _addresses(desk, client, path):
                answer = client.get(address, headers={"Accept": "text/html"})
                assert answer.status_code < 500, (address, answer.text)
                if "<html" in answer.text:
                    yield Seen(path=address, status=answer.status_code, body=_body(answer.text))
    if role is not None:
        answer = client.get("/nowhere", headers={"Accept": "text/html"})
        yield Seen(path="/nowhere", status=answer.status_code, body=_body(answer.text))


def _addresses(desk: Desk, client: httpx.Client, path: str) -> Iterator[str]:
    if path.endswith("/entry"):
        whole = path.removesuffix("/entry").format(**VALUES)
        found = re.search(r'href="([^"]*/entry\?id=[^"]*)"', client.get(whole).text)
        assert found is not None, f"nothing to look at: {whole}"
        yield found.group(1).replace("&amp;", "&")
        return
    if path == "/a/{token}":
        for alarm_id in ("call", "taken", "gone"):
            ticket = SendTicket(
                site_id="home",
                send_key=f"{alarm_id}/0/0/user:carer/webhook",
                expires_s=int(time.time()) + 3600,
            )
            yield path.format(token=desk.parts.answers.key.issue(ticket))
    yield path.format(**VALUES)
    for more in MORE.get(path, ()):
        yield re.sub(r"\{\w+\}", more[1:], path) if more.startswith("@") else path.format(**VALUES) + more


def _body(html: str) -> str:
    """What is below the top bar and the list of the setup's pages, without what is new at every look."""
    main = html.partition("<main")[2].partition("</main>")[0]
    body = re.sub(r'<nav class="setup-nav".*?</nav>', "", main, flags=re.DOTALL)
    return re.sub(r'name="csrf" value="[^"]*"|name="id" value="[^"]*"|\d\d:\d\d(:\d\d)?|data-at="[^"]*"', "", body)
