"""Board: device health."""

from __future__ import annotations

from pathlib import Path

from dashboards.src.panel import Board, Choice, Field, Look, Marks, Panel, Section, Steps
from dashboards.src.postgres import statements
from dashboards.src.text import Text
from dashboards.src.words import (
    BLUE,
    DEVICE_KIND,
    DEVICE_STATE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    YELLOW,
)

_SQL = statements(Path(__file__).with_name("devices.sql"))
_BATTERY: Steps = ((None, RED), (10, ORANGE), (20, YELLOW), (40, GREEN))
_SITE = Field(name="site", title=Text("机构", "Site"))
_ROOM = Field(name="room", title=Text("房间", "Room"), width=120)
_DEVICE = Field(name="device", title=Text("设备", "Device"))
_PROFILE = Field(name="profile", title=Text("型号档案", "Profile"), width=130)
_GATEWAY = Field(name="gateway_id", title=Text("网关编号", "Gateway id"), width=150)
_STATE = Field(name="state", title=Text("状态", "State"), words=DEVICE_STATE, width=120)
_HEARD = Field(name="last_received_at", title=Text("最近收到", "Last heard"), unit="dateTimeAsLocal", width=180)
_SILENT = Field(name="silent_s", title=Text("静默", "Silent for"), unit="s", decimals=0, width=110)


def _count(name: str, *, width: int | None = None, bad_from: float = 1) -> Field:
    word = DEVICE_STATE[name]
    steps: Steps = () if word.color in (GREEN, GREY) else ((None, GREEN), (bad_from, word.color))
    return Field(name=name, title=word.text, steps=steps, color="" if steps else word.color, width=width)


_NOW = Section(
    title=Text("现在", "Now"),
    panels=(
        Panel(
            look=Look.STAT,
            title=Text("受监视设备正常率", "Supervised devices that are healthy"),
            description=Text(
                "在心跳间隔内收到数据的设备占受监视设备的比例。",
                "Share of supervised devices heard within their heartbeat interval.",
            ),
            sql=_SQL["healthy_share"],
            fields=(
                Field(
                    name="healthy_pct",
                    title=Text("正常", "Healthy"),
                    unit="percent",
                    decimals=1,
                    steps=((None, RED), (95, YELLOW), (99, GREEN)),
                ),
            ),
            width=5,
            height=4,
        ),
        Panel(
            look=Look.STAT,
            title=Text("设备状态", "Device states"),
            description=Text(
                "逾期：超过一个心跳间隔未收到；离线：超过型号档案规定的时间；不监视：档案没有心跳。",
                "Overdue: a heartbeat is missing. Offline: silent for longer than the profile allows. Not supervised: "
                "the profile has no heartbeat.",
            ),
            sql=_SQL["states"],
            fields=tuple(_count(name) for name in DEVICE_STATE),
            width=19,
            height=4,
        ),
        Panel(
            look=Look.TABLE,
            title=Text("按机构", "By site"),
            description=Text("各机构的设备状态与低电量数。", "Device states and low batteries of each site."),
            sql=_SQL["by_site"],
            fields=(
                _SITE,
                Field(name="devices", title=Text("设备", "Devices"), width=90),
                *(_count(name, width=100) for name in ("healthy", "overdue", "offline", "never_heard")),
                Field(
                    name="battery_low",
                    title=Text("电量低", "Battery low"),
                    width=110,
                    steps=((None, GREEN), (1, ORANGE)),
                ),
            ),
            width=12,
            height=8,
        ),
        Panel(
            look=Look.TABLE,
            title=Text("网关", "Gateways"),
            description=Text(
                "离线：平台有未结的网关失联报警。最近收到：最近一次入库的遥测。",
                "Offline: the platform has an open alarm that says so. Last heard: the newest telemetry stored.",
            ),
            sql=_SQL["gateways"],
            fields=(
                _STATE,
                _SITE,
                Field(name="gateway", title=Text("网关", "Gateway")),
                _GATEWAY,
                Field(name="devices", title=Text("设备", "Devices"), width=80),
                Field(name="heard_at", title=Text("最近收到", "Last heard"), unit="dateTimeAsLocal", width=170),
                _SILENT,
            ),
            width=12,
            height=8,
        ),
        Panel(
            look=Look.TABLE,
            title=Text("离线与逾期设备", "Silent devices"),
            description=Text(
                "离线、逾期或从未上线的设备，静默最久的在前。",
                "Devices offline, overdue or never heard; longest silence first.",
            ),
            sql=_SQL["silent"],
            fields=(
                _STATE,
                _SITE,
                _ROOM,
                _DEVICE,
                Field(name="kind", title=Text("种类", "Kind"), words=DEVICE_KIND, width=110),
                _PROFILE,
                _GATEWAY,
                _HEARD,
                _SILENT,
                Field(name="offline_after_s", title=Text("离线时限", "Offline after"), unit="s", decimals=0, width=110),
            ),
            width=24,
            height=9,
        ),
    ),
)

_EQUIPMENT = Section(
    title=Text("电量与信号", "Batteries and links"),
    panels=(
        Panel(
            look=Look.TABLE,
            title=Text("电量最低", "Lowest batteries"),
            description=Text(
                "报告低电量的在前，其余按电量。", "Devices that report a low battery first, then by charge."
            ),
            sql=_SQL["battery"],
            fields=(
                _SITE,
                _ROOM,
                _DEVICE,
                _PROFILE,
                Field(
                    name="battery_pct",
                    title=Text("电量", "Battery"),
                    unit="percent",
                    decimals=0,
                    steps=_BATTERY,
                    width=90,
                ),
                Field(name="battery_v", title=Text("电压", "Voltage"), unit="volt", decimals=2, width=90),
                Field(
                    name="battery_low",
                    title=Text("低电量报告", "Reports low"),
                    width=110,
                    steps=((None, GREEN), (1, RED)),
                ),
                _HEARD,
            ),
            width=12,
            height=9,
        ),
        Panel(
            look=Look.TABLE,
            title=Text("信号最弱", "Weakest links"),
            description=Text(
                "链路质量 0 到 255（Zigbee），信号强度以 dBm 计。",
                "Link quality from 0 to 255 (Zigbee), signal strength in dBm.",
            ),
            sql=_SQL["link"],
            fields=(
                _SITE,
                _ROOM,
                _DEVICE,
                _GATEWAY,
                Field(
                    name="link_quality",
                    title=Text("链路质量", "Link quality"),
                    decimals=0,
                    steps=((None, RED), (40, YELLOW), (80, GREEN)),
                    width=110,
                ),
                Field(
                    name="rssi_dbm",
                    title=Text("信号强度", "Signal"),
                    unit="dBm",
                    decimals=0,
                    steps=((None, RED), (-90, YELLOW), (-75, GREEN)),
                    width=110,
                ),
                _HEARD,
            ),
            width=12,
            height=9,
        ),
    ),
)

_STREAM = Section(
    title=Text("数据流", "The stream"),
    panels=(
        Panel(
            look=Look.LINES,
            title=Text("每分钟读数", "Readings per minute"),
            description=Text(
                "每台设备每个时刻计一条；各完整小时的平均。", "One per device and moment; the mean of each whole hour."
            ),
            sql=_SQL["volume"],
            fields=tuple(
                Field(name=name, title=word.text, unit="short", decimals=1)
                for name, word in DEVICE_KIND.items()
                if name != "button"
            ),
            width=12,
            height=8,
            interval="1h",
        ),
        Panel(
            look=Look.BARS,
            title=Text("隔离的报文", "Messages set aside"),
            description=Text(
                "无法入库而被隔离的遥测报文。报警通道从不隔离。",
                "Telemetry that could not be stored and was set aside. The alarm lane never sets anything aside.",
            ),
            sql=_SQL["quarantine"],
            fields=(Field(name="messages", title=Text("报文", "Messages"), color=ORANGE),),
            width=6,
            height=8,
            interval="10m",
        ),
        Panel(
            look=Look.TABLE,
            title=Text("隔离原因", "Set aside, by reason"),
            description=Text("所选时段内按原因统计。", "By reason, within the range."),
            sql=_SQL["quarantine_reasons"],
            fields=(
                Field(name="reason", title=Text("原因", "Reason")),
                Field(name="messages", title=Text("报文", "Messages"), width=90),
                Field(name="gateways", title=Text("网关", "Gateways"), width=90),
                Field(name="last_at", title=Text("最近", "Last"), unit="dateTimeAsLocal", width=170),
            ),
            width=6,
            height=8,
        ),
    ),
)

BOARD = Board(
    name="devices",
    title=Text("设备健康", "Device health"),
    description=Text(
        "哪些设备在说话，哪些沉默，哪些快没电。",
        "Which devices speak, which are silent, which will soon be out of battery.",
    ),
    choices=(
        Choice(
            name="kind",
            title=Text("设备种类", "Device kind"),
            words={value: word.text for value, word in DEVICE_KIND.items()},
        ),
    ),
    marks=(Marks(title=Text("故障", "Faults"), sql=_SQL["faults"], color=BLUE),),
    sections=(_NOW, _EQUIPMENT, _STREAM),
    refresh="30s",
    start="now-7d",
)
