"""A receiver can tell our webhook from another's and from an old one."""

from __future__ import annotations

from alarms.notify.signature import sign, verify

SECRET = b"shared"
BODY = b'{"key":"k"}'
NOW_S = 1_772_489_640


def test_the_signature_is_the_documented_one() -> None:
    # printf '1772489640.{"key":"k"}' | openssl dgst -sha256 -hmac shared
    assert sign(SECRET, NOW_S, BODY) == "v1=bdb8a006e97b3b71ee83e410c6323133bb465bda33a81659246e4a55b2992342"


def test_ours_is_accepted_within_five_minutes() -> None:
    signature = sign(SECRET, NOW_S, BODY)
    assert verify(SECRET, str(NOW_S), BODY, signature, NOW_S)
    assert verify(SECRET, str(NOW_S), BODY, signature, NOW_S + 300)
    assert verify(SECRET, str(NOW_S), BODY, signature, NOW_S - 300)


def test_a_kept_one_is_refused_afterwards() -> None:
    assert not verify(SECRET, str(NOW_S), BODY, sign(SECRET, NOW_S, BODY), NOW_S + 301)


def test_another_body_time_secret_or_nonsense_is_refused() -> None:
    signature = sign(SECRET, NOW_S, BODY)
    assert not verify(SECRET, str(NOW_S), BODY + b" ", signature, NOW_S)
    assert not verify(SECRET, str(NOW_S + 1), BODY, signature, NOW_S)
    assert not verify(b"other", str(NOW_S), BODY, signature, NOW_S)
    assert not verify(SECRET, "soon", BODY, signature, NOW_S)
    assert not verify(SECRET, str(NOW_S), BODY, "", NOW_S)
