"""Alert rules about the platform itself. Alarms of people never go through Grafana: they have their own path."""

from __future__ import annotations

from typing import Any

from dashboards.src.postgres import PLUGIN, UID
from dashboards.src.text import Text

GROUP_S = 60


def provisioning() -> dict[str, Any]:  # Any: JSON of Grafana's alert provisioning file
    """The file ``alerting/platform.json`` as Grafana reads it."""
    rules = [
        _rule(
            "anxin-quarantine-growing",
            Text("遥测大量隔离", "Telemetry is being set aside"),
            "SELECT count(*) AS value FROM g.quarantine WHERE received_at > now() - interval '10 minutes'",
            above=100,
            for_s=300,
            text=Text(
                "10 分钟内超过 100 条遥测报文无法入库，见设备健康看板。",
                "More than 100 telemetry messages in 10 minutes could not be stored; see the board on device health.",
            ),
        ),
        _rule(
            "anxin-telemetry-stopped",
            Text("遥测中断", "Telemetry has stopped"),
            "SELECT coalesce(min(silent_s), 0) AS value FROM g.gateway_state WHERE state = 'healthy'",
            above=900,
            for_s=300,
            text=Text("15 分钟没有任何网关的遥测入库。", "No telemetry of any gateway has been stored for 15 minutes."),
        ),
    ]
    group = {"orgId": 1, "name": "anxin platform", "folder": "Anxin", "interval": f"{GROUP_S}s", "rules": rules}
    return {"apiVersion": 1, "groups": [group]}


def _rule(
    uid: str, title: Text, sql: str, *, above: float, for_s: int, text: Text
) -> dict[str, Any]:  # Any: JSON of one rule
    query = {
        "refId": "A",
        "datasourceUid": UID,
        "relativeTimeRange": {"from": 600, "to": 0},
        "model": {
            "refId": "A",
            "datasource": {"type": PLUGIN, "uid": UID},
            "format": "table",
            "rawQuery": True,
            "editorMode": "code",
            "rawSql": sql,
        },
    }
    threshold = {
        "refId": "B",
        "datasourceUid": "__expr__",
        "relativeTimeRange": {"from": 600, "to": 0},
        "model": {
            "refId": "B",
            "type": "threshold",
            "expression": "A",
            "datasource": {"type": "__expr__", "uid": "__expr__"},
            "conditions": [{"evaluator": {"type": "gt", "params": [above]}}],
        },
    }
    return {
        "uid": uid,
        "title": f"{title.zh} {title.en}",
        "condition": "B",
        "data": [query, threshold],
        "for": f"{for_s}s",
        "noDataState": "Alerting",
        "execErrState": "Alerting",
        "labels": {"subject": "platform"},
        "annotations": {"summary": f"{text.zh} {text.en}"},
        "isPaused": False,
    }
