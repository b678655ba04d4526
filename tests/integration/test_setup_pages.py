"""A home is set up in the console, on a real database: from nothing, with mistakes, by two people, without rights."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest

from alarms.core.motion.sensitivity import Sensitivity
from ingest.registry import edit
from ingest.registry.family_model import Share
from ingest.registry.model import Contact, Device, User
from ingest.registry.sharing import shares
from ingest.store.migrate import migrate
from ingest.wire.signals import Kind
from tests.console_desk import PASSWORD
from tests.postgres_server import debian_server
from tests.setup_home import SetupDesk, fault_at, furnish, setup_desk, text_of

pytestmark = pytest.mark.once

HOME = "/setup/sites/home"


@pytest.fixture
def empty(database: str, tmp_path: Path) -> Iterator[SetupDesk]:
    with setup_desk(database, tmp_path) as running:
        yield running


@pytest.fixture
def home(database: str, tmp_path: Path) -> Iterator[SetupDesk]:
    furnish(database)
    with setup_desk(database, tmp_path) as running:
        yield running


def saved(answer: httpx.Response) -> bool:
    return answer.status_code == 303


def layer(**changes: Any) -> dict[str, Any]:
    values = {
        "layers.count": "1",
        "layers[0].members": ["user:lan"],
        "layers[0].begin": "08:00",
        "layers[0].end": "20:00",
        "layers[0].weekdays": ["0", "1", "2", "3", "4", "5", "6"],
        "layers[0].turn_days": "7",
        "layers[0].starts_on": "2026-01-05",
        "layers[0].hand_over": "08:00",
    }
    return values | changes


POLICY = {
    "name": "呼叫",
    "scope": "site",
    "repeat_s": "60",
    "return_s": "180",
    "acknowledgements": "1",
    "hand_over_s": "20",
    "steps.count": "2",
    "steps[0].after_s": "0",
    "steps[0].who": ["duty"],
    "steps[1].after_s": "60",
    "steps[1].who": ["everyone"],
}


def test_a_home_is_set_up_from_nothing(empty: SetupDesk) -> None:
    admin = empty.person()
    assert "还没有登记任何内容" in admin.see("/setup")
    site = {"name": "幸福里", "site_id": "xfl", "kind": "nursing_home", "timezone": "Asia/Shanghai"}
    assert saved(admin.add("/setup/site", **site))
    here = "/setup/sites/xfl"
    assert "没有填写地址" in admin.see(here)
    assert saved(admin.add(f"{here}/floors", name="二楼"))
    floor = empty.registry.zones[0].zone_id
    assert saved(admin.add(f"{here}/rooms", name="201-203，厨房", zone_id=floor))
    assert [room.name for room in empty.registry.rooms] == ["201", "202", "203", "厨房"]
    assert saved(admin.add(f"{here}/rooms", name="203 卫生间", zone_id=floor, use="bathroom"))
    assert [room.name for room in empty.registry.rooms if room.use == "bathroom"] == ["203 卫生间"]
    assert "卫生间" in admin.see(f"{here}/rooms")
    assert "由服务器管理员执行" in text_of(admin.add(f"{here}/gateways", gateway_id="xfl-1", name=""))
    device = {"device_id": "sos-203", "profile": "sos_button", "gateway_id": "xfl-1", "room_id": "xfl:203"}
    assert saved(admin.add(f"{here}/devices", **device))
    resident = {"name": "王秀英", "room_id": "xfl:202", "birth_year": "1941", "needs": "助听器"}
    assert saved(admin.add(f"{here}/residents", **resident))
    (wang,) = empty.registry.residents
    contact = {"name": "王磊", "resident_id": wang.resident_id, "rank": "1", "phone": "+86 138 0000 0001"}
    assert saved(admin.add(f"{here}/contacts", **contact))
    account = admin.add("/setup/accounts", name="李兰", user_id="lan", role="carer", language="zh")
    assert "/login/once/" in account.text
    assert "202 没有呼叫按钮" in admin.see(here)
    assert "李兰 还没有回复过任何渠道" in admin.see(here)
    assert saved(admin.add(f"{here}/policies", **POLICY))
    assert saved(admin.add(f"{here}/rotas", name="白班", **layer()))
    assert "无人值班" in admin.see(here)
    night = {"layers[0].begin": "20:00", "layers[0].end": "08:00"}
    assert saved(admin.add(f"{here}/rotas", name="夜班", **layer(**night)))
    assert "没有空班" in admin.see(f"{here}/rotas")
    assert "Administrator 添加了 排班表 夜班" in admin.see(here)
    now = empty.registry
    assert now.device["sos-203"].kind == "button"
    assert (wang.birth_year, wang.needs) == (1941, "助听器")
    assert now.policies[0].steps[1].who == ("everyone",)


def test_each_mistake_gets_its_word_at_its_field_and_what_was_typed_stays(home: SetupDesk) -> None:
    admin = home.person()
    wrong = admin.add(f"{HOME}/residents", name="", birth_year="1066", needs="记得吃药")
    assert wrong.status_code == 422
    assert "请填写" in fault_at(wrong, "name")
    assert "1880" in fault_at(wrong, "birth_year")
    assert "记得吃药" in wrong.text
    assert "汉字" in fault_at(
        admin.add("/setup/site", name="x", site_id="幸福里", kind="nursing_home", timezone="UTC"), "site_id"
    )
    assert "电话号码" in fault_at(admin.add(f"{HOME}/contacts", name="x", rank="1", phone="call me"), "phone")
    assert "https" in fault_at(admin.add(f"{HOME}/contacts", name="x", rank="1", webhook="ftp://x"), "webhook")
    assert "已有同名房间：203" in fault_at(admin.add(f"{HOME}/rooms", name="201-204"), "name")
    assert "先写小的" in fault_at(admin.add(f"{HOME}/rooms", name="212-201"), "name")
    same_name = {
        "device_id": "sos-2",
        "profile": "sos_button",
        "gateway_id": "gw-home",
        "native": "zigbee2mqtt:SOS 203",
    }
    assert "不能重复" in fault_at(admin.add(f"{HOME}/devices", **same_name), "native")
    taken = {"device_id": "sos-203", "profile": "sos_button", "gateway_id": "gw-home"}
    assert "已被使用" in fault_at(admin.add(f"{HOME}/devices", **taken), "device_id")
    elsewhere = {"device_id": "sos-9", "profile": "sos_button", "gateway_id": "gw-flat"}
    assert "不在列表" in fault_at(admin.add(f"{HOME}/devices", **elsewhere), "gateway_id")
    assert "平台的程序" in fault_at(admin.add(f"{HOME}/gateways", gateway_id="console"), "gateway_id")
    short = {**POLICY, "steps[1].after_s": "2"}
    assert "5 到 86400" in fault_at(admin.add(f"{HOME}/policies", **short), "steps[1].after_s")
    assert "必须再次提醒" in fault_at(admin.add(f"{HOME}/policies", **{**POLICY, "return_s": ""}), "return_s")
    nobody = {key: value for key, value in POLICY.items() if key != "steps[0].who"}
    assert "至少选一个" in fault_at(admin.add(f"{HOME}/policies", **nobody), "steps[0].who")
    backwards = {"reason": "检修", "begins_at": "2026-03-02T16:00", "ends_at": "2026-03-02T14:00"}
    assert "晚于" in fault_at(admin.add(f"{HOME}/windows", **backwards), "ends_at")
    stand_in = {
        "overrides.count": "1",
        "overrides[0].person": "user:operator",
        "overrides[0].instead_of": "user:operator",
        "overrides[0].begins_at": "2026-03-02T14:00",
        "overrides[0].ends_at": "2026-03-02T16:00",
    }
    own = admin.add(f"{HOME}/rotas", name="白班", **layer(**{"layers[0].members": ["user:operator"]}), **stand_in)
    assert "自己不能替自己" in fault_at(own, "overrides[0].person")
    english = home.person(language="en")
    assert "Fill this in" in fault_at(english.add(f"{HOME}/residents", name=""), "name")


def test_rows_come_and_go_before_anything_is_saved(home: SetupDesk) -> None:
    admin = home.person()
    more = admin.add(f"{HOME}/policies", **POLICY, more="steps")
    assert 'name="steps.count" value="3"' in more.text
    assert "Not saved" not in more.text
    assert home.registry.policies == ()
    assert saved(admin.add(f"{HOME}/policies", **POLICY, **{"steps[0].drop": "1"}))
    (policy,) = home.registry.policies
    assert [step.who for step in policy.steps] == [("everyone",)]
    changed = {**POLICY, "name": "新名", "steps.count": "1"}
    assert saved(admin.change(f"{HOME}/policies", policy.policy_id, **changed))
    assert home.registry.policies[0].name == "新名"


def test_the_second_of_two_people_is_told_and_sees_the_others_values(home: SetupDesk) -> None:
    admin, supervisor = home.person(), home.person("supervisor")
    path = f"{HOME}/residents"
    seen = admin.mark(f"{path}/entry?id=wang")
    assert saved(supervisor.change(path, "wang", name="王丽华", room_id="home:203", needs="助听器"))
    late = admin.change(path, "wang", seen, name="王丽", room_id="home:203", needs="轮椅")
    assert late.status_code == 409
    assert "别人已修改过" in late.text
    assert "轮椅" in late.text
    assert re.search("期间已保存：.{0,20}助听器", text_of(late))
    assert home.registry.resident["wang"].needs == "助听器"
    again = re.search(r'name="mark" value="([0-9a-f]+)"', late.text)
    assert again is not None
    assert saved(admin.change(path, "wang", again.group(1), name="王丽", room_id="home:203", needs="轮椅"))
    assert home.registry.resident["wang"].needs == "轮椅"
    gone = admin.mark(f"{HOME}/contacts/entry?id=son")
    assert saved(supervisor.remove(f"{HOME}/contacts", "son"))
    assert "别人已在此期间删除" in admin.change(f"{HOME}/contacts", "son", gone, name="王磊", rank="1").text


def test_what_something_belongs_to_is_not_removed(home: SetupDesk) -> None:
    admin = home.person()
    refused = admin.remove(f"{HOME}/rooms", "home:203")
    assert refused.status_code == 409
    assert re.search("还有(设备|老人)属于它", refused.text)
    assert "还有联系人属于它" in admin.remove(f"{HOME}/residents", "wang").text
    assert "请先吊销" in admin.remove(f"{HOME}/gateways", "gw-home").text
    assert saved(admin.remove(f"{HOME}/contacts", "son"))
    assert saved(admin.remove(f"{HOME}/residents", "wang"))
    with psycopg.connect(home.database) as connection:
        number = home.registry.device["sos-203"].number
        heard = "INSERT INTO last_value VALUES (now(), now(), 1, %s, 1, 0)"
        connection.execute(heard, (number,))
    assert "已上报过数据" in admin.remove(f"{HOME}/devices", "sos-203").text
    swapped = admin.client.post(f"{HOME}/devices/swap", data={"id": "sos-203", "new_id": "sos-203b"})
    assert saved(swapped)
    assert home.registry.device["sos-203b"].native == "zigbee2mqtt:SOS 203"
    assert saved(admin.client.post(f"{HOME}/gateways/revoke", data={"id": "gw-home"}))
    assert home.registry.gateway["gw-home"].revoked


def test_a_door_between_two_rooms_is_named_after_them_and_found_from_the_floors(home: SetupDesk) -> None:
    admin, doors = home.person(), f"{HOME}/floors/doors"
    assert doors in admin.client.get(f"{HOME}/floors").text
    assert saved(admin.add(f"{HOME}/rooms", name="走廊"))
    corridor = next(room.room_id for room in home.registry.rooms if room.name == "走廊")
    assert saved(admin.add(doors, room_id="home:203", other_room_id=corridor))
    (door,) = home.registry.doorways
    assert door.name == "203 – 走廊"
    assert {door.room_id, door.other_room_id} == {"home:203", corridor}
    assert "203 – 走廊" in admin.see(doors)
    again = admin.add(doors, room_id=corridor, other_room_id="home:203")
    assert "已经登记过" in fault_at(again, "other_room_id")
    itself = admin.add(doors, room_id=corridor, other_room_id=corridor)
    assert "连接两个不同的房间" in fault_at(itself, "other_room_id")
    assert saved(admin.remove(doors, door.doorway_id))
    assert home.registry.doorways == ()


def test_an_output_names_who_says_that_it_has_moved(home: SetupDesk) -> None:
    admin, outputs = home.person(), f"{HOME}/outputs"
    valve = {"name": "燃气阀", "does": "gas_shut", "gateway_id": "gw-home", "native": "zigbee2mqtt:Gas"}
    assert "都选，要么都不选" in text_of(admin.add(outputs, **valve, feedback_device_id="sos-203"))
    assert saved(admin.add(outputs, **valve, feedback_device_id="sos-203", feedback_signal="valve_open"))
    (output,) = home.registry.outputs
    assert (output.feedback_device_id, output.feedback_on, output.feedback_s) == ("sos-203", False, 15)
    assert saved(admin.change(outputs, output.output_id, **valve))
    assert home.registry.outputs[0].feedback_device_id is None


def test_who_may_see_one_site_edits_that_one_only(home: SetupDesk) -> None:
    limited = home.person("of-flat")
    assert limited.client.get(f"{HOME}/rooms").status_code == 404
    assert limited.add(f"{HOME}/rooms", name="301").status_code == 404
    assert saved(limited.add("/setup/sites/flat/rooms", name="客厅"))
    stolen = limited.change("/setup/sites/flat/residents", "wang", "0" * 16, name="x")
    assert stolen.status_code == 409
    assert home.registry.resident["wang"].site_id == "home"
    another = {"name": "x", "site_id": "mine", "kind": "private_home", "timezone": "UTC"}
    assert limited.add("/setup/site", **another).status_code == 403
    account = {"name": "x", "user_id": "x", "role": "administrator", "language": "zh"}
    assert "请至少选一个" in fault_at(limited.add("/setup/accounts", **account), "site_ids")
    assert "不在列表" in fault_at(limited.add("/setup/accounts", **account, site_ids=["home"]), "site_ids")
    assert limited.client.get("/setup/accounts/entry?id=administrator").status_code == 404
    assert "administrator" not in limited.see("/setup/accounts").replace("of-flat", "")
    installer, supervisor = home.person("installer"), home.person("supervisor")
    assert installer.client.get(f"{HOME}/residents").status_code == 403
    assert supervisor.client.get(f"{HOME}/rooms").status_code == 403
    assert supervisor.add("/setup/accounts", **account).status_code == 403
    assert home.person("operator").client.get("/setup").status_code == 403


def test_nobody_raises_themselves_and_an_administrator_remains(home: SetupDesk) -> None:
    admin = home.person()
    own = {"name": "Administrator", "user_id": "administrator", "language": "zh"}
    path = "/setup/accounts"
    assert "不能修改自己的角色" in fault_at(admin.change(path, "administrator", **own, role="carer"), "role")
    ended = admin.change(path, "administrator", **own, role="administrator", disabled="1")
    assert "不能停用自己" in fault_at(ended, "disabled")
    assert saved(admin.change(path, "administrator", **{**own, "name": "院长"}, role="administrator"))
    second = {"name": "Operator", "user_id": "operator", "language": "zh"}
    assert saved(admin.change(path, "operator", **second, role="administrator"))
    assert home.registry.user["operator"].password_hash, "the password stays"
    operator = home.person("operator")
    assert saved(operator.change(path, "administrator", **own, role="carer"))
    assert admin.client.get("/setup/accounts").status_code == 403


def test_a_new_person_logs_in_by_the_link_and_chooses_a_password(home: SetupDesk) -> None:
    admin = home.person()
    page = admin.add("/setup/accounts", name="李兰", user_id="lan", role="carer", language="zh")
    link = re.search(r'id="login-link">(http[^<]+)<', page.text)
    assert link is not None
    with httpx.Client(base_url=home.desk.url) as lan:
        assert lan.get(link.group(1)).headers["location"] == "/password"
        lan.headers["X-CSRF-Token"] = lan.get("/api/v1/me").json()["csrf"]
        assert "至少 10 个字符" in text_of(lan.post("/password", data={"password": "short", "again": "short"}))
        unequal = lan.post("/password", data={"password": "long enough", "again": "long enouhg"})
        assert "两次输入的密码不同" in unequal.text
        assert lan.post("/password", data={"password": "long enough", "again": "long enough"}).status_code == 303
        lan.headers["X-CSRF-Token"] = lan.get("/api/v1/me").json()["csrf"]
        again = {"password": "another one", "again": "another one", "present": "wrong"}
        assert "当前密码不对" in lan.post("/password", data=again).text
        assert lan.get(link.group(1)).status_code == 401, "the link works once"
        fresh = admin.client.post("/setup/accounts/link", data={"id": "lan"})
        assert "/login/once/" in fresh.text
        assert lan.get("/").headers["location"] == "/login", "a lost password opens nothing any more"
    assert admin.client.post("/setup/accounts/link", data={"id": "administrator"}).status_code == 409


def test_every_change_is_written_down_without_its_secrets(home: SetupDesk) -> None:
    admin = home.person()
    webhook = {"webhook": "https://hooks.example/other-secret"}
    assert saved(admin.change(f"{HOME}/contacts", "son", name="王磊", resident_id="wang", rank="2", **webhook))
    with psycopg.connect(home.database) as connection:
        rows = connection.execute(
            "SELECT by, site_id, what, entry_id, before, after FROM registry_change ORDER BY change_id"
        ).fetchall()
        whole = str(connection.execute("SELECT json_agg(registry_change)::text FROM registry_change").fetchone())
    by, site_id, what, entry_id, before, after = rows[-1]
    assert (by, site_id, what, entry_id) == ("administrator", "home", "contact", "son")
    assert (before["rank"], after["rank"]) == (1, 2)
    assert (before["webhook"], after["webhook"]) == ("set", "changed")
    assert "hooks.example" not in whole
    assert "argon2" not in whole
    assert PASSWORD not in whole
    assert "联系人 王磊" in admin.see(HOME)
    assert "联系人 王磊" not in home.person("installer").see(HOME)
    assert "账号 Flat" in admin.see("/setup")
    count = len(rows)
    assert saved(admin.change(f"{HOME}/contacts", "son", name="王磊", resident_id="wang", rank="2", **webhook))
    with psycopg.connect(home.database) as connection:
        assert connection.execute("SELECT count(*) FROM registry_change").fetchone() == (count,), "nothing changed"


def test_a_database_that_is_away_says_so_and_nothing_typed_is_lost(short_path: Path, tmp_path: Path) -> None:
    with debian_server(short_path) as dsn:
        migrate(dsn)
        furnish(dsn)
        with setup_desk(dsn, tmp_path, database_s=0.5) as home:
            admin = home.person()
            path = f"{HOME}/residents"
            mark = admin.mark(f"{path}/entry?id=wang")
            server = int((short_path / "cluster" / "postmaster.pid").read_text().split()[0])
            os.kill(server, signal.SIGSTOP)
            try:
                answer = admin.change(path, "wang", mark, name="王丽", needs="轮椅")
                assert answer.status_code == 503
                assert "数据库没有回应" in answer.text
                assert "轮椅" in answer.text
                assert "数据库没有回应" in admin.see(HOME)
            finally:
                os.kill(server, signal.SIGCONT)


def test_a_broker_that_is_away_lets_nobody_in_and_shuts_nobody_out(database: str, tmp_path: Path) -> None:
    furnish(database)
    with setup_desk(database, tmp_path, admin_password="secret") as home:
        admin = home.person()
        assert "消息服务器没有接纳它" in admin.add(f"{HOME}/gateways", gateway_id="gw-2").text
        assert "gw-2" in home.registry.gateway, "its page has the button for another try"
        refused = admin.client.post(f"{HOME}/gateways/revoke", data={"id": "gw-2"})
        assert refused.status_code == 503
        assert "网关未被断开" in refused.text
        assert not home.registry.gateway["gw-2"].revoked


def test_what_a_resident_shares_is_asked_written_down_and_shown_with_its_ledger(home: SetupDesk) -> None:
    home.beside(lambda connection: edit.add_user(connection, User(user_id="lei", name="王磊", role="family")))
    page, boss = f"{HOME}/contacts/sharing?id=son", home.person("supervisor")
    assert "王丽与王磊共享的内容" in boss.see(page)
    assert "由谁决定" in boss.see(page)

    def say(mark: str, **values: Any) -> httpx.Response:
        return boss.client.post(f"{HOME}/contacts/sharing", data={"id": "son", "mark": mark, **values})

    mark = boss.mark(page)
    forgotten = say(mark, user_id="lei", shares=["endings", "calls"])
    assert "请填写" in fault_at(forgotten, "by")
    assert saved(say(mark, user_id="lei", shares=["endings", "calls"], by="王丽本人"))
    registry = home.registry
    assert registry.contact["son"].user_id == "lei"
    assert shares(registry, registry.contact["son"]) == {Share.ENDINGS, Share.CALLS}
    told = boss.see(page)
    assert "呼叫" in told
    assert "王丽本人 Supervisor" in told
    late = say(mark, user_id="lei", shares=["calls", "place"], by="王丽本人")
    assert late.status_code == 409
    assert "别人" in text_of(late)
    assert saved(say(boss.mark(page), user_id="", shares=[], by="王丽本人"))
    registry = home.registry
    assert registry.contact["son"].user_id is None
    assert shares(registry, registry.contact["son"]) == frozenset()


def test_only_a_contact_of_a_resident_of_ones_own_site_is_shared_with(home: SetupDesk) -> None:
    home.beside(
        lambda connection: edit.add_contact(connection, Contact(contact_id="doctor", site_id="home", name="周医生"))
    )
    assert home.person().client.get(f"{HOME}/contacts/sharing?id=doctor").status_code == 404
    limited = home.person("of-flat").client
    assert limited.get(f"{HOME}/contacts/sharing?id=son").status_code == 404
    own_site = "/setup/sites/flat/contacts/sharing"
    assert limited.post(own_site, data={"id": "son", "shares": ["calls"], "by": "x"}).status_code == 404
    stranger = {"id": "son", "mark": home.person().mark(f"{HOME}/contacts/sharing?id=son"), "user_id": "operator"}
    assert "不在列表" in fault_at(home.person().client.post(f"{HOME}/contacts/sharing", data=stranger), "user_id")


def test_medication_and_keys_stand_on_the_card_and_keys_not_in_the_log_of_changes(home: SetupDesk) -> None:
    admin = home.person()
    care = {"medication": "7:30 胰岛素", "keys": "钥匙盒密码 2580"}
    assert saved(admin.change(f"{HOME}/residents", "wang", name="王丽", room_id="home:203", **care))
    card = admin.see("/residents/wang")
    assert "7:30 胰岛素" in card
    assert "钥匙盒密码 2580" in card
    with psycopg.connect(home.database) as connection:
        rows = connection.execute("SELECT after::text FROM registry_change WHERE what = 'resident'").fetchall()
    assert "2580" not in str(rows)
    assert '"keys": "changed"' in rows[-1][0]


def test_how_easily_a_wearers_device_calls_a_fall_is_chosen_with_its_cost(home: SetupDesk) -> None:
    watch = Device(
        device_id="watch", number=0, site_id="home", gateway_id="gw-home", kind=Kind.WEARABLE, profile="wearable",
        resident_id="wang", thresholds={"fall_impact": {"impact_g": 3.0}, "not_worn": {"hold_s": 7200}},
    )  # fmt: skip
    home.beside(lambda connection: edit.add_device(connection, watch))
    devices, admin = f"{HOME}/devices", home.person()
    asked = admin.see(f"{devices}/entry?id=watch")
    assert len(re.findall(r"每周误报约 [\d.–]+ 次；100 次跌倒能发现 [\d–]+ 次", asked)) == len(Sensitivity)
    assert "跌倒灵敏度" not in admin.see(f"{devices}/entry?id=sos-203"), "nobody wears a button on the wall"
    same = {"device_id": "watch", "profile": "wearable", "gateway_id": "gw-home", "resident_id": "wang"}
    assert saved(admin.change(devices, "watch", name="手表", sensitivity="normal", **same))
    assert home.registry.device["watch"].thresholds == watch.thresholds, "as it is already: nothing is written"
    assert saved(admin.change(devices, "watch", name="手表", sensitivity="high", **same))
    chosen = {"fall_impact": {"impact_g": 3.0, "sensitivity": "high"}, "not_worn": {"hold_s": 7200}}
    assert home.registry.device["watch"].thresholds == chosen
    assert "跌倒灵敏度: – → 高" in admin.see(HOME)
    assert "跌倒灵敏度: 高" in admin.see("/residents/wang")
    wrong = admin.change(devices, "watch", name="手表", sensitivity="extreme", **same)
    assert wrong.status_code == 422
    assert "“extreme”已不在列表中" in fault_at(wrong, "sensitivity")
    assert saved(admin.change(devices, "watch", name="手表", sensitivity="high", **{**same, "profile": "sos_button"}))
    assert home.registry.device["watch"].thresholds == chosen, "what its new profile does not judge is kept, unused"
    may_not = home.person("operator").client.post(
        f"{devices}/entry", data={"id": "watch", "sensitivity": "low", **same}
    )
    assert may_not.status_code == 403


def test_the_class_of_a_heat_detector_is_chosen_and_a_limit_of_its_own_is_said_to_be_more(home: SetupDesk) -> None:
    loft = Device(
        device_id="loft", number=0, site_id="home", gateway_id="gw-home", kind=Kind.FIRE, profile="heat_alarm",
        thresholds={"heat_rise": {"change": 15}},
    )  # fmt: skip
    home.beside(lambda connection: edit.add_device(connection, loft))
    devices, admin = f"{HOME}/devices", home.person()
    page = f"{devices}/entry?id=loft"
    told = re.findall(r"(A1|A2|B)：[^。]*?(\d+) °C 报警。", admin.see(page))
    assert told == [("A1", "57"), ("A2", "60"), ("B", "75")]
    assert "感温探测器类别" not in admin.see(f"{devices}/entry?id=sos-203"), "a button feels no heat"
    same = {"device_id": "loft", "profile": "heat_alarm", "gateway_id": "gw-home"}
    assert saved(admin.change(devices, "loft", **{**same, "class": "a1"}))
    assert home.registry.device["loft"].thresholds == loft.thresholds, "as it is already: nothing is written"
    assert saved(admin.change(devices, "loft", **{**same, "class": "b"}))
    chosen = {"heat_rise": {"change": 15}, "heat_high": {"class": "b"}}
    assert home.registry.device["loft"].thresholds == chosen
    assert "感温探测器类别: – → B 类" in admin.see(HOME)
    assert "已单独设定" not in admin.see(page)
    own = msgspec.structs.replace(home.registry.device["loft"], thresholds={"heat_high": {"class": "b", "limit": 65}})
    home.beside(lambda connection: edit.add_device(connection, own))
    assert "该探测器在 65 °C 报警：已单独设定报警温度，优先于类别。" in admin.see(page)


def test_two_people_choose_a_sensitivity_and_the_second_sees_the_firsts(home: SetupDesk) -> None:
    watch = Device(
        device_id="watch", number=0, site_id="home", gateway_id="gw-home", kind=Kind.WEARABLE, profile="wearable"
    )
    home.beside(lambda connection: edit.add_device(connection, watch))
    admin, devices = home.person(), f"{HOME}/devices"
    mark = admin.mark(f"{devices}/entry?id=watch")
    same = {"device_id": "watch", "profile": "wearable", "gateway_id": "gw-home"}
    assert saved(admin.change(devices, "watch", sensitivity="low", **same))
    late = admin.change(devices, "watch", mark, sensitivity="high", **same)
    assert late.status_code == 409
    assert re.search(r"期间已保存： ?低：", text_of(late))
