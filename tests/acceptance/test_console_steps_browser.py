"""A real browser at the desk: end a call that nobody attended, put aside by two, take a fire by two, see a drill."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from alarms.lifecycle.alarm import AlarmKind, Condition, Flag, Priority, Suppressed, Suppression
from alarms.lifecycle.events import ShelfOver
from ingest.registry.model import Reach, Rota, RotaLayer
from tests.console_desk import PASSWORD, Desk, FakeEngine, a_fire, a_registry, an_alarm

Eventually = Callable[..., None]


def _seat(browser: Browser, desk: Desk, user_id: str = "operator", locale: str = "zh-CN") -> Page:
    """A desk of its own, logged in and live."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale=locale).new_page()
    page.goto(desk.login_link(user_id))
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")
    return page


@pytest.fixture
def page(browser: Browser, desk: Desk, engine: FakeEngine) -> Iterator[Page]:
    opened = _seat(browser, desk)
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    assert faults == []


def _playing(page: Page) -> object:
    return page.evaluate("window.anxin.sound.playing")


def _aside(**changes: object) -> Suppressed:
    now = datetime.now(UTC)
    values = {"how": Suppression.SHELVED, "reason": "烟感维修中", "by": "operator", "second": "lina", "at": now}
    return Suppressed(**{**values, "until": now + timedelta(minutes=30), **changes})  # type: ignore[arg-type]  # a test's values


def test_a_call_that_nobody_attended_ends_by_saying_how_the_person_was_reached(page: Page, engine: FakeEngine) -> None:
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    ways = page.locator("#resolve [data-reached]")
    page.keyboard.press("r")
    expect(ways).to_be_visible()
    page.keyboard.press("6")
    expect(ways).to_be_hidden()  # a test: nobody is in need
    page.keyboard.press("1")
    expect(ways).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#resolve [data-error]")).to_contain_text("请说明如何确认了本人情况")
    page.locator("#resolve textarea").fill("她只是想喝水 sp")
    page.locator("#resolve [name=disposition]").first.focus()
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(page.locator("#quiet")).to_be_visible()
    command = engine.commands[-1]
    assert (command["disposition"], command["reached"]) == ("helped", "spoken")
    assert command["note"] == "她只是想喝水 sp", "letters of a note are no keys"


def test_a_fire_that_still_burns_offers_only_what_may_end_it(page: Page, engine: FakeEngine) -> None:
    engine.tell(a_fire(condition=Condition.ACTIVE, cleared_at=None))
    expect(page.locator("#row-f-1")).to_be_visible()
    page.keyboard.press("r")
    expect(page.locator("#resolve [data-stands]")).to_be_visible()
    expect(page.locator("#resolve [name=disposition]:enabled")).to_have_count(3)
    page.keyboard.press("1")
    expect(page.locator("#resolve [name=disposition]:checked")).to_have_count(0)
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    expect(page.locator("#quiet")).to_be_visible()


def test_an_emergency_is_put_aside_by_two_stays_silent_and_rings_again(
    page: Page, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    eventually(lambda: _playing(page) == "emergency", "it sounds")
    page.keyboard.press("s")
    page.keyboard.press("2")
    expect(page.locator("#shelve [data-until-text]")).to_contain_text("静音 1:00:00")
    page.locator("#shelve textarea").fill("按钮卡住，已派人更换")
    page.keyboard.press("Control+Enter")
    error = page.locator("#shelve [data-error]")
    expect(error).to_contain_text("须由两人")
    page.locator("#shelve [name=account]").fill("lina")
    page.locator("#shelve [name=password]").fill("guessed")
    page.keyboard.press("Enter")
    expect(error).to_contain_text("第二人的账号或密码错误")
    expect(page.locator("#shelve textarea")).to_have_value("按钮卡住，已派人更换")
    page.locator("#shelve [name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")

    shelf = page.locator("#aside")
    expect(page.locator("#shelve")).to_be_hidden()
    expect(shelf).to_contain_text("已搁置：现在不会响")
    expect(page.locator("#aside-count")).to_have_text("1")
    expect(page.locator("#strip-aside")).to_have_text("已搁置 1 条")
    expect(page.locator("#row-a-1")).to_be_hidden()
    eventually(lambda: _playing(page) is None, "silence")
    assert engine.alarms["a-1"].suppressed is not None
    assert engine.alarms["a-1"].suppressed.second == "lina"

    page.keyboard.press("p")
    expect(page.locator("#row-a-1 .row-aside")).to_contain_text("Operator + 李娜 · 按钮卡住，已派人更换")
    expect(page.locator("#row-a-1 .timer")).to_have_text(re.compile(r"^59:\d\d$"))
    expect(page.locator("#panel .aside-band .countdown")).to_have_text(re.compile(r"^59:\d\d$"))

    engine.happen("a-1", ShelfOver())
    expect(page.locator("#rows-waiting #row-a-1")).to_contain_text("再次提醒")
    expect(shelf).to_be_hidden()
    eventually(lambda: _playing(page) == "emergency", "it sounds again")


def test_what_is_aside_is_taken_back_by_keyboard(page: Page, engine: FakeEngine, eventually: Eventually) -> None:
    engine.tell(an_alarm(suppressed=_aside()))
    expect(page.locator("#aside")).to_be_visible()
    expect(page.locator("#quiet")).to_be_visible()
    assert _playing(page) is None
    page.keyboard.press("p")
    expect(page.locator("#row-a-1")).to_have_attribute("aria-current", "true")
    page.keyboard.press("u")
    expect(page.locator("#rows-waiting #row-a-1")).to_be_visible()
    eventually(lambda: _playing(page) == "emergency", "it sounds")
    page.keyboard.press("u")
    expect(page.locator("#toasts")).to_contain_text("这条报警没有被搁置")


def test_until_a_time_of_day_is_the_sites_and_the_next_one(
    page: Page, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm(priority=Priority.MEDIUM, kind=AlarmKind.FAULT))
    expect(page.locator("#row-a-1")).to_be_visible()
    page.keyboard.press("s")
    expect(page.locator("#shelve [data-second]")).to_be_hidden()
    page.keyboard.press("4")
    expect(page.locator("#shelve [data-until-text]")).to_contain_text("请填写搁置到几点")
    page.locator("#shelve textarea").fill("等维修")
    shanghai = ZoneInfo("Asia/Shanghai")
    wanted = (datetime.now(shanghai) - timedelta(minutes=90)).replace(second=0, microsecond=0)
    page.locator("#shelve [name=time]").fill(f"{wanted:%H:%M}")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#aside-count")).to_have_text("1")
    until = datetime.fromisoformat(engine.commands[-1]["until"])
    assert until == wanted + timedelta(days=1), "90 minutes ago is tomorrow"


def test_the_sign_on_another_page_leads_to_what_is_aside(page: Page, desk: Desk, engine: FakeEngine) -> None:
    engine.tell(an_alarm(suppressed=_aside()))
    page.goto(f"{desk.url}/sites")
    page.locator("#strip-aside").click()
    expect(page.locator("#row-a-1")).to_be_visible()


def test_a_fire_is_taken_by_two_operators_at_their_desks(
    page: Page, browser: Browser, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    other = _seat(browser, desk, "lina", "en-GB")
    other.get_by_role("button", name="English").click()
    engine.tell(a_fire(needed=2))
    for seat in (page, other):
        expect(seat.locator("#row-f-1")).to_be_visible()
        eventually(lambda s=seat: _playing(s) == "emergency", "it sounds at both desks")
    page.keyboard.press("a")
    for seat, text in ((page, "已有 1 / 2 人接警 · Operator"), (other, "1 of 2 have taken it · Operator")):
        expect(seat.locator("#rows-waiting #row-f-1 .row-state")).to_have_text(text)
    eventually(lambda: _playing(page) is None, "who has taken it hears it no more")
    assert _playing(other) == "emergency", "who has not, does"
    expect(page.locator("#panel [data-do=acknowledge]")).to_have_count(0)
    page.keyboard.press("a")
    expect(other.locator("#panel .takers")).to_contain_text("More people are needed.")
    expect(other.locator("#panel [data-do=acknowledge]")).to_contain_text("Acknowledge too")
    other.keyboard.press("a")
    for seat in (page, other):
        expect(seat.locator("#rows-handled #row-f-1")).to_be_visible()
        expect(seat.locator("#panel .takers")).to_contain_text("李娜")
    eventually(lambda: _playing(other) is None, "silence at both")
    assert [command["by"] for command in engine.commands] == ["operator", "lina"]


def test_a_drill_is_marked_everywhere_and_stands_after_the_real_one(
    page: Page, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    engine.tell(an_alarm("drill", age_s=60, kind=AlarmKind.FALL, flags=(Flag.DRILL,)))
    row = page.locator("#row-drill")
    expect(row.locator(".drill-band")).to_contain_text("演练")
    expect(page.locator("#panel .drill-band")).to_be_visible()
    expect(page.locator("#spoken")).to_contain_text("演练")
    eventually(lambda: _playing(page) == "emergency", "it sounds as in earnest")
    page.keyboard.press("n")
    expect(page.locator("#note [data-about]")).to_contain_text("演练")
    page.keyboard.press("Escape")
    engine.tell(an_alarm("real"))
    expect(page.locator("#rows-waiting .row").first).to_have_attribute("data-alarm", "real")
    expect(page.locator("#row-real .drill-band")).to_be_hidden()
    page.goto(f"{desk.url}/alarms/drill")
    expect(page.locator(".drill-band").first).to_be_visible()


def test_an_incident_shows_how_many_belong_to_it_and_where_it_began(page: Page, engine: FakeEngine) -> None:
    engine.tell(a_fire("f-1", incident_id="f-1"))
    second = a_fire("f-2", incident_id="f-1")
    engine.tell(replace(second, identity=replace(second.identity, room_name="307 室")))
    expect(page.locator("#row-f-1 .incident")).to_have_text("事件单：2 条未结束")
    expect(page.locator("#row-f-2 .incident")).to_have_text("事件单，始于 306 室")
    page.locator("#row-f-2 .row-place").click()
    rows = page.locator("#panel .incident-list li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("306 室")
    expect(rows.first).to_contain_text("由此开始")
    expect(rows.last).to_have_attribute("aria-current", "true")


def test_all_faults_of_an_incident_end_at_once(page: Page, engine: FakeEngine) -> None:
    fault = an_alarm("p", kind=AlarmKind.FAULT, priority=Priority.LOW, momentary=False, latching=False, incident_id="p")
    for alarm_id in ("p", "q", "r"):
        engine.tell(replace(fault, alarm_id=alarm_id, subject=alarm_id))
    expect(page.locator(".rows .row")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("r")
    expect(page.locator("#resolve [data-whole]")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    page.keyboard.press("r")
    page.keyboard.press("7")
    page.keyboard.press("i")
    expect(page.locator("#resolve [data-whole]")).to_contain_text("全部 3 条")
    page.keyboard.press("Enter")
    expect(page.locator("#quiet")).to_be_visible()
    assert [command["do"] for command in engine.commands] == ["resolve_incident"]


def test_a_carer_finds_no_way_to_put_aside(browser: Browser, desk: Desk, engine: FakeEngine) -> None:
    page = _seat(browser, desk, "carer")
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    expect(page.locator("#panel [data-do=resolve]")).to_be_visible()
    expect(page.locator("#panel [data-do=shelve]")).to_have_count(0)
    page.keyboard.press("s")
    expect(page.locator("#toasts")).to_contain_text("您的账号无权")


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_of_it_is_wider_than_the_screen(page: Page, desk: Desk, engine: FakeEngine, width: int) -> None:
    long = "维修" * 80
    engine.tell(an_alarm("drill", flags=(Flag.DRILL,), count=12))
    engine.tell(an_alarm("aside", suppressed=_aside(reason=long)))
    engine.tell(a_fire("f-1", incident_id="f-1", needed=2))
    expect(page.locator("#row-f-1")).to_be_visible()
    page.set_viewport_size({"width": width, "height": 800})
    page.keyboard.press("p")
    expect(page.locator("#row-aside")).to_be_visible()
    for path in ("", "/alarms/aside", "/alarms/drill", "/alarms/f-1"):
        if path:
            page.goto(desk.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_somebody_is_asked_to_take_it_by_keyboard_those_on_duty_first(
    page: Page, desk: Desk, engine: FakeEngine, eventually: Eventually
) -> None:
    at = datetime.now(UTC) - timedelta(days=1)
    layer = RotaLayer(members=("user:lina",), starts_on=at.date() - timedelta(days=2), turn_days=1)
    desk.change_registry(
        a_registry(
            rotas=(Rota(rota_id="day", site_id="home", name="日班", layers=(layer,)),),
            reaches=(Reach(person="user:lina", rank=1, channel="webhook", address="https://x", answered_at=at),),
        )
    )
    engine.tell(an_alarm())
    expect(page.locator("#row-a-1")).to_be_visible()
    page.keyboard.press("g")
    people = page.locator("#assign option")
    expect(people.first).to_have_text("李娜 · 当班")
    expect(people.filter(has_text="Carer")).to_contain_text("无通知渠道")
    expect(people.filter(has_text="Installer")).to_have_count(0)
    expect(people.filter(has_text="Flat only")).to_have_count(0)
    page.screenshot(path=_picture("assign"))
    page.keyboard.press("Enter")
    expect(page.locator("#assign")).to_be_hidden()
    eventually(lambda: engine.commands, "the engine is told")
    command = engine.commands[-1]
    assert (command["do"], command["to"], command["by"]) == ("assign", "user:lina", "operator")
    expect(page.locator("#panel .facts")).to_contain_text("李娜")
    with desk.client() as client:
        body = {"version": 2, "to": "user:only-flat"}
        assert client.post("/api/v1/alarms/a-1/assign", json=body).status_code == 422


def test_a_drill_is_begun_seen_on_every_page_and_ended(page: Page, engine: FakeEngine, eventually: Eventually) -> None:
    page.get_by_role("link", name="演练", exact=True).click()
    expect(page.get_by_text("没有正在进行的演练")).to_be_visible()
    page.locator("main select[name=site]").select_option("flat")
    page.locator("main").get_by_role("button", name="查看").click()
    place = page.locator("#drill-place")
    place.select_option(label="厨房 · 厨房烟感")
    page.locator("#drill-kind").select_option("fire")
    page.locator("main input[name=note]").fill("每季度演练")
    page.screenshot(path=_picture("drill-begin"))
    page.get_by_role("button", name="开始演练").click()
    ends = page.get_by_role("button", name="结束演练")
    expect(ends).to_be_visible()
    begun = next(command for command in engine.commands if command["do"] == "drill")
    assert (begun["kind"], begun["device_id"], begun["note"]) == ("fire", "smoke-k", "每季度演练")
    sign = page.locator("#strip-drills")
    expect(sign).to_have_text("演练进行中：1")
    page.screenshot(path=_picture("drill-running"))
    page.get_by_role("link", name="历史", exact=True).click()
    expect(sign).to_be_visible()
    sign.click()
    ends.click()
    expect(page.get_by_text("没有正在进行的演练")).to_be_visible()
    eventually(lambda: engine.commands[-1]["do"] == "resolve", "it is over")
    assert engine.commands[-1]["disposition"] == "test"
    expect(sign).to_be_hidden()


def test_a_carer_has_no_drills(browser: Browser, desk: Desk, engine: FakeEngine) -> None:
    seat = _seat(browser, desk, "carer")
    expect(seat.get_by_role("link", name="演练", exact=True)).to_have_count(0)


def _picture(name: str) -> Path:
    """Pictures stay beside the tests' other leavings, for who wants to look."""
    return Path(tempfile.gettempdir()) / f"anxin-{name}.png"
