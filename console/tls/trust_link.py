"""Where the console's pages send a phone that does not trust it yet."""

from __future__ import annotations

from starlette.requests import Request

from console.settings import ConsoleSettings
from console.tls.names import host_in_url


def trust_url(request: Request, settings: ConsoleSettings) -> str:
    """The trust page at the host by which the visitor came; empty where there is none."""
    host = request.url.hostname
    if settings.trust_port is None or not host:
        return ""
    return f"http://{host_in_url(host)}:{settings.trust_port}/"
