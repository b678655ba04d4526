"""The registry of signals: every name a reading may have, with its unit and its place.

``docs/signals.md`` is generated from this table. Numbers (``Signal.number``) go into arrays and into the side table
``reading_extra``: they never change and are never used twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SignalClass(StrEnum):
    """How a signal behaves on the path."""

    MEASURE = "measure"  # a number over time: telemetry
    STATE = "state"  # true or false until told otherwise
    EVENT = "event"  # happened at that moment; never cleared by a later reading


class Kind(StrEnum):
    """What a device is; each kind has a wide table ``reading_{kind}``."""

    METER = "meter"
    FIRE = "fire"
    WATER = "water"
    AMBIENT = "ambient"
    WEARABLE = "wearable"
    BUTTON = "button"


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: ``low`` and ``high`` bound what can be physically true, in ``unit``.

    ``alarm`` marks the alarm class: it travels in the alarm lane and reaches a person without the core.
    ``kinds`` are the device kinds whose wide table has a column of this name.
    """

    number: int
    name: str
    unit: str
    of: SignalClass
    low: float
    high: float
    en: str
    zh: str
    kinds: tuple[Kind, ...] = ()
    alarm: bool = False


def shown_unit(unit: str, *, of_difference: bool = False) -> str:
    """A unit as people read it: degrees as °C, a difference of them as K."""
    return unit.replace("degC", "K" if of_difference else "°C")


_M, _S, _E = SignalClass.MEASURE, SignalClass.STATE, SignalClass.EVENT
_METER, _FIRE, _WATER, _AMBIENT, _WEARABLE = (Kind.METER, Kind.FIRE, Kind.WATER, Kind.AMBIENT, Kind.WEARABLE)

SIGNALS: tuple[Signal, ...] = (
    # events of people
    Signal(1, "help_call", "", _E, 0, 1, "Help call", "呼叫求助", alarm=True),
    Signal(2, "call_test", "", _E, 0, 1, "Test press", "测试按键", alarm=True),
    Signal(3, "call_cancel", "", _E, 0, 1, "Call cancelled at its origin", "现场取消呼叫", alarm=True),
    Signal(4, "bed_exit", "", _E, 0, 1, "Left the bed", "离床", alarm=True),
    Signal(5, "button", "", _E, 0, 1, "Button", "按键"),
    Signal(6, "button_short", "", _E, 0, 1, "Short press", "短按"),
    Signal(7, "button_long", "", _E, 0, 1, "Long press", "长按"),
    Signal(8, "button_double", "", _E, 0, 1, "Double press", "双击"),
    Signal(9, "drop", "", _E, 0, 1, "Dropped", "跌落"),
    Signal(10, "tilt", "", _E, 0, 1, "Tilted", "倾斜"),
    Signal(
        11,
        "fall",
        "code",
        _E,
        0,
        2,
        "Fall (0 none, 1 suspected, 2 confirmed)",
        "跌倒(0无 1疑似 2确认)",
        (_WEARABLE,),
        True,
    ),
    # fire
    Signal(20, "smoke", "", _S, 0, 1, "Smoke alarm", "烟雾报警", (_FIRE,), True),
    Signal(21, "heat_alarm", "", _S, 0, 1, "Heat alarm", "感温报警", (_FIRE,), True),
    Signal(22, "co", "", _S, 0, 1, "Carbon monoxide alarm", "一氧化碳报警", (_FIRE,), True),
    Signal(23, "gas", "", _S, 0, 1, "Combustible gas alarm", "可燃气体报警", (_FIRE,), True),
    Signal(24, "obscuration_db_m", "dB/m", _M, 0, 50, "Smoke obscuration", "减光率", (_FIRE,)),
    Signal(25, "smoke_density_pct", "%", _M, 0, 100, "Smoke density", "烟雾浓度", (_FIRE,)),
    Signal(26, "co_ppm", "ppm", _M, 0, 100_000, "Carbon monoxide", "一氧化碳浓度", (_FIRE, _AMBIENT)),
    Signal(27, "call_point", "", _S, 0, 1, "Manual call point", "手动报警按钮", (_FIRE,), True),
    Signal(28, "muted", "", _S, 0, 1, "Sounder muted", "已消音", (_FIRE,)),
    # water and sprinklers
    Signal(40, "water_flow", "", _S, 0, 1, "Sprinkler water flow", "水流指示", (_WATER,), True),
    Signal(41, "water_pressure_kpa", "kPa", _M, -100, 10_000, "Water pressure", "水压", (_WATER,)),
    Signal(42, "valve_open", "", _S, 0, 1, "Valve open", "阀门开启", (_WATER,)),
    Signal(43, "pump_running", "", _S, 0, 1, "Pump running", "水泵运行", (_WATER,), True),
    Signal(44, "tank_level_pct", "%", _M, 0, 100, "Tank level", "水箱液位", (_WATER,)),
    Signal(45, "leak", "", _S, 0, 1, "Water leak", "漏水", (_WATER,), True),
    Signal(46, "water_used_l", "L", _M, 0, 1e9, "Water used", "累计用水量"),
    # electricity
    Signal(60, "power_w", "W", _M, -1_000_000, 1_000_000, "Active power", "有功功率", (_METER,)),
    Signal(61, "voltage_v", "V", _M, 0, 1_000, "Voltage", "电压", (_METER,)),
    Signal(62, "current_a", "A", _M, -10_000, 10_000, "Current", "电流", (_METER,)),
    Signal(63, "energy_kwh", "kWh", _M, 0, 1e9, "Energy", "电能", (_METER,)),
    Signal(64, "power_factor", "", _M, -1, 1, "Power factor", "功率因数", (_METER,)),
    Signal(65, "frequency_hz", "Hz", _M, 0, 100, "Frequency", "频率", (_METER,)),
    Signal(66, "switch_on", "", _S, 0, 1, "Switched on", "开关接通", (_METER,)),
    Signal(67, "residual_current_ma", "mA", _M, 0, 100_000, "Residual current", "剩余电流", (_METER,)),
    Signal(68, "cable_temp_c", "degC", _M, -60, 400, "Cable temperature", "线缆温度", (_METER,)),
    Signal(69, "arc_half_cycles", "1/s", _M, 0, 120, "Arc half-cycles in a second", "每秒电弧半周期数", (_METER,)),
    Signal(70, "electrical_trip", "", _S, 0, 1, "Breaker tripped", "断路器跳闸", (_METER,), True),
    # room and bed
    Signal(80, "temp_c", "degC", _M, -60, 1_400, "Temperature", "温度", (_AMBIENT, _FIRE)),
    Signal(81, "humidity_pct", "%", _M, 0, 100, "Relative humidity", "相对湿度", (_AMBIENT, _FIRE)),
    Signal(82, "illuminance_lux", "lx", _M, 0, 500_000, "Illuminance", "照度", (_AMBIENT,)),
    Signal(83, "co2_ppm", "ppm", _M, 0, 100_000, "Carbon dioxide", "二氧化碳", (_AMBIENT, _FIRE)),
    Signal(84, "motion", "", _S, 0, 1, "Motion", "有人移动", (_AMBIENT,)),
    Signal(85, "occupied", "", _S, 0, 1, "Room occupied", "房间有人", (_AMBIENT,)),
    Signal(86, "contact_open", "", _S, 0, 1, "Door or window open", "门窗开启", (_AMBIENT,)),
    Signal(87, "bed_occupied", "", _S, 0, 1, "Bed occupied", "床上有人", (_AMBIENT,)),
    Signal(88, "vibration", "", _S, 0, 1, "Vibration", "振动", (_AMBIENT,)),
    Signal(89, "open_count", "1", _M, 0, 1e9, "Times opened", "开启次数"),
    Signal(90, "distance_cm", "cm", _M, 0, 10_000, "Distance", "距离"),
    Signal(91, "leak_count", "1", _M, 0, 1e9, "Leaks counted", "漏水次数"),
    Signal(92, "tvoc_ppb", "ppb", _M, 0, 1e6, "Volatile organic compounds", "挥发性有机物"),
    Signal(93, "floor_occupied", "", _S, 0, 1, "Somebody on the floor mat", "地面压力垫有人"),
    # wearer
    Signal(100, "heart_rate_bpm", "1/min", _M, 0, 400, "Heart rate", "心率", (_WEARABLE,)),
    Signal(101, "steps", "1", _M, 0, 1e7, "Steps", "步数", (_WEARABLE,)),
    Signal(102, "worn", "", _S, 0, 1, "Device worn", "佩戴中", (_WEARABLE,)),
    # the equipment itself
    Signal(120, "battery_pct", "%", _M, 0, 100, "Battery", "电量"),
    Signal(121, "battery_v", "V", _M, 0, 100, "Battery voltage", "电池电压"),
    Signal(122, "battery_low", "", _S, 0, 1, "Battery low", "电量低", alarm=True),
    Signal(123, "tamper", "", _S, 0, 1, "Tamper", "防拆", alarm=True),
    Signal(124, "mains_fail", "", _S, 0, 1, "Mains failed", "市电中断", alarm=True),
    Signal(125, "device_fault", "", _S, 0, 1, "Device fault", "设备故障", alarm=True),
    Signal(126, "sensor_fault", "", _E, 0, 1, "Sensor fault", "传感器故障", alarm=True),
    Signal(127, "test", "", _S, 0, 1, "In test", "测试中", alarm=True),
    Signal(128, "online", "", _S, 0, 1, "Device online", "设备在线", alarm=True),
    Signal(129, "link_quality", "1", _M, 0, 255, "Link quality", "链路质量"),
    Signal(130, "rssi_dbm", "dBm", _M, -200, 50, "Signal strength", "信号强度"),
    Signal(131, "snr_db", "dB", _M, -100, 100, "Signal-to-noise ratio", "信噪比"),
    Signal(132, "csq", "1", _M, 0, 99, "Cellular signal quality", "蜂窝信号质量"),
    Signal(133, "link_margin_db", "dB", _M, -100, 100, "Link margin", "链路裕量"),
    Signal(134, "heartbeat", "", _E, 0, 1, "Heartbeat", "心跳"),
    Signal(135, "alarm", "", _S, 0, 1, "Alarm contact", "报警触点", alarm=True),
    Signal(136, "temp_threshold", "", _E, 0, 1, "Temperature threshold passed", "温度越限", alarm=True),
    Signal(137, "person_seen", "", _E, 0, 1, "Person seen", "发现人员"),
    Signal(138, "strength", "1", _M, 0, 1e6, "Vibration strength", "振动强度"),
    Signal(139, "staff_present", "", _S, 0, 1, "Staff present", "护理员在场", alarm=True),
)

BY_NAME: dict[str, Signal] = {signal.name: signal for signal in SIGNALS}
BY_NUMBER: dict[int, Signal] = {signal.number: signal for signal in SIGNALS}

DERIVED = {
    "accel_peak_g": ("Strongest acceleration", "最大加速度"),
    "tilt_deg": ("Turn of the body", "体位转动"),
}
"""What the core reckons out of samples and draws as evidence, in English and Chinese."""

JUDGEMENT_PREFIX = "judge/"
"""In the alarm lane the name ``judge/{rule}`` is a detector's verdict: true raised, false cleared."""

STAFF_PRESENT = "staff_present"
"""Staff are in the device's room. A button that knows who says the badge as a text (``vs``) instead of true."""

DEEDS = (
    "button", "button_short", "button_long", "button_double",
    "help_call", "call_test", "call_cancel", "bed_exit", STAFF_PRESENT,
)  # fmt: skip
"""Somebody has just done this: that they are there is certain, whatever else it means."""

FALL_CODES: dict[str, int] = {"none": 0, "suspected": 1, "confirmed": 2}
FALL_NAMES: tuple[str, ...] = tuple(FALL_CODES)


def columns(kind: Kind) -> tuple[Signal, ...]:
    """The signals that are columns of ``reading_{kind}``, in the order of their numbers."""
    return tuple(signal for signal in SIGNALS if kind in signal.kinds)
