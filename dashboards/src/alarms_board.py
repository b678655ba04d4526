"""Board: open alarms and response times."""

from __future__ import annotations

from pathlib import Path

from dashboards.src.panel import Board, Choice, Field, Look, Marks, Panel, Section, Steps
from dashboards.src.postgres import statements
from dashboards.src.routine_panel import routine_section
from dashboards.src.text import Text
from dashboards.src.words import (
    ALARM_KIND,
    BLUE,
    CONDITION,
    GREEN,
    ORANGE,
    PRIORITY,
    RED,
    RESPONSE,
    STAGE,
    YELLOW,
)

ALARM_LINK = "${console:raw}/alarms/${__data.fields.alarm_id}"

_SQL = statements(Path(__file__).with_name("alarms.sql"))
_SHARE: Steps = ((None, RED), (95, YELLOW), (97.5, GREEN))
_SHARE_LATE: Steps = ((None, RED), (97.5, YELLOW), (99, GREEN))
_AGE: Steps = ((None, GREEN), (60, ORANGE), (180, RED))
_TIMES = (
    Field(name="median_s", title=Text("中位数", "Median"), unit="s", decimals=0, width=110),
    Field(name="p95_s", title=Text("95 百分位", "95th percentile"), unit="s", decimals=0, width=130),
)
_WITHIN = (
    Field(name="within_60_s", title=Text("≤ 60 秒", "≤ 60 s"), unit="percent", decimals=1, steps=_SHARE, width=110),
    Field(
        name="within_180_s", title=Text("≤ 180 秒", "≤ 180 s"), unit="percent", decimals=1, steps=_SHARE_LATE, width=110
    ),
)
_RAISED = Field(name="raised", title=Text("报警数", "Raised"), width=110)


def _tile(name: str, color: str) -> Field:
    steps: Steps = ((None, GREEN), (1, color))
    return Field(name=name, title=PRIORITY[name].text, steps=steps)


_NOW = Section(
    title=Text("现在", "Now"),
    panels=(
        Panel(
            look=Look.STAT,
            title=Text("未应答报警", "Unacknowledged alarms"),
            description=Text(
                "此刻无人应答的报警，按优先级；不含测试与演练。",
                "Alarms nobody has taken, by priority; no tests or drills.",
            ),
            sql=_SQL["unacknowledged"],
            fields=(_tile("emergency", RED), _tile("high", ORANGE), _tile("medium", YELLOW), _tile("low", BLUE)),
            width=10,
            height=4,
        ),
        Panel(
            look=Look.STAT,
            title=Text("最久未应答", "Oldest unacknowledged"),
            description=Text(
                "最早一条未应答报警已等待的时间：60 秒变橙，180 秒变红。",
                "How long the oldest unacknowledged alarm has waited: amber at 60 s, red at 180 s.",
            ),
            sql=_SQL["oldest"],
            fields=(Field(name="oldest_s", title=Text("已等待", "Waiting"), unit="s", decimals=0, steps=_AGE),),
            width=4,
            height=4,
        ),
        Panel(
            look=Look.STAT,
            title=Text("及时应答率", "Acknowledged in time"),
            description=Text(
                "所选时段全部报警中在 60 秒、180 秒内应答的比例；超时仍未应答的算未达标。目标 97.5% 与 99%。",
                "Share of all alarms raised in the range that were acknowledged within 60 s and 180 s; those still "
                "open past the limit count as misses. Goals 97.5 % and 99 %.",
            ),
            sql=_SQL["answered_in_time"],
            fields=_WITHIN,
            width=6,
            height=4,
        ),
        Panel(
            look=Look.STAT,
            title=Text("高峰时段占比", "Time in flood"),
            description=Text(
                "人均每 10 分钟达到 10 条报警的时间占比。平均值会掩盖高峰。",
                "Share of the range with 10 or more alarms in 10 minutes per operator. An average hides floods.",
            ),
            sql=_SQL["flood"],
            fields=(
                Field(
                    name="flood_pct",
                    title=Text("高峰", "Flood"),
                    unit="percent",
                    decimals=1,
                    steps=((None, GREEN), (0.1, ORANGE), (1, RED)),
                ),
            ),
            width=4,
            height=4,
        ),
        Panel(
            look=Look.TABLE,
            title=Text("未结报警", "Standing alarms"),
            description=Text(
                "全部未处置的报警（不受优先级筛选）。点击类型打开控制台的报警页。",
                "Every alarm not resolved yet, whatever the priority filter says. "
                "Click a kind to open it in the console.",
            ),
            sql=_SQL["standing"],
            fields=(
                Field(name="priority", title=Text("优先级", "Priority"), words=PRIORITY, width=100),
                Field(
                    name="kind",
                    title=Text("类型", "Kind"),
                    words=ALARM_KIND,
                    width=170,
                    link=(Text("在控制台打开", "Open in the console"), ALARM_LINK),
                ),
                Field(name="site", title=Text("机构", "Site")),
                Field(name="room", title=Text("房间", "Room"), width=120),
                Field(name="received_at", title=Text("收到时间", "Received"), unit="dateTimeAsLocal", width=180),
                Field(name="open_s", title=Text("已持续", "Open for"), unit="s", decimals=0, width=120),
                Field(name="response", title=Text("处理", "Response"), words=RESPONSE, width=120),
                Field(name="condition", title=Text("状态", "Condition"), words=CONDITION, width=100),
                Field(name="count", title=Text("次数", "Count"), width=80),
                Field(name="alarm_id", title=Text("编号", "Id"), hidden=True),
            ),
            width=24,
            height=9,
        ),
    ),
)

_LOAD = Section(
    title=Text("报警量", "Alarm load"),
    panels=(
        Panel(
            look=Look.BARS,
            title=Text("人均每 10 分钟报警数", "Alarms per 10 minutes and operator"),
            description=Text(
                "每格内的最大值。线：EEMUA 191 建议长期不超过 1 条，10 条即为高峰。值班人数在上方选择。",
                "The most within each bar. Lines: EEMUA 191 advises no more than 1 in the long run; 10 is a flood. "
                "Choose the number of operators above.",
            ),
            sql=_SQL["rate"],
            fields=(Field(name="alarms", title=Text("报警", "Alarms"), unit="short", decimals=1, color=BLUE),),
            width=16,
            height=8,
            interval="10m",
            goal=((None, GREEN), (1, ORANGE), (10, RED)),
        ),
        Panel(
            look=Look.STAT,
            title=Text("合计", "Totals"),
            description=Text(
                "报警总数，升级到第二步及以上的比例，已处置报警中误报的比例。",
                "Alarms raised; the share that went past the first step; false alarms as a share of the resolved.",
            ),
            sql=_SQL["totals"],
            fields=(
                _RAISED,
                Field(name="escalated_pct", title=Text("升级", "Escalated"), unit="percent", decimals=1),
                Field(name="false_pct", title=Text("误报", "False alarms"), unit="percent", decimals=1),
            ),
            width=8,
            height=4,
        ),
        Panel(
            look=Look.BARS,
            title=Text("升级", "Escalations"),
            description=Text(
                "升级到第几步的报警数。0 步即第一批通知，不计。",
                "Alarms by the highest step they reached. Step 0 is the first message and is not counted.",
            ),
            sql=_SQL["escalations"],
            fields=(
                Field(name="step_1", title=Text("第 1 步", "Step 1"), color=YELLOW),
                Field(name="step_2", title=Text("第 2 步", "Step 2"), color=ORANGE),
                Field(name="step_3", title=Text("第 3 步及以上", "Step 3 or more"), color=RED),
            ),
            width=8,
            height=4,
            interval="10m",
        ),
    ),
)

_ANSWERS = Section(
    title=Text("响应时间", "Response times"),
    panels=(
        Panel(
            look=Look.TABLE,
            title=Text("各环节用时", "Time by stage"),
            description=Text(
                "从平台收到起计时。“尚无”是还没走到该环节（或自行消除）的报警数：只看已完成的会偏乐观。",
                "Counted from the moment the platform received it. Without: alarms that have not come so far or ended "
                "by themselves; times of the answered ones alone look too good.",
            ),
            sql=_SQL["stages"],
            fields=(
                Field(name="stage", title=Text("环节", "Stage"), words=STAGE, width=230),
                Field(name="alarms", title=Text("报警数", "Alarms"), width=90),
                Field(name="without", title=Text("尚无", "Without"), width=90),
                *_TIMES,
                Field(name="max_s", title=Text("最长", "Longest"), unit="s", decimals=0, width=110),
            ),
            width=12,
            height=8,
        ),
        Panel(
            look=Look.LINES,
            title=Text("应答用时", "Time to acknowledge"),
            description=Text(
                "已应答报警的中位数与 95 百分位。线：60 秒与 180 秒。",
                "Median and 95th percentile of acknowledged alarms. Lines: 60 s and 180 s.",
            ),
            sql=_SQL["acknowledge_over_time"],
            fields=(
                Field(name="median_s", title=Text("中位数", "Median"), unit="s", color=GREEN),
                Field(name="p95_s", title=Text("95 百分位", "95th percentile"), unit="s", color=ORANGE),
            ),
            width=12,
            height=8,
            interval="10m",
            goal=((None, GREEN), (60, ORANGE), (180, RED)),
        ),
        Panel(
            look=Look.TABLE,
            title=Text("按类型", "By kind"),
            description=Text("所选时段内各类报警的应答情况。", "How each kind of alarm was answered in the range."),
            sql=_SQL["by_kind"],
            fields=(
                Field(name="kind", title=Text("类型", "Kind"), words=ALARM_KIND),
                _RAISED,
                *_WITHIN,
                *_TIMES,
                Field(name="false_pct", title=Text("误报", "False alarms"), unit="percent", decimals=1, width=110),
            ),
            width=12,
            height=9,
        ),
        Panel(
            look=Look.TABLE,
            title=Text("按机构", "By site"),
            description=Text("所选时段内各机构的应答情况。", "How each site answered in the range."),
            sql=_SQL["by_site"],
            fields=(
                Field(name="site", title=Text("机构", "Site")),
                _RAISED,
                Field(name="unacknowledged", title=Text("未应答", "Unacknowledged"), width=110),
                *_WITHIN,
                *_TIMES,
                Field(name="escalated_pct", title=Text("升级", "Escalated"), unit="percent", decimals=1, width=100),
            ),
            width=12,
            height=9,
        ),
    ),
)

BOARD = Board(
    name="alarms",
    title=Text("报警与响应时间", "Open alarms and response times"),
    description=Text(
        "谁在等待、等了多久、多快有人到。不含测试与演练。",
        "Who is waiting, for how long, and how fast people come. No tests or drills.",
    ),
    choices=(
        Choice(
            name="priority",
            title=Text("优先级", "Priority"),
            words={value: word.text for value, word in PRIORITY.items()},
            first=("emergency", "high"),
        ),
        Choice(
            name="operators",
            title=Text("值班人数", "Operators"),
            words={str(number): Text(str(number), str(number)) for number in (1, 2, 3, 4, 5, 6, 8, 10, 15, 20)},
            multi=False,
        ),
    ),
    marks=(Marks(title=Text("紧急报警", "Emergencies"), sql=_SQL["emergencies"], color=RED),),
    sections=(_NOW, _LOAD, _ANSWERS, routine_section(_SQL["routine_notes"])),
    refresh="10s",
    start="now-24h",
)
