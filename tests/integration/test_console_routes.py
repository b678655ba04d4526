"""Every route, every role: what is allowed is what the table says, and nothing is unlisted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from console.app import create_app
from console.auth.permissions import ALLOWED, Permission, Role
from console.routes import Route
from console.settings import ConsoleSettings
from console.wiring import build_parts, close_parts
from ingest.clock import SystemClock
from ingest.settings import ConnectionSettings
from tests.console_desk import Desk, a_registry, running_desk
from tests.console_history import NOWHERE

pytestmark = pytest.mark.once

# Written by hand, on purpose: a new route, or a new permission for a role, is a decision.
_TABLE = {
    ("GET", "/healthz"): "public",
    ("GET", "/readyz"): "public",
    ("GET", "/metrics"): "local",
    ("GET", "/watch/feed"): "local",
    ("GET", "/login"): "public",
    ("POST", "/login"): "public",
    ("GET", "/login/once/{token}"): "public",
    ("GET", "/login/second"): "public",
    ("POST", "/login/second"): "public",
    ("POST", "/login/second/cancel"): "public",
    ("POST", "/logout"): "signed_in",
    ("POST", "/language"): "public",
    ("GET", "/"): "see_alarms",
    ("GET", "/alarms/{alarm_id}"): "see_alarms",
    ("GET", "/alarms/{alarm_id}/panel"): "see_alarms",
    ("GET", "/alarms/{alarm_id}/log"): "see_alarms",
    ("GET", "/history"): "see_history",
    ("GET", "/history.csv"): "export_history",
    ("GET", "/history.xlsx"): "export_history",
    ("GET", "/devices"): "see_devices",
    ("GET", "/sites"): "see_sites",
    ("GET", "/wall"): "see_alarms",
    ("GET", "/plans"): "see_alarms",
    ("GET", "/plans/{floor_id:path}"): "see_alarms",
    ("GET", "/plan-images/{image}"): "see_sites",
    ("GET", "/residents"): "see_alarms",
    ("GET", "/residents/{resident_id}"): "see_alarms",
    ("GET", "/residents/{resident_id}/card"): "see_alarms",
    ("POST", "/residents/{resident_id}/away"): "answer_alarms",
    ("GET", "/api/v1/feed"): "see_alarms",
    ("GET", "/api/v1/alarms"): "see_alarms",
    ("GET", "/api/v1/alarms/{alarm_id}"): "see_alarms",
    ("GET", "/api/v1/alarms/{alarm_id}/log"): "see_alarms",
    ("POST", "/api/v1/alarms/{alarm_id}/acknowledge"): "answer_alarms",
    ("POST", "/api/v1/alarms/{alarm_id}/attend"): "answer_alarms",
    ("POST", "/api/v1/alarms/{alarm_id}/resolve"): "answer_alarms",
    ("POST", "/api/v1/alarms/{alarm_id}/resolve_incident"): "answer_alarms",
    ("POST", "/api/v1/alarms/{alarm_id}/note"): "answer_alarms",
    ("POST", "/api/v1/alarms/{alarm_id}/shelve"): "shelve_alarms",
    ("POST", "/api/v1/alarms/{alarm_id}/unshelve"): "answer_alarms",
    ("POST", "/api/v1/alarms/{alarm_id}/confirm_fire"): "answer_alarms",
    ("POST", "/api/v1/alarms/{alarm_id}/link"): "answer_alarms",
    ("GET", "/api/v1/gateways"): "see_sites",
    ("GET", "/api/v1/sites"): "see_sites",
    ("GET", "/api/v1/devices"): "see_devices",
    ("GET", "/api/v1/residents/{resident_id}/routine"): "see_alarms",
    ("GET", "/api/v1/me"): "signed_in",
    ("GET", "/api/v1/openapi.json"): "signed_in",
    ("GET", "/a/{token}"): "public",
    ("POST", "/a/{token}"): "public",
    ("POST", "/api/v1/receipts/{token}"): "public",
    ("GET", "/sw.js"): "public",
    ("POST", "/api/v1/alarms/{alarm_id}/assign"): "answer_alarms",
    ("GET", "/api/v1/alarms/{alarm_id}/assignees"): "answer_alarms",
    ("GET", "/handover"): "see_alarms",
    ("POST", "/handover/note"): "answer_alarms",
    ("POST", "/handover/done"): "answer_alarms",
    ("POST", "/handover/take"): "answer_alarms",
    ("GET", "/drills"): "run_drills",
    ("POST", "/drills/begin"): "run_drills",
    ("POST", "/drills/end"): "run_drills",
    ("GET", "/phone"): "signed_in",
    ("POST", "/phone/add"): "edit_people",
    ("POST", "/phone/test"): "signed_in",
    ("POST", "/phone/remove"): "signed_in",
    ("POST", "/api/v1/phone/subscription"): "signed_in",
    ("POST", "/api/v1/phone/subscription/renewal"): "public",
    ("GET", "/password"): "signed_in",
    ("POST", "/password"): "signed_in",
    ("GET", "/account"): "signed_in",
    ("POST", "/account/sessions/end"): "signed_in",
    ("POST", "/account/sessions/others"): "signed_in",
    ("POST", "/account/factor"): "signed_in",
    ("GET", "/setup"): "see_setup",
    ("GET", "/setup/sites/{site_id}"): "see_setup",
    ("POST", "/setup/accounts/link"): "edit_accounts",
    ("GET", "/setup/accounts/access"): "edit_accounts",
    ("POST", "/setup/accounts/sessions/end"): "edit_accounts",
    ("POST", "/setup/accounts/sessions/end-all"): "edit_accounts",
    ("POST", "/setup/accounts/factor/reset"): "edit_accounts",
    ("POST", "/setup/sites/{site_id}/gateways/password"): "edit_sites",
    ("POST", "/setup/sites/{site_id}/gateways/revoke"): "edit_sites",
    ("POST", "/setup/sites/{site_id}/devices/swap"): "edit_sites",
    ("GET", "/setup/sites/{site_id}/contacts/sharing"): "edit_residents",
    ("POST", "/setup/sites/{site_id}/contacts/sharing"): "edit_residents",
    ("GET", "/setup/sites/{site_id}/floors/plan"): "edit_sites",
    ("POST", "/setup/sites/{site_id}/floors/plan"): "edit_sites",
    ("POST", "/setup/sites/{site_id}/floors/plan/picture"): "edit_sites",
    ("POST", "/setup/sites/{site_id}/floors/plan/clear"): "edit_sites",
    ("GET", "/family"): "see_family",
    ("GET", "/family/{contact_id}"): "see_family",
    ("POST", "/family/wishes"): "see_family",
    ("POST", "/family/{contact_id}/set-out"): "see_family",
    ("POST", "/family/{contact_id}/turn-back"): "see_family",
    ("POST", "/family/{contact_id}/check-in"): "see_family",
    ("POST", "/family/{contact_id}/away"): "see_family",
    ("GET", "/offline"): "public",
    ("GET", "/family/sw.js"): "public",
    ("GET", "/family/offline"): "public",
}
_KINDS = {
    "/setup/site": "edit_sites",
    "/setup/accounts": "edit_accounts",
    "/setup/sites/{site_id}/floors": "edit_sites",
    "/setup/sites/{site_id}/rooms": "edit_sites",
    "/setup/sites/{site_id}/gateways": "edit_sites",
    "/setup/sites/{site_id}/devices": "edit_sites",
    "/setup/sites/{site_id}/residents": "edit_residents",
    "/setup/sites/{site_id}/contacts": "edit_residents",
    "/setup/sites/{site_id}/badges": "edit_people",
    "/setup/sites/{site_id}/outputs": "edit_sites",
    "/setup/sites/{site_id}/floors/doors": "edit_sites",
    "/setup/sites/{site_id}/policies": "edit_policies",
    "/setup/sites/{site_id}/rotas": "edit_policies",
    "/setup/sites/{site_id}/windows": "edit_policies",
}
for _path, _permission in _KINDS.items():
    _TABLE |= {
        ("GET", _path): _permission,
        ("GET", f"{_path}/entry"): _permission,
        ("POST", f"{_path}/entry"): _permission,
        ("POST", f"{_path}/remove"): _permission,
    }
del _TABLE["POST", "/setup/accounts/remove"]  # an account is disabled, so that it stays known who did what
# a stream without an end, and the end of the session that the other cases need: they have tests of their own
_ELSEWHERE = ("/api/v1/feed", "/watch/feed", "/logout")
_DESK = {"see_alarms", "answer_alarms", "see_history", "see_sites"}
_PEOPLE = {"see_setup", "edit_people", "edit_residents", "edit_policies"}
_EQUIPMENT = {"see_setup", "edit_sites"}
_ROLES = {
    "operator": {*_DESK, "shelve_alarms", "run_drills", "see_devices"},
    "carer": _DESK,
    "supervisor": {*_DESK, *_PEOPLE, "shelve_alarms", "run_drills", "see_devices", "export_history"},
    "installer": {*_EQUIPMENT, "see_sites", "see_devices"},
    "administrator": {
        *_DESK,
        *_PEOPLE,
        *_EQUIPMENT,
        "shelve_alarms",
        "run_drills",
        "see_devices",
        "edit_accounts",
        "export_history",
    },
    "family": {"see_family"},
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_desk(tmp_path_factory.mktemp("desk"), NOWHERE, reply_s=0.2) as running:
        yield running


@pytest.fixture(scope="module")
def clients(desk: Desk) -> Iterator[dict[str, httpx.Client]]:
    opened = {role.value: desk.open_client(role) for role in Role}
    yield opened
    for client in opened.values():
        client.close()


def test_every_route_of_the_application_is_in_the_table(tmp_path: Path) -> None:
    registry = a_registry()
    parts = build_parts(ConsoleSettings(), ConnectionSettings(data=tmp_path), lambda: registry, SystemClock())
    app = create_app(parts)
    close_parts(parts)
    listed: list[Route] = app.state.routes
    assert {(route.method, route.path): route.permission.value for route in listed} == _TABLE
    found = set()
    for route in app.routes:
        if isinstance(route, APIRoute):
            assert len(route.dependencies) == 1, f"{route.path} is not guarded"
            found |= {(method, route.path) for method in route.methods}
        else:
            assert getattr(route, "path", None) == "/static", f"an unguarded route: {route}"
    assert found == set(_TABLE)


def test_the_roles_hold_what_is_written_here() -> None:
    assert {role.value: {p.value for p in held} for role, held in ALLOWED.items()} == _ROLES


@pytest.mark.parametrize(("method", "path"), [key for key in _TABLE if key[1] not in _ELSEWHERE])
@pytest.mark.parametrize("role", [*_ROLES, None])
def test_a_role_gets_what_it_may_and_nothing_else(
    desk: Desk, clients: dict[str, httpx.Client], method: str, path: str, role: str | None
) -> None:
    permission = Permission(_TABLE[method, path])
    url = (
        path.replace("{alarm_id}", "a-1")
        .replace("{token}", "x")
        .replace("{site_id}", "home")
        .replace("{contact_id}", "c1")
    )
    body = {"version": 1} if method == "POST" and path.startswith("/api/") else None
    if role is None:
        with httpx.Client(base_url=desk.url) as stranger:
            answer = stranger.request(method, url, json=body)
    else:
        answer = clients[role].request(method, url, json=body)
    open_to_all = permission in (Permission.PUBLIC, Permission.LOCAL)
    if open_to_all or (role is not None and (permission is Permission.SIGNED_IN or permission in _ROLES[role])):
        assert answer.status_code != 403
        assert open_to_all or answer.status_code != 401
        assert open_to_all or answer.headers.get("location") != "/login"
    elif role is None:
        assert answer.status_code == 401 or answer.headers["location"] == "/login"
    else:
        assert answer.status_code == 403


@pytest.mark.parametrize("role", [*_ROLES])
def test_the_feed_asks_for_the_right_too(clients: dict[str, httpx.Client], role: str) -> None:
    with clients[role].stream("GET", "/api/v1/feed") as answer:
        assert answer.status_code == (200 if "see_alarms" in _ROLES[role] else 403)


def test_every_answer_carries_the_security_headers(desk: Desk) -> None:
    with httpx.Client(base_url=desk.url) as client:
        for path in ("/login", "/healthz", "/api/v1/me", "/static/css/base.css", "/nothing"):
            headers = client.get(path).headers
            assert "script-src 'self'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_the_language_choice_leads_to_no_other_site(desk: Desk, back: str) -> None:
    with httpx.Client(base_url=desk.url) as client:
        answer = client.post("/language", data={"language": "en", "back": back})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert 'lang="en"' in client.get("/login").text
