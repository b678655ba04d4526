"""The variables that a board's queries may use, and the fixed ones that every board has."""

from __future__ import annotations

from dashboards.src import postgres
from dashboards.src.panel import Choice
from dashboards.src.sdk import Builder, dashboard, model
from dashboards.src.text import Language, Text

SITES_SQL = "SELECT site_id AS __value, site AS __text FROM g.site ORDER BY site LIMIT 5000"
ALL_SITES_SQL = "SELECT site_id FROM g.site"
"""What "All" puts into ``IN ($site)``: it also works with no site at all and with thousands."""

CONSOLE_SQL = "SELECT coalesce(nullif(current_setting('anxin.console_url', true), ''), 'http://127.0.0.1:8080') AS url"
ALL = "$__all"
_ALL_TEXT = Text("全部", "All")


def build(choices: tuple[Choice, ...], language: Language) -> list[Builder[model.VariableModel]]:
    """Every variable of a board: data source, console address, sites, then the board's own choices."""
    return [_source(), _console(), _site(language), *(_choice(choice, language) for choice in choices)]


def _source() -> Builder[model.VariableModel]:
    current = model.VariableOption(selected=True, text="Anxin", value=postgres.UID)
    variable = dashboard.DatasourceVariable(postgres.VARIABLE).type(postgres.PLUGIN).current(current)
    return variable.label("PostgreSQL").hide(model.VariableHide.HIDE_VARIABLE)


def _console() -> Builder[model.VariableModel]:
    variable = dashboard.QueryVariable("console").query(CONSOLE_SQL).definition(CONSOLE_SQL)
    variable = variable.datasource(postgres.SOURCE).refresh(model.VariableRefresh.ON_DASHBOARD_LOAD)
    return variable.hide(model.VariableHide.HIDE_VARIABLE)


def _site(language: Language) -> Builder[model.VariableModel]:
    variable = dashboard.QueryVariable("site").label(Text("机构", "Site").into(language))
    variable = variable.query(SITES_SQL).definition(SITES_SQL).datasource(postgres.SOURCE)
    variable = variable.refresh(model.VariableRefresh.ON_DASHBOARD_LOAD).multi(True).include_all(True)
    current = model.VariableOption(selected=True, text=[_ALL_TEXT.into(language)], value=[ALL])
    return variable.all_value(ALL_SITES_SQL).current(current)


def _choice(choice: Choice, language: Language) -> Builder[model.VariableModel]:
    texts = {value: text.into(language) for value, text in choice.words.items()}
    first = choice.first or ((ALL,) if choice.multi else tuple(texts)[:1])
    options = [model.VariableOption(selected=v in first, text=text, value=v) for v, text in texts.items()]
    if choice.multi:
        options.insert(0, model.VariableOption(selected=ALL in first, text=_ALL_TEXT.into(language), value=ALL))
    chosen = [texts.get(value, _ALL_TEXT.into(language)) for value in first]
    current = model.VariableOption(
        selected=True, text=chosen if choice.multi else chosen[0], value=list(first) if choice.multi else first[0]
    )
    variable = dashboard.CustomVariable(choice.name).label(choice.title.into(language))
    variable = variable.values(", ".join(f"{text} : {value}" for value, text in texts.items()))
    return variable.options(options).current(current).multi(choice.multi).include_all(choice.multi)
