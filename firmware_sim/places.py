"""The demonstration's places: one nursing home of 24 rooms and six private homes.

All people and numbers are invented.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from firmware_sim.place import ContactSpec, DeviceSpec, Place, PlaceKind, ResidentSpec, RoomSpec, ZoneSpec
from ingest.wire.signals import Kind

__all__ = [
    "COOKER_HOME",
    "LEFT_EMPTY_S",
    "NURSING_HOME",
    "QUIET_HOLD_S",
    "QUIET_HOME",
    "SPARE_BELT_HOME",
    "ContactSpec",
    "DeviceSpec",
    "Place",
    "PlaceKind",
    "ResidentSpec",
    "RoomSpec",
    "ZoneSpec",
    "demo_places",
]

NURSING_HOME = "demo-huaiyin"
QUIET_HOME = "demo-home3"
"""The private home whose silent morning the demonstration shows."""

COOKER_HOME = "demo-home1"
"""The private home that somebody leaves during the demonstration while the cooker is on."""

SPARE_BELT_HOME = "demo-home5"
"""Here the belt lies on its charger during the demonstration: replayed recordings wear it."""

QUIET_HOLD_S = 60
"""Without a movement for so long, the quiet home raises its alarm."""

LEFT_EMPTY_S = 120
"""Without a sign of anybody for so long after its door has closed, the home with the cooker is empty."""


def demo_places() -> list[Place]:
    """The nursing home first, then the six private homes; always the same."""
    return [_nursing_home(), *(_private_home(index) for index in range(len(_HOMES)))]


@dataclass(slots=True)
class _Builder:
    """Collects the devices of one place."""

    site_id: str
    serial: int
    devices: list[DeviceSpec] = field(default_factory=list)

    def add(
        self,
        suffix: str,
        name: str,
        native: str,
        kind: Kind,
        profile: str,
        room_id: str | None = None,
        resident_id: str | None = None,
        thresholds: dict[str, dict[str, Any]] | None = None,  # Any: as RoomSpec.thresholds
    ) -> Self:
        self.devices.append(
            DeviceSpec(
                device_id=f"{self.site_id}:{suffix}",
                name=name,
                native=native,
                kind=kind,
                profile=profile,
                room_id=room_id,
                resident_id=resident_id,
                thresholds=thresholds or {},
            )
        )
        return self

    def shelly(self, model: str) -> str:
        """The native name of the next Shelly device: its model and an invented hardware address."""
        self.serial += 1
        return f"shelly_gen2:{model}-{self.serial:012x}"


def _nursing_home() -> Place:
    site = NURSING_HOME
    zones = (ZoneSpec(zone_id=f"{site}:f1", name="一层"), ZoneSpec(zone_id=f"{site}:f2", name="二层"))
    numbers = [floor * 100 + door for floor in (1, 2) for door in range(1, 13)]
    rooms = [
        RoomSpec(room_id=f"{site}:{n}", name=f"{n} 房间", zone_id=zones[n // 100 - 1].zone_id, use="bedroom")
        for n in numbers
    ]
    rooms += [
        RoomSpec(room_id=f"{site}:corridor1", name="一层走廊", zone_id=zones[0].zone_id, use="corridor"),
        RoomSpec(room_id=f"{site}:corridor2", name="二层走廊", zone_id=zones[1].zone_id, use="corridor"),
        RoomSpec(room_id=f"{site}:kitchen", name="厨房", zone_id=zones[0].zone_id, use="kitchen"),
        RoomSpec(room_id=f"{site}:dayroom", name="活动室", zone_id=zones[0].zone_id, use="living"),
        RoomSpec(room_id=f"{site}:exit", name="大门", zone_id=zones[0].zone_id),
    ]
    residents = tuple(
        ResidentSpec(
            resident_id=f"{site}:r{n}",
            name=_RESIDENTS[i][0],
            room_id=f"{site}:{n}",
            birth_year=_RESIDENTS[i][1],
            needs=_NEEDS[i % len(_NEEDS)],
            medication=_MEDICATION[i % len(_NEEDS)],
        )
        for i, n in enumerate(numbers)
    )
    contacts = [
        ContactSpec(contact_id=f"{site}:duty", name="护理站值班", relation="值班护士", phone=_phone(1), rank=1),
        ContactSpec(contact_id=f"{site}:head", name="孔繁荣", relation="护理部主任", phone=_phone(2), rank=2),
    ]
    for i, (n, resident) in enumerate(zip(numbers, residents, strict=True)):
        relation, name = _relative(resident.name, i)
        contacts.append(
            ContactSpec(
                contact_id=f"{site}:c{n}",
                name=name,
                relation=relation,
                phone=_phone(n),
                resident_id=resident.resident_id,
            )
        )
    build = _Builder(site, 0xFEED_0001_0000)
    for i, n in enumerate(numbers):
        _resident_room(build, n, f"{site}:r{n}")
        if i % 3 == 0:
            _worn(build, str(n), residents[i])
    _shared_rooms(build)
    return Place(
        site_id=site,
        name="槐荫安养院",
        kind=PlaceKind.NURSING_HOME,
        shard=1,
        gateway_id="demo-huaiyin-gw",
        address="山东省潍坊市(演示地址)槐荫路 24 号",
        zones=zones,
        rooms=tuple(rooms),
        residents=residents,
        contacts=tuple(contacts),
        devices=tuple(build.devices),
    )


def _resident_room(build: _Builder, n: int, resident_id: str) -> None:
    room = f"{build.site_id}:{n}"
    smoke = build.shelly("shellyplussmoke") if n % 2 else f"zigbee2mqtt:Smoke room {n}"
    build.add(f"{n}-button", f"{n} 床头呼叫", f"zigbee2mqtt:SOS room {n}", Kind.BUTTON, "sos_button", room, resident_id)
    build.add(f"{n}-cord", f"{n} 卫生间拉绳", f"zigbee2mqtt:Cord room {n}", Kind.BUTTON, "pull_cord", room, resident_id)
    build.add(f"{n}-smoke", f"{n} 烟感", smoke, Kind.FIRE, "smoke_alarm", room)
    build.add(f"{n}-motion", f"{n} 人体移动", f"zigbee2mqtt:Motion room {n}", Kind.AMBIENT, "motion_sensor", room)
    build.add(f"{n}-door", f"{n} 房门", f"zigbee2mqtt:Door room {n}", Kind.AMBIENT, "door_contact", room)
    build.add(f"{n}-bed", f"{n} 床垫", f"canonical:bed-{n}", Kind.AMBIENT, "bed_sensor", room, resident_id)
    build.add(f"{n}-staff", f"{n} 护理员在场", f"canonical:staff-{n}", Kind.BUTTON, "presence_button", room)


def _worn(build: _Builder, label: str, resident: ResidentSpec) -> None:
    """A pendant to press and an accelerometer at the waist; the belt calls itself by its device id."""
    room, who = resident.room_id, resident.resident_id
    build.add(
        f"{label}-pendant", f"{resident.name} 吊坠", f"zigbee2mqtt:Pendant {label}", Kind.WEARABLE, "pendant", room, who
    )
    build.add(
        f"{label}-wearable",
        f"{resident.name} 腰带传感器",
        f"motion:{build.site_id}:{label}-wearable",
        Kind.WEARABLE,
        "wearable",
        room,
        who,
    )


def _shared_rooms(build: _Builder) -> None:
    site = build.site_id
    for floor, words in ((1, "一层"), (2, "二层")):
        corridor = f"{site}:corridor{floor}"
        build.add(
            f"corridor{floor}-smoke",
            f"{words}走廊烟感",
            build.shelly("shellyplussmoke"),
            Kind.FIRE,
            "smoke_alarm",
            corridor,
        )
        build.add(f"floor{floor}-meter", f"{words}电表", build.shelly("shellypro3em"), Kind.METER, "meter", corridor)
    kitchen, dayroom = f"{site}:kitchen", f"{site}:dayroom"
    build.add("kitchen-smoke", "厨房烟感", "zigbee2mqtt:Smoke kitchen", Kind.FIRE, "smoke_alarm", kitchen)
    build.add("kitchen-heat", "厨房感温", "zigbee2mqtt:Heat kitchen", Kind.FIRE, "heat_alarm", kitchen)
    build.add("kitchen-gas", "厨房燃气", "zigbee2mqtt:Gas kitchen", Kind.FIRE, "gas_alarm", kitchen)
    build.add("kitchen-flow", "厨房水流指示器", "canonical:flow-kitchen", Kind.WATER, "flow_switch", kitchen)
    build.add("dayroom-smoke", "活动室烟感", "zigbee2mqtt:Smoke dayroom", Kind.FIRE, "smoke_alarm", dayroom)
    build.add("dayroom-motion", "活动室移动", "zigbee2mqtt:Motion dayroom", Kind.AMBIENT, "motion_sensor", dayroom)
    build.add("exit-door", "大门", "zigbee2mqtt:Door exit", Kind.AMBIENT, "door_contact", f"{site}:exit")


def _private_home(index: int) -> Place:
    resident_name, birth_year, child, relation, address = _HOMES[index]
    site = f"demo-home{index + 1}"
    bedroom, living, kitchen, bathroom = (f"{site}:{room}" for room in ("bedroom", "living", "kitchen", "bathroom"))
    resident = ResidentSpec(
        resident_id=f"{site}:r1", name=resident_name, room_id=bedroom, birth_year=birth_year, keys=_KEYS
    )
    build = _Builder(site, 0xFEED_0002_0000 + index * 0x100)
    who = resident.resident_id
    build.add("button", "床头呼叫", "zigbee2mqtt:SOS bedroom", Kind.BUTTON, "sos_button", bedroom, who)
    _worn(build, "1", resident)
    build.add("smoke", "厨房烟感", build.shelly("shellyplussmoke"), Kind.FIRE, "smoke_alarm", kitchen)
    build.add("meter", "电表", build.shelly("shellyproem50"), Kind.METER, "meter", kitchen)
    if site == COOKER_HOME:
        # So that a newcomer need not wait a quarter of an hour for it.
        soon = {"cooker_left_on": {"empty_s": LEFT_EMPTY_S, "hold_s": 0}}
        build.add("cooker", "灶具回路", build.shelly("shellyproem50"), Kind.METER, "cooker", kitchen, thresholds=soon)
    build.add(
        "motion",
        "客厅移动",
        "zigbee2mqtt:Motion living",
        Kind.AMBIENT,
        "motion_sensor",
        living,
        # So that a newcomer need not wait half a day for the silent morning.
        thresholds={"no_motion": {"hold_s": QUIET_HOLD_S}} if site == QUIET_HOME else None,
    )
    build.add("door", "入户门", "zigbee2mqtt:Door front", Kind.AMBIENT, "entrance_door", living)
    build.add("bed", "床垫", "canonical:bed-1", Kind.AMBIENT, "bed_sensor", bedroom, who)
    build.add("bath", "卫生间移动", "zigbee2mqtt:Motion bathroom", Kind.AMBIENT, "motion_sensor", bathroom)
    build.add("mat", "浴室地垫", "canonical:mat-1", Kind.AMBIENT, "floor_mat", bathroom)
    return Place(
        site_id=site,
        name=f"{resident_name}家",
        kind=PlaceKind.PRIVATE_HOME,
        shard=2 + index,
        gateway_id=f"{site}-gw",
        address=address,
        rooms=(
            RoomSpec(room_id=bedroom, name="卧室", use="bedroom"),
            RoomSpec(room_id=living, name="客厅", use="living"),
            RoomSpec(room_id=kitchen, name="厨房", use="kitchen"),
            RoomSpec(room_id=bathroom, name="卫生间", use="bathroom"),
        ),
        residents=(resident,),
        contacts=(
            ContactSpec(
                contact_id=f"{site}:c1", name=child, relation=relation, phone=_phone(900 + index), resident_id=who
            ),
            ContactSpec(
                contact_id=f"{site}:c2", name="社区服务站", relation="社区", phone=_phone(990), rank=2, resident_id=who
            ),
        ),
        devices=tuple(build.devices),
    )


def _phone(number: int) -> str:
    """A number that no network gives out: mobile numbers start with 13 to 19."""
    return f"100-0000-{number:04d}"


def _relative(resident: str, index: int) -> tuple[str, str]:
    relation, given = (("女儿", "晓梅"), ("儿子", "建国"), ("儿媳", "丽娜"), ("孙子", "浩然"))[index % 4]
    return relation, resident[0] + given if relation != "儿媳" else "赵" + given


_NEEDS = ("", "助行器", "高血压", "轻度失智,夜间可能外出", "听力不佳,请上门", "糖尿病,需要胰岛素")
_MEDICATION = ("", "", "早晚各一次降压药", "睡前一次多奈哌齐", "", "餐前胰岛素,低血糖时给糖水")
_KEYS = "门口密码钥匙盒在电表箱左侧,密码由值班台保管;社区服务站另有一把"
_RESIDENTS = (
    ("王桂兰", 1938), ("李秀英", 1941), ("张德厚", 1936), ("刘玉珍", 1943), ("陈福来", 1940), ("杨淑芬", 1935),
    ("赵国栋", 1939), ("黄月娥", 1944), ("周永年", 1937), ("吴凤仙", 1942), ("徐长河", 1934), ("孙桂芝", 1940),
    ("胡兆庆", 1941), ("朱素云", 1938), ("高景山", 1936), ("林彩霞", 1945), ("何守义", 1939), ("郭春兰", 1937),
    ("马占奎", 1942), ("罗秋菊", 1940), ("梁文斌", 1935), ("宋玉莲", 1943), ("郑希贤", 1938), ("谢巧云", 1941),
)  # fmt: skip
_HOMES = (
    ("韩宝珍", 1940, "韩磊", "儿子", "山东省潍坊市(演示地址)柳泉小区 3 号楼 101"),
    ("唐志远", 1937, "唐晓燕", "女儿", "山东省潍坊市(演示地址)柳泉小区 5 号楼 202"),
    ("冯玉琴", 1942, "董健", "女婿", "山东省潍坊市(演示地址)北苑小区 1 号楼 302"),
    ("于长顺", 1939, "于洋", "儿子", "山东省潍坊市(演示地址)北苑小区 8 号楼 401"),
    ("董桂香", 1944, "丁雪", "女儿", "山东省潍坊市(演示地址)东园小区 2 号楼 102"),
    ("萧景文", 1936, "萧然", "孙子", "山东省潍坊市(演示地址)东园小区 6 号楼 501"),
)
