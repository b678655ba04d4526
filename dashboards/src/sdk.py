"""The one seam to grafana-foundation-sdk, so that its line can change in one place.

The classic (v1) dashboard is used on purpose: Grafana 11.6 to 13 load it, and Grafana 11 cannot read a v2 board. The
SDK warns about that choice whenever its module is loaded; the warning is answered here.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.builders import bargauge, common, dashboard, stat, table, timeseries

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model

__all__ = [
    "Builder",
    "Dataquery",
    "JSONEncoder",
    "bargauge",
    "common",
    "common_model",
    "dashboard",
    "model",
    "stat",
    "table",
    "timeseries",
]
