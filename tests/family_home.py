"""Ms Wang and Mr Chen, each with a daughter who has an account; Ms Wang shares calls, the place and who helps."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from playwright.sync_api import Browser, BrowserContext

from ingest.registry import edit, edit_escalation, edit_family
from ingest.registry.family_model import Consent, Share
from ingest.registry.model import Contact, Policy, PolicyStep, Resident, User
from tests.answering_home import AnsweringHome, running_home

Eventually = Callable[..., None]
_SHARED = (Share.CALLS, Share.PLACE, Share.HELPERS, Share.CHECK_IN)


@contextlib.contextmanager
def family_home(database_server: str, eventually: Eventually) -> Iterator[AnsweringHome]:
    """The programs run and know all of it."""
    with running_home(database_server) as running:
        with running.connect() as connection:
            edit.add_resident(connection, Resident(resident_id="chen", site_id="pine", name="陈建国", room_id="r202"))
            edit.add_contact(connection, Contact(contact_id="c9", site_id="pine", resident_id="chen", name="陈兰"))
            for user_id, name, contact_id in (("mei", "王丽", "c1"), ("lan", "陈兰", "c9")):
                for language in ("zh", "en"):
                    user = User(user_id=f"{user_id}-{language}", name=name, role="family", language=language)
                    edit.add_user(connection, user)
                edit_family.link_account(connection, contact_id, f"{user_id}-zh")
            for share in _SHARED:
                word = Consent(
                    resident_id="wang", contact_id="c1", share=share, given=True, by="王秀英", recorded_by="chen",
                    at=datetime.now(UTC),
                )  # fmt: skip
                edit_family.record_consent(connection, word)
            steps = (PolicyStep(after_s=0, who=("duty", "contacts")),)
            soon = Policy(policy_id="soon", name="soon", site_id="pine", steps=steps, repeat_s=600, return_s=600)
            edit_escalation.add_policy(connection, soon)
        eventually(lambda: running.all_know(lambda registry: "soon" in registry.policy), "both programs know all of it")
        yield running


def screen(browser: Browser, home: AnsweringHome, user_id: str, locale: str, width: int = 390) -> BrowserContext:
    """A telephone (or a desk) on which somebody is logged in."""
    context = browser.new_context(viewport={"width": width, "height": 844}, locale=locale)
    context.grant_permissions(["notifications"], origin=home.url)
    with home.client(user_id) as client:
        cookies = [{"name": name, "value": value, "url": home.url} for name, value in client.cookies.items()]
    language = {"name": "anxin_language", "value": locale[:2], "url": home.url}
    context.add_cookies([*cookies, language])  # type: ignore[list-item]
    return context
