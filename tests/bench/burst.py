"""A thousand alarms in one second, fifty of them emergencies: when does each message reach the provider?"""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

ALARMS, EMERGENCIES = 1000, 50
PROVIDER_S = 0.05
"""What a provider takes for one message."""


class Provider:
    """A webhook that answers after ``PROVIDER_S``.

    ``delay_s`` is, for each alarm raised since ``since_s``, its priority and the time until its first message came.
    """

    def __init__(self) -> None:
        self.since_s = 0.0
        self.delay_s: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                now_s = time.time()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                raised_s = datetime.fromisoformat(body["raised_at"]).timestamp()
                if raised_s >= provider.since_s:
                    with provider._lock:
                        provider.delay_s.setdefault(body["alarm_id"], (body["priority"], now_s - raised_s))
                time.sleep(PROVIDER_S)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                del format, args

        class Server(ThreadingHTTPServer):
            request_queue_size = 512
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def measure(publish: Callable[[str, str], None], provider: Provider, wait: Callable[..., bool]) -> dict[str, Any]:
    """One row. ``publish(device_id, signal)`` sends one alarm record of that moment."""
    run = secrets.token_hex(3)
    urgent = set(random.sample(range(ALARMS), EMERGENCIES))
    provider.delay_s, provider.since_s = {}, time.time()
    began = time.monotonic()
    for number in range(ALARMS):
        publish(f"burst-{run}-{number:04d}", "help_call" if number in urgent else "leak")
        time.sleep(max(0.0, began + (number + 1) / ALARMS - time.monotonic()))
    took_s = time.monotonic() - began
    wait(lambda: len(provider.delay_s) >= ALARMS, 60)
    by_priority: dict[str, list[float]] = {}
    for priority, delay_s in provider.delay_s.values():
        by_priority.setdefault(priority, []).append(delay_s * 1000)
    return {
        "alarms": ALARMS,
        "emergencies": EMERGENCIES,
        "within_s": round(took_s, 2),
        "provider_ms": PROVIDER_S * 1000,
        "untold": ALARMS - len(provider.delay_s),
        **{f"emergency_{name}": value for name, value in _spread(by_priority.get("emergency", [])).items()},
        **{f"rest_{name}": value for name, value in _spread(by_priority.get("high", [])).items()},
    }


def _spread(taken_ms: list[float]) -> dict[str, float]:
    if not taken_ms:
        return {}
    median, most, longest = np.percentile(np.array(taken_ms), [50, 99, 100])
    return {"p50_ms": round(float(median)), "p99_ms": round(float(most)), "max_ms": round(float(longest))}
