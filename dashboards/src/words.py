"""The closed sets of the platform as a reader sees them: the same words and colours on every board."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards.src.panel import Word
from dashboards.src.text import Text

RED, ORANGE, YELLOW, GREEN, BLUE, GREY = "red", "orange", "yellow", "green", "blue", "#8e8e8e"

PRIORITY: Mapping[str, Word] = {
    "emergency": Word(text=Text("紧急", "Emergency"), color=RED),
    "high": Word(text=Text("高", "High"), color=ORANGE),
    "medium": Word(text=Text("中", "Medium"), color=YELLOW),
    "low": Word(text=Text("低", "Low"), color=BLUE),
}
ALARM_KIND: Mapping[str, Word] = {
    "help_call": Word(text=Text("呼叫求助", "Help call")),
    "fall": Word(text=Text("跌倒", "Fall")),
    "fire": Word(text=Text("火警", "Fire")),
    "gas": Word(text=Text("燃气泄漏", "Gas")),
    "co": Word(text=Text("一氧化碳", "Carbon monoxide")),
    "water_flow": Word(text=Text("喷淋水流", "Sprinkler water flow")),
    "leak": Word(text=Text("漏水", "Water leak")),
    "electrical": Word(text=Text("电气", "Electrical")),
    "inactivity": Word(text=Text("长时间无活动", "Inactivity")),
    "bed_exit": Word(text=Text("离床", "Left the bed")),
    "climate": Word(text=Text("室内环境", "Room climate")),
    "tamper": Word(text=Text("防拆", "Tamper")),
    "fault": Word(text=Text("设备故障", "Fault")),
    "battery": Word(text=Text("电量低", "Battery low")),
    "test": Word(text=Text("测试", "Test")),
    "unreadable": Word(text=Text("无法解读的报警", "Unreadable alarm")),
}
RESPONSE: Mapping[str, Word] = {
    "new": Word(text=Text("未应答", "New"), color=RED),
    "acknowledged": Word(text=Text("已应答", "Acknowledged"), color=YELLOW),
    "attended": Word(text=Text("已到场", "Attended"), color=BLUE),
    "resolved": Word(text=Text("已处置", "Resolved"), color=GREEN),
}
CONDITION: Mapping[str, Word] = {
    "active": Word(text=Text("持续", "Active"), color=RED),
    "cleared": Word(text=Text("已消除", "Cleared"), color=GREEN),
}
STAGE: Mapping[str, Word] = {
    "way": Word(text=Text("现场到平台", "Raised → received")),
    "notify": Word(text=Text("收到到通知", "Received → first message sent")),
    "acknowledge": Word(text=Text("收到到应答", "Received → acknowledged")),
    "attend": Word(text=Text("收到到到场", "Received → attended")),
    "resolve": Word(text=Text("收到到处置", "Received → resolved")),
}
ROUTINE_NOTE: Mapping[str, Word] = {
    "night": Word(text=Text("夜间起身增多（次）", "Up at night more often (times)")),
    "bathroom": Word(text=Text("如厕次数增多（次）", "More visits to the bathroom (times)")),
    "cold": Word(text=Text("室内偏冷（小时；通常 °C）", "Rooms too cold (hours; usual °C)")),
    "cooker": Word(text=Text("灶具无人看管（分钟）", "Cooker left on (minutes)")),
    "decline": Word(text=Text("活动逐渐减少（小时）", "Less active, week after week (hours)")),
}
ROUTINE_SURENESS: Mapping[str, Word] = {
    "likely": Word(text=Text("可能", "Likely")),
    "clear": Word(text=Text("明显", "Clear")),
}
DEVICE_STATE: Mapping[str, Word] = {
    "healthy": Word(text=Text("正常", "Healthy"), color=GREEN),
    "overdue": Word(text=Text("逾期", "Overdue"), color=YELLOW),
    "offline": Word(text=Text("离线", "Offline"), color=RED),
    "never_heard": Word(text=Text("从未上线", "Never heard"), color=ORANGE),
    "not_supervised": Word(text=Text("不监视", "Not supervised"), color=GREY),
    "out_of_service": Word(text=Text("停用", "Out of service"), color=GREY),
}
DEVICE_KIND: Mapping[str, Word] = {
    "meter": Word(text=Text("电表", "Meter")),
    "fire": Word(text=Text("火灾探测", "Fire")),
    "water": Word(text=Text("水系统", "Water")),
    "ambient": Word(text=Text("室内环境", "Ambient")),
    "wearable": Word(text=Text("穿戴设备", "Wearable")),
    "button": Word(text=Text("按钮", "Button")),
}
