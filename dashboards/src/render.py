"""From a board's plain data to the SDK's builders, one language at a time."""

from __future__ import annotations

from typing import Any

from dashboards.src import variables
from dashboards.src.panel import Board, Field, Look, Marks, Panel, Steps
from dashboards.src.postgres import SOURCE, Form, PostgresQuery
from dashboards.src.sdk import Builder, common, common_model, dashboard, model, stat, table, timeseries
from dashboards.src.text import Language, Text

COLUMNS = 24
_SECTION_HEIGHT = 1
_OTHER = Text("English", "中文")
_PANEL = stat.Panel | table.Panel | timeseries.Panel
_Properties = list[model.DynamicConfigValue]


def render(board: Board, language: Language) -> model.Dashboard:
    """The board in ``language``."""
    built = (
        dashboard.Dashboard(board.title.into(language))
        .uid(uid(board.name, language))
        .description(board.description.into(language))
        .tags(["anxin", str(language)])
        .readonly()
        .timezone("browser")
        .refresh(board.refresh)
        .time(board.start, "now")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .variables(variables.build(board.choices, language))
        .annotations([_marks(marks, language) for marks in board.marks])
        .links([_twin(board, language)])
    )
    number, y = 1, 0
    for section in board.sections:
        row = dashboard.Row(section.title.into(language)).id(number)
        built = built.with_row(row.grid_pos(model.GridPos(x=0, y=y, w=COLUMNS, h=_SECTION_HEIGHT)))
        number, x, y, height = number + 1, 0, y + _SECTION_HEIGHT, 0
        for panel in section.panels:
            if x + panel.width > COLUMNS:
                x, y, height = 0, y + height, 0
            place = model.GridPos(x=x, y=y, w=panel.width, h=panel.height)
            built = built.with_panel(_panel(panel, language).id(number).grid_pos(place))
            number, x, height = number + 1, x + panel.width, max(height, panel.height)
        y += height
    made = built.build()
    for shown in (*(made.links or ()), *(made.annotations.list_val or ())):
        shown.placement = None  # the SDK's own choice hides them in a menu
    return made


def uid(name: str, language: Language) -> str:
    """A board's lasting name in addresses."""
    return f"anxin-{name}-{language}"


def _panel(panel: Panel, language: Language) -> _PANEL:
    form = Form.TIME_SERIES if panel.look in (Look.LINES, Look.BARS) else Form.TABLE
    made = _look(panel, language)
    made = made.title(panel.title.into(language)).description(panel.description.into(language)).datasource(SOURCE)
    made = made.with_target(PostgresQuery(panel.sql, form=form))
    if panel.interval:
        made = made.interval(panel.interval)
    for field in panel.fields:
        made = made.override_by_name(field.name, _properties(field, panel.look, language))
    return made


def _look(panel: Panel, language: Language) -> _PANEL:
    unit = panel.fields[0].unit
    match panel.look:
        case Look.STAT:
            reduce = common.ReduceDataOptions().values(False).calcs(["lastNotNull"]).fields("")
            shown = stat.Panel().reduce_options(reduce).color_mode(common_model.BigValueColorMode.BACKGROUND)
            shown = shown.graph_mode(common_model.BigValueGraphMode.NONE)
            return shown.text_mode(common_model.BigValueTextMode.VALUE_AND_NAME)
        case Look.TABLE:
            return table.Panel().no_value(Text("无", "none").into(language))
        case Look.LINES | Look.BARS:
            graph = timeseries.Panel().unit(unit).min(0).fill_opacity(10 if panel.look is Look.LINES else 80)
            style = common_model.GraphDrawStyle
            graph = graph.draw_style(style.LINE if panel.look is Look.LINES else style.BARS).line_width(1)
            legend = common.VizLegendOptions().display_mode(common_model.LegendDisplayMode.LIST).show_legend(True)
            graph = graph.legend(legend.placement(common_model.LegendPlacement.BOTTOM))
            if panel.goal:
                mode = common_model.GraphThresholdsStyleMode.LINE
                graph = graph.thresholds(_thresholds(panel.goal))
                graph = graph.thresholds_style(common.GraphThresholdsStyleConfig().mode(mode))
            if panel.look is Look.BARS and len(panel.fields) > 1:
                graph = graph.stacking(common.StackingConfig().mode(common_model.StackingMode.NORMAL).group("A"))
            return graph


def _properties(field: Field, look: Look, language: Language) -> _Properties:
    found: dict[str, Any] = {"displayName": field.title.into(language), "unit": field.unit}  # Any: JSON of a property
    if field.decimals is not None:
        found["decimals"] = field.decimals
    if field.words is not None:
        found["mappings"] = [
            model.ValueMap(
                options={
                    value: model.ValueMappingResult(text=word.text.into(language), color=word.color, index=index)
                    for index, (value, word) in enumerate(field.words.items())
                }
            )
        ]
    if field.steps:
        found["thresholds"] = _thresholds(field.steps).build()
        found["color"] = {"mode": "thresholds"}
    if field.color:
        found["color"] = {"mode": "fixed", "fixedColor": field.color}
    if look is Look.TABLE:
        if field.words is not None or field.steps:
            found["custom.cellOptions"] = {"type": "color-text"}
        if field.width is not None:
            found["custom.width"] = field.width
        if field.hidden:
            found["custom.hidden"] = True
    if field.link is not None:
        title, url = field.link
        found["links"] = [{"title": title.into(language), "url": url, "targetBlank": True}]
    return [model.DynamicConfigValue(id_val=name, value=value) for name, value in found.items()]


def _thresholds(steps: Steps) -> dashboard.ThresholdsConfig:
    made = [model.Threshold(value=value, color=color) for value, color in steps]
    return dashboard.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(made)


def _marks(marks: Marks, language: Language) -> dashboard.AnnotationQuery:
    made = dashboard.AnnotationQuery().name(marks.title.into(language)).datasource(SOURCE).enable(True)
    return made.icon_color(marks.color).target(PostgresQuery(marks.sql))


def _twin(board: Board, language: Language) -> Builder[model.DashboardLink]:
    link = dashboard.DashboardLink(_OTHER.into(language)).type(model.DashboardLinkType.LINK)
    return link.url(f"/d/{uid(board.name, language.other)}").include_vars(True).keep_time(True)
