"""The page by which phones trust the console: one page, one file, nothing else, no third party."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from html import unescape
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest

from console.tls.keeper import Keeper
from console.tls.pair import fingerprint, read_certificate
from console.tls.trust_page import FILE, create_trust_page
from console.tls.trust_words import SYSTEMS, system_of
from ingest.clock import SystemClock
from tests.certificates import NOW

Get = Callable[..., httpx.Response]
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    keeper = Keeper(tmp_path, (), lambda: ["care-pc.local"])
    keeper.look(NOW)
    return keeper


@pytest.fixture
def get(keeper: Keeper) -> Get:
    app = create_trust_page(
        keeper,
        console_port=8080,
        own_port=8081,
        addresses=lambda: [IPv4Address("192.168.1.20")],
        fallback="zh",
        clock=SystemClock(),
    )

    def ask(path: str, *, host: str = "192.168.1.20:8081", method: str = "GET", **headers: str) -> httpx.Response:
        async def answer() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://phone") as client:
                return await client.request(method, path, headers={"Host": host, **headers})

        return asyncio.run(answer())

    return ask


def test_a_phone_gets_its_steps_and_the_fingerprint_to_compare(get: Get, keeper: Keeper) -> None:
    page = get("/", **{"User-Agent": IPHONE, "Accept-Language": "zh-CN"})
    assert page.status_code == 200
    assert "证书信任设置" in page.text
    assert "<details open>\n    <summary>iPhone" in page.text
    assert page.text.count("<details open>") == 1
    assert fingerprint(read_certificate(keeper.authority)) in page.text
    assert 'href="https://192.168.1.20:8080/"' in page.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_step_is_there_in_both_languages(get: Get, language: str) -> None:
    page = get(f"/{language}", **{"Accept-Language": "fr"})
    text = unescape(page.text)
    assert page.headers["Content-Language"] == language
    for system in SYSTEMS:
        assert system.title in text
        if language == "en":
            assert all(step in text for step in system.steps)
        else:
            assert not any(step in text for step in system.steps)


def test_the_certificate_comes_as_phones_expect_it(get: Get, keeper: Keeper) -> None:
    answer = get(FILE)
    assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert answer.content == keeper.authority.read_bytes()
    assert b"PRIVATE" not in answer.content


@pytest.mark.parametrize(
    "path", ["/login", "/phone", "/static/css/base.css", "/authority.key", "/..%2fauthority.key", "/api/v1/me"]
)
def test_nothing_else_is_there(get: Get, path: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer.text) == (404, "404")


def test_nothing_can_be_sent_to_it(get: Get) -> None:
    assert get("/", method="POST").status_code == 404
    assert get("/", method="HEAD").status_code == 200


def test_no_script_no_third_party_no_frame(get: Get) -> None:
    page = get("/en")
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "<script" not in page.text
    addresses = re.findall(r"""(?:src|href|action)=["']([^"']+)""", page.text)
    assert set(addresses) <= {"/anxin.crt", "/zh", "https://192.168.1.20:8080/"}
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["localhost:8081", "127.0.0.1:8081", '"><script>:1', "care:8081"])
def test_at_the_machine_itself_it_names_the_address_that_phones_need(get: Get, host: str) -> None:
    page = get("/en", host=host)
    assert "http://192.168.1.20:8081/" in page.text
    assert "<script" not in page.text


def test_without_an_authority_it_says_so(get: Get, keeper: Keeper) -> None:
    keeper.authority.unlink()
    assert get("/").status_code == 503
    assert get(FILE).status_code == 503


def test_browsers_are_told_apart() -> None:
    assert (system_of(IPHONE), system_of(ANDROID)) == ("ios", "android")
    assert system_of("Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4.1") == "android"
    assert system_of("Mozilla/5.0 (Windows NT 10.0; Win64; x64)") == "windows"
    assert system_of("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)") == "mac"
    assert system_of("Mozilla/5.0 (X11; Linux x86_64)") == "linux"
    assert system_of("") == ""
