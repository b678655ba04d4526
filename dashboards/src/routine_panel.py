"""Notes about residents' routine that go on: which there are and where, not whose."""

from __future__ import annotations

from dashboards.src.panel import Field, Look, Panel, Section
from dashboards.src.text import Text
from dashboards.src.words import ROUTINE_NOTE, ROUTINE_SURENESS


def routine_section(sql: str) -> Section:
    """The section with its one table."""
    return Section(
        title=Text("作息", "Routine"),
        panels=(
            Panel(
                look=Look.TABLE,
                title=Text("作息提示", "Notes about the routine"),
                description=Text(
                    "与本人近几周相比的变化，不是报警；每天早上更新。",
                    "Changes beside each resident's own last weeks. Not alarms; drawn up each morning.",
                ),
                sql=sql,
                fields=(
                    Field(name="site", title=Text("机构", "Site")),
                    Field(name="room", title=Text("房间", "Room"), width=140),
                    Field(name="kind", title=Text("提示", "Note"), words=ROUTINE_NOTE),
                    Field(name="sure", title=Text("把握", "How sure"), words=ROUTINE_SURENESS, width=110),
                    Field(name="now", title=Text("现在", "Now"), decimals=1, width=100),
                    Field(name="usual", title=Text("通常", "Usual"), decimals=1, width=100),
                    Field(name="since", title=Text("开始", "Since"), unit="dateTimeAsLocal", width=180),
                ),
                width=24,
                height=8,
            ),
        ),
    )
