"""Alarms are read aloud: in the page's language, by a voice of the machine itself, and again until somebody answers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from alarms.lifecycle.alarm import Response
from tests.console_desk import Desk, FakeEngine, an_alarm

Eventually = Callable[..., None]

VOICES = """
window.said = [];
class Utterance extends EventTarget { constructor(text) { super(); this.text = text; } }
window.SpeechSynthesisUtterance = Utterance;
const voices = VOICES_HERE;
const synth = {
  getVoices: () => voices,
  addEventListener: () => {},
  cancel: () => {},
  speak: (utterance) => {
    window.said.push([utterance.voice.name, utterance.text]);
    setTimeout(() => utterance.dispatchEvent(new Event("end")), 0);
  },
};
Object.defineProperty(window, "speechSynthesis", { get: () => synth });
"""
AFAR = '{name: "afar", lang: "zh-CN", localService: false}'
HERE = '{name: "here", lang: "zh-CN", localService: true}'


def page_with(browser: Browser, desk: Desk, *voices: str, path: str = "/") -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN").new_page()
    page.add_init_script(VOICES.replace("VOICES_HERE", f"[{', '.join(voices)}]"))
    page.clock.install()
    page.goto(desk.login_link())
    page.goto(f"{desk.url}{path}")
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    return page


def said(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.evaluate("window.said")
    return found


def test_a_call_is_read_once_and_again_every_half_minute_until_it_is_answered(
    browser: Browser, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    page = page_with(browser, desk, AFAR, HERE)
    expect(page.locator("#voice")).to_contain_text("语音播报：关")
    page.keyboard.press("v")
    expect(page.locator("#voice")).to_have_attribute("aria-pressed", "true")
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    page.clock.fast_forward(100)
    eventually(lambda: len(said(page)) == 2, "the test sentence and the call")
    assert {name for name, _ in said(page)} == {"here"}, "no word leaves this machine"
    call = said(page)[-1][1]
    assert "305 室" in call
    assert "王秀英" in call
    page.clock.fast_forward(31_000)
    eventually(lambda: len(said(page)) >= 3, "it is read again")
    count = len(said(page))
    engine.tell(an_alarm(version=2, response=Response.ATTENDED))
    expect(page.locator("#rows-handled #row-a-1")).to_be_visible()
    page.clock.fast_forward(61_000)
    assert len(said(page)) == count
    page.reload()
    expect(page.locator("#voice")).to_have_attribute("aria-pressed", "true")


def test_the_corridor_hears_no_name(browser: Browser, desk: Desk, engine: FakeEngine, eventually: Eventually) -> None:
    page = page_with(browser, desk, HERE, path="/wall")
    page.keyboard.press("v")
    engine.tell(an_alarm())
    expect(page.locator(".tile")).to_have_count(1)
    page.clock.fast_forward(100)
    eventually(lambda: len(said(page)) == 2, "the test sentence and the call")
    assert "305 室" in said(page)[-1][1]
    assert "王秀英" not in said(page)[-1][1]


def test_without_a_voice_of_its_own_it_says_so_and_sends_nothing_away(
    browser: Browser, desk: Desk, engine: FakeEngine
) -> None:
    page = page_with(browser, desk, AFAR)
    expect(page.locator("#voice")).to_contain_text("无语音")
    page.keyboard.press("v")
    expect(page.locator("#toasts")).to_contain_text("本机没有此语言的语音")
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    assert said(page) == []
