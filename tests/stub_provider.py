"""A provider of webhooks on loopback: it counts what it was asked to deliver, and can fail on demand."""

from __future__ import annotations

import json
import ssl
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Rude(StrEnum):
    """Ways to fail without an answer."""

    HANG = "hang"  # takes the request and says nothing
    CUT = "cut"  # ends the connection in the middle of the answer
    TRICKLE = "trickle"  # one byte now and then, for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


class StubProvider:
    """``received`` are the bodies in order; ``by_key`` counts deliveries of the same send; ``requests`` are all."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[dict[str, Any]] = []
        self.requests: list[Request] = []
        self.by_key: Counter[str] = Counter()
        self.answers: list[int | Rude | tuple[int, dict[str, str]]] = []  # to give first; then 200
        self.slow_s = 0.0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                stub._closing.wait(stub.slow_s)
                answer, more = stub._next(Request(path=self.path, headers=dict(self.headers), body=body))
                if isinstance(answer, Rude):
                    self._be_rude(answer)
                    return
                self.send_response(answer)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def _be_rude(self, how: Rude) -> None:
                self.close_connection = True
                if how is Rude.CUT:
                    self.wfile.write(b"HTTP/1.1 20")
                elif how is Rude.HANG:
                    stub._closing.wait(30)
                else:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                    while not stub._closing.wait(0.05):
                        self.wfile.write(b".")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                del format, args

        class Server(ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                del request, client_address  # a killed client is what these tests are about

        self._server = Server((host, port), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.host = f"{host}:{self.port}"
        self.url = f"{'http' if tls is None else 'https'}://{self.host}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def deliveries(self) -> dict[str, int]:
        """How often each send has come so far, as of one moment."""
        with self._lock:
            return dict(self.by_key)

    @property
    def paths(self) -> Sequence[str]:
        return [request.path for request in self.requests]

    def _next(self, request: Request) -> tuple[int | Rude, dict[str, str]]:
        with self._lock:
            self.requests.append(request)
            answer = self.answers.pop(0) if self.answers else 200
            status, more = answer if isinstance(answer, tuple) else (answer, {})
            if status == 200:
                self.received.append(json.loads(request.body))
                self.by_key[request.headers.get("Idempotency-Key", "")] += 1
            return status, more

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
