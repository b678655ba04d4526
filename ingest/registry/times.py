"""The registry's kinds of time."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
LocalTime = Annotated[time, msgspec.Meta(tz=False)]
"""On the clock of a site."""
