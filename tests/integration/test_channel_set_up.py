"""The settings make the channels; what is not set up is absent and says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alarms.errors import ChannelError
from alarms.notify import channels
from alarms.notify.settings import NotifySettings
from alarms.notify.signature import verify
from ingest.errors import SettingsError
from tests.notices import START, FixedClock, a_notice
from tests.stub_provider import StubProvider

pytestmark = pytest.mark.once


@pytest.fixture
def provider() -> Iterator[StubProvider]:
    with StubProvider() as running:
        yield running


def test_without_settings_two_channels_work_and_the_others_say_what_to_set(tmp_path: Path) -> None:
    made = channels.build(NotifySettings.load(), tmp_path)
    assert set(made.by_name) == {"webhook", "apprise"}
    assert set(made.absent) == {"web_push", "mqtt", "voice"}
    assert "notify.web_push_contact" in made.absent["web_push"]
    assert "notify.voice_url" in made.absent["voice"]


def test_everything_can_be_set_up(tmp_path: Path) -> None:
    settings = NotifySettings.load(
        web_push_contact="mailto:duty@pine.example", voice_url="http://127.0.0.1:8088/ari", voice_password="x"
    )
    made = channels.build(settings, tmp_path, publish=lambda topic, payload: True, heard=lambda report: None)
    assert set(made.by_name) == set(channels.NAMES)
    assert made.absent == {}
    made.start()
    made.stop()


def test_a_public_https_address_is_contact_enough(tmp_path: Path) -> None:
    for url, is_there in (("https://care.example:8443/x", True), ("http://10.0.0.5:8080", False)):
        made = channels.build(NotifySettings.load(public_url=url), tmp_path)
        assert ("web_push" in made.by_name) is is_there


def test_every_webhook_is_signed_also_without_a_secret_in_the_settings(provider: StubProvider, tmp_path: Path) -> None:
    settings = NotifySettings.load(allowed_targets=[provider.host])
    for _ in range(2):
        made = channels.build(settings, tmp_path, clock=FixedClock())
        made.by_name["webhook"].send(provider.url, a_notice())
    file = tmp_path / "webhook_secret"
    assert file.stat().st_mode & 0o777 == 0o600
    for request in provider.requests:
        stamp, signature = request.headers["Anxin-Timestamp"], request.headers["Anxin-Signature"]
        assert verify(file.read_bytes(), stamp, request.body, signature, START.timestamp())


def test_the_secret_of_the_settings_comes_first(
    provider: StubProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "given").write_text("from a file\n")
    monkeypatch.setenv("ANXIN_NOTIFY_WEBHOOK_SECRET_FILE", str(tmp_path / "given"))
    settings = NotifySettings.load(allowed_targets=["127.0.0.0/8"])
    made = channels.build(settings, tmp_path / "secrets", clock=FixedClock())
    made.by_name["webhook"].send(provider.url, a_notice())
    (request,) = provider.requests
    stamp, signature = request.headers["Anxin-Timestamp"], request.headers["Anxin-Signature"]
    assert verify(b"from a file", stamp, request.body, signature, START.timestamp())


def test_an_address_of_the_operators_own_settings_may_be_internal(provider: StubProvider, tmp_path: Path) -> None:
    made = channels.build(NotifySettings.load(), tmp_path, trusted=[provider.url])
    made.by_name["webhook"].send(provider.url, a_notice())
    assert len(provider.requests) == 1
    with StubProvider() as other, pytest.raises(ChannelError, match="refused"):
        made.by_name["webhook"].send(other.url, a_notice())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("allowed_targets", ["http://x/"]),
        ("allowed_targets", ["10.0.0.0/99"]),
        ("web_push_contact", "duty@pine.example"),
        ("web_push_contact", "mailto:duty@localhost"),
        ("voice_endpoint", "PJSIP/8001"),
        ("voice_endpoint", "PJSIP/{number}{other}"),
        ("voice_url", "asterisk"),
        ("voice_app", "a b"),
        ("timeout_s", 60),
        ("emergency_workers", 0),
        ("pigeons", True),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"notify.{name}"):
        NotifySettings.load(**{name: value})
