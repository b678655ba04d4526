"""Tokens that come back from phones: only ours, only in time, only for their own alarm."""

from __future__ import annotations

import base64
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alarms.engine.answers import (
    AnswerKey,
    ChannelTicket,
    Links,
    SendTicket,
    load_links,
    load_or_create_answer_key,
    mark_of,
    ticket_of,
    use_id,
)
from alarms.errors import AnswerTokenError
from alarms.journal.records import Send

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
KEY = AnswerKey(b"k" * 32)
ALARM = "097ac7d0-b936-5d91-84d4-4c754d4b9ebc"
TICKET = SendTicket(
    site_id="pine", send_key=f"{ALARM}/0/0/user:li/web_push", expires_s=int(NOW.timestamp()) + 24 * 3600
)


def reason_of(token: str, now: datetime = NOW, key: AnswerKey = KEY) -> str:
    with pytest.raises(AnswerTokenError) as caught:
        key.read(token, now)
    return caught.value.reason


def test_a_token_says_which_message_of_which_alarm_it_was_and_who_got_it() -> None:
    ticket = KEY.read(KEY.issue(TICKET), NOW)
    assert ticket == TICKET
    assert isinstance(ticket, SendTicket)
    assert (ticket.alarm_id, ticket.target, ticket.by) == (ALARM, "user:li", "li")


def test_a_contact_and_a_webhook_of_the_settings_keep_their_kind() -> None:
    for target in ("contact:c1", "duty:0"):
        ticket = SendTicket(site_id="pine", send_key=f"{ALARM}/1/0/{target}/apprise#2", expires_s=1)
        assert (ticket.target, ticket.by) == (target, target)


def test_a_token_is_short_and_fit_for_a_path() -> None:
    token = KEY.issue(TICKET)
    assert len(token) < 160
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_every_flipped_bit_is_refused() -> None:
    token = KEY.issue(TICKET)
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for place in range(8 * len(raw)):
        other = bytearray(raw)
        other[place // 8] ^= 1 << (place % 8)
        assert reason_of(base64.urlsafe_b64encode(other).rstrip(b"=").decode()) == "wrong_token"


def test_every_other_spelling_of_a_token_is_refused() -> None:
    """The bits that no byte takes would else make one token many, and each of them a use of its own."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = KEY.issue(TICKET)
    for place in range(len(token)):
        for letter in alphabet:
            if letter != token[place]:
                assert reason_of(token[:place] + letter + token[place + 1 :]) == "wrong_token"
    for other in (token + "=", token + "A", token[:-1], " " + token, token + "\n", token.replace("-", "+") + "="):
        assert reason_of(other) == "wrong_token"


@pytest.mark.parametrize("nonsense", ["", "A", "=", "x" * 5000, "中文", "../../etc/passwd", "\0", "A" * 24])
def test_nonsense_is_refused_and_harms_nothing(nonsense: str) -> None:
    assert reason_of(nonsense) == "wrong_token"


def test_a_token_of_another_key_is_refused() -> None:
    assert reason_of(AnswerKey(b"o" * 32).issue(TICKET)) == "wrong_token"


def test_a_token_ends_24_hours_after_its_message_fell_due() -> None:
    send = Send(
        send_key=TICKET.send_key, alarm_id=ALARM, step=0, round=0, target="user:li", channel="web_push", address="a",
        reason="new_alarm", urgent=True, due_s=NOW.timestamp(),
    )  # fmt: skip
    token = KEY.issue(ticket_of(send, "pine"))
    assert KEY.read(token, NOW + timedelta(hours=23, minutes=59, seconds=59)) == TICKET
    assert reason_of(token, NOW + timedelta(hours=24)) == "expired_token"


def test_a_test_message_and_an_alarm_are_never_taken_for_each_other() -> None:
    mark = mark_of("https://push.example/1")
    ticket = ChannelTicket(person="user:li", channel="web_push", mark=mark, expires_s=2**33)
    assert KEY.read(KEY.issue(ticket), NOW) == ticket
    assert not isinstance(KEY.read(KEY.issue(ticket), NOW), SendTicket)


def test_one_token_is_one_use() -> None:
    other = SendTicket(site_id="pine", send_key=TICKET.send_key + "#2", expires_s=TICKET.expires_s)
    assert use_id(KEY.issue(TICKET)) == use_id(KEY.issue(TICKET))
    assert use_id(KEY.issue(TICKET)) != use_id(KEY.issue(other))


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = load_or_create_answer_key(tmp_path / "secrets")
    token = first.issue(TICKET)
    assert load_or_create_answer_key(tmp_path / "secrets").read(token, NOW) == TICKET
    assert stat.S_IMODE((tmp_path / "secrets" / "answer_key").stat().st_mode) == 0o600


def test_a_key_that_was_cut_short_is_told_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "answer_key").write_text("short")
    with pytest.raises(ValueError, match="at least 32"):
        load_or_create_answer_key(tmp_path)


def test_an_unusable_key_costs_the_links_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "answer_key").write_text("short")
    assert load_links(tmp_path, "https://anxin.example").answer_url(TICKET) == ""
    assert load_links(tmp_path / "good", "https://anxin.example").answer_url(TICKET) != ""


def test_without_an_address_of_the_console_there_are_no_links() -> None:
    assert Links(key=KEY).answer_url(TICKET) == Links(key=KEY).receipt_url(TICKET) == ""
    links = Links(key=KEY, public_url="https://anxin.example/")
    assert links.answer_url(TICKET) == f"https://anxin.example/a/{KEY.issue(TICKET)}"
    assert links.receipt_url(TICKET) == f"https://anxin.example/api/v1/receipts/{KEY.issue(TICKET)}"
