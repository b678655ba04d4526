"""One readable log line: time, program, level, a stable action, then ids as key=value; never names or payloads."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime


class Log:
    """A logger whose messages are an action and its facts: ``log.info("alarm.raised", alarm_id=…)``."""

    def __init__(self, program: str) -> None:
        self._logger = logging.getLogger(f"anxin.{program}")

    def info(self, action: str, **facts: object) -> None:
        self._logger.info("%s", _line(action, facts))

    def warning(self, action: str, **facts: object) -> None:
        self._logger.warning("%s", _line(action, facts))

    def error(self, action: str, **facts: object) -> None:
        self._logger.error("%s", _line(action, facts))

    def exception(self, action: str, **facts: object) -> None:
        """An error with the traceback of the exception being handled."""
        self._logger.error("%s", _line(action, facts), exc_info=True)  # noqa: LOG014 - called while handling one


def start_logging(level: str = "INFO") -> None:
    """Send every program's log to standard error in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return f"{at}Z {record.name.removeprefix('anxin.'):<8} {record.levelname:<7} {text}"


def _line(action: str, facts: dict[str, object]) -> str:
    return " ".join([action, *(f"{key}={_plain(value)}" for key, value in facts.items())])


def _plain(value: object) -> str:
    text = str(value).replace("\r", "\\r").replace("\n", "\\n")
    return f'"{text}"' if " " in text else text
