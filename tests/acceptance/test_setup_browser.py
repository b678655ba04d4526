"""A new administrator sets up a home from nothing, in Chinese, by clicks alone, with mistakes on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from console.cli.embedded.accounts import ADMIN
from ingest.mqtt import Session
from tests.acceptance.conftest import photograph
from tests.console_desk import FakeEngine
from tests.running_broker import RunningBroker
from tests.setup_home import SetupDesk, setup_desk

Eventually = Callable[..., None]

_PHONE, _TABLET, _DESKTOP = 390, 820, 1440


@pytest.fixture
def home(database: str, broker: RunningBroker, short_path: Path) -> Iterator[SetupDesk]:
    password = broker.account(ADMIN).password
    with setup_desk(database, short_path, broker.account("console"), admin_password=password) as running:
        yield running


@pytest.fixture
def page(browser: Browser, engine: FakeEngine, home: SetupDesk) -> Iterator[Page]:
    """The administrator's browser; a page that breaks its own policy or throws is not forgiven."""
    context = browser.new_context(viewport={"width": _DESKTOP, "height": 900}, locale="zh-CN")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console", lambda m: faults.append(m.text) if m.type == "error" and "Content Security" in m.text else None
    )
    opened.goto(home.desk.login_link("administrator"))
    yield opened
    context.close()
    assert faults == []


def look(page: Page, name: str) -> None:
    """Keep a picture for whoever wants to see it, and hold the page to the screen's width."""
    expect(page.locator("#main")).to_be_visible()  # a page that has only begun has no width
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    photograph(page, name)


def field(page: Page, label: str) -> Locator:
    return page.locator("#setup-form").get_by_label(label)


def go(page: Page, leaf: str) -> None:
    page.locator(".setup-nav").get_by_role("link", name=leaf, exact=True).click()


def save(page: Page) -> None:
    page.get_by_role("button", name="保存", exact=True).last.click()


def _resident(page: Page, name: str, room: str, year: str) -> None:
    field(page, "姓名").fill(name)
    field(page, "房间").select_option(label=room)
    field(page, "出生年份").fill(year)
    save(page)


def to_steps(page: Page) -> None:
    page.locator(".setup-site").click()


@pytest.mark.timeout(900)  # many pages, and the machine may be busy
def test_a_home_stands_after_a_few_minutes_of_clicks(
    page: Page, home: SetupDesk, broker: RunningBroker, eventually: Eventually
) -> None:
    page.get_by_role("link", name="设置", exact=True).click()
    expect(page.get_by_text("还没有登记任何内容")).to_be_visible()
    look(page, "01-nothing")
    field(page, "名称").fill("幸福里养老院")
    field(page, "简短编号").fill("幸福里")
    save(page)
    expect(page.locator("#main [role=alert]")).to_contain_text("没有保存")
    expect(page.locator(".fault")).to_contain_text("不要空格和汉字")
    expect(field(page, "名称")).to_have_value("幸福里养老院")
    expect(field(page, "简短编号")).to_be_focused()
    look(page, "02-wrong-id")
    field(page, "简短编号").fill("xingfuli")
    field(page, "地址").fill("杭州市西湖区文三路 8 号")
    save(page)
    expect(page.locator(".steps-list > .done")).to_have_count(1)
    look(page, "03-steps")

    go(page, "楼层")
    field(page, "名称").fill("二楼")
    save(page)
    expect(page.get_by_role("status").filter(has_text="已保存")).to_be_visible()
    go(page, "房间")
    field(page, "房间").fill("212-201")
    save(page)
    expect(page.locator(".fault")).to_contain_text("请先写小的号码")
    field(page, "房间").fill("201-212，厨房")
    field(page, "楼层").select_option(label="二楼")
    save(page)
    expect(page.locator("tbody tr")).to_have_count(13)
    look(page, "04-rooms")

    to_steps(page)
    page.get_by_role("link", name="去设置 网关").click()
    field(page, "编号").fill("xingfuli-1")
    field(page, "名称").fill("二楼弱电柜")
    save(page)
    password = page.locator("#gateway-password").inner_text()
    box = Session(broker.account("xingfuli-1", password), "xingfuli-1", subscriptions=(), clean=True)
    box.start()
    eventually(lambda: box.connected, "the gateway is let in")
    box.stop()
    look(page, "05-let-in")
    page.get_by_role("link", name="继续").click()
    expect(page.locator("body")).not_to_contain_text(password)

    go(page, "设备")
    field(page, "编号").fill("sos-201")
    field(page, "房间").select_option(label="201")
    field(page, "接入名称").fill("SOS bedroom")
    save(page)
    expect(page.locator(".fault")).to_contain_text("zigbee2mqtt:SOS bedroom")
    field(page, "接入名称").fill("zigbee2mqtt:SOS 201")
    save(page)
    expect(page.locator("tbody tr")).to_have_count(1)
    look(page, "06-devices")

    go(page, "老人")
    _resident(page, "王秀英", "201", "1941")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(field(page, "姓名")).to_be_focused()
    _resident(page, "李建国", "203", "2941")
    expect(page.locator(".fault")).to_contain_text("1880")
    expect(field(page, "姓名")).to_have_value("李建国")
    look(page, "07-wrong-year")
    field(page, "出生年份").fill("1938")
    save(page)
    expect(page.locator("tbody tr")).to_have_count(2)

    go(page, "联系人")
    field(page, "姓名").fill("王磊")
    field(page, "属于哪位老人").select_option(label="王秀英 · 201")
    field(page, "关系").fill("儿子")
    field(page, "电话").fill("138 0000 0001")
    save(page)
    expect(page.locator("tbody tr")).to_have_count(1)

    go(page, "账号")
    field(page, "姓名").fill("李兰")
    field(page, "账号").fill("lilan")
    field(page, "角色").select_option(label="护理员")
    save(page)
    link = page.locator("#login-link").inner_text()
    look(page, "08-link")
    page.get_by_role("link", name="继续").click()
    expect(page.locator("#login-link")).to_have_count(0)
    look(page, "09-accounts")

    page.goto(f"{home.desk.url}/setup/sites/xingfuli")
    go(page, "升级策略")
    field(page, "名称").fill("全部报警")
    page.get_by_role("button", name="添加一步").click()
    expect(page.get_by_role("group", name="第 3 步")).to_be_visible()
    expect(field(page, "名称")).to_have_value("全部报警")
    save(page)
    expect(page.locator(".fault").first).to_contain_text("请填写")
    look(page, "10-wrong-step")
    page.get_by_role("group", name="第 3 步").get_by_label("保存时删除这一部分").check()
    save(page)
    expect(page.locator("tbody tr")).to_have_count(1)
    look(page, "11-policies")

    go(page, "排班表")
    field(page, "名称").fill("白班")
    page.locator("select[name='layers[0].members']").first.select_option(label="李兰 · 护理员")
    field(page, "从").first.fill("08:00")
    page.locator("[name='layers[0].end']").fill("20:00")
    save(page)
    expect(page.locator(".away")).to_contain_text("无人值班")
    look(page, "12-gaps")
    page.locator("tbody a").first.click()
    page.locator("[name='layers[0].begin']").fill("00:00")
    page.locator("[name='layers[0].end']").fill("00:00")
    save(page)
    expect(page.get_by_text("没有空班")).to_be_visible()

    to_steps(page)
    lacks = page.locator(".lacks")
    expect(lacks.filter(has_text="203 没有呼叫按钮")).to_be_visible()
    expect(lacks.filter(has_text="李建国 没有联系人")).to_be_visible()
    expect(lacks.filter(has_text="李兰 还没有回复过")).to_be_visible()
    expect(page.locator(".timeline")).to_contain_text("添加了 排班表 白班")
    for width in (_DESKTOP, _TABLET, _PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        look(page, f"13-steps-{width}")

    page.goto(link)
    expect(page.get_by_role("heading", name="设置密码")).to_be_visible()
    page.get_by_label("新密码", exact=True).fill("short")
    page.get_by_label("再输一次新密码").fill("short")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#main [role=alert]").filter(has_text="至少 10")).to_be_visible()
    look(page, "14-password")
    page.get_by_label("新密码", exact=True).fill("lilan-wants-in")
    page.get_by_label("再输一次新密码").fill("lilan-wants-in")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#quiet")).to_be_visible()
    assert home.registry.user["lilan"].password_hash
