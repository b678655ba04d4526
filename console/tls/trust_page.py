"""The page by which a phone comes to trust this console's authority: plain HTTP, one page, one file, nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address

import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from console.errors import CertificateError
from console.language import Language
from console.render import STATIC, Renderer
from console.tls.keeper import Keeper
from console.tls.names import host_in_url, parse_name
from console.tls.pair import fingerprint, read_certificate
from console.tls.trust_words import SYSTEMS, system_of
from ingest.clock import Clock
from ingest.registry.model import Registry

FILE = "/anxin.crt"
_STYLE = (STATIC / "css" / "trust.css").read_text("utf-8")
_CSP = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_trust_page(
    keeper: Keeper,
    *,
    console_port: int,
    own_port: int,
    addresses: Callable[[], Sequence[IPv4Address]],
    fallback: Language,
    clock: Clock,
) -> Starlette:
    """The application. ``keeper`` knows where the authority's certificate is, ``addresses`` how phones come here."""
    renderer = Renderer(clock, Registry, fallback)

    def page_in(language: Language | None) -> Callable[[Request], Response]:
        def page(request: Request) -> Response:
            try:
                authority = read_certificate(keeper.authority)
            except CertificateError as error:
                return PlainTextResponse(str(error), 503, headers=_HEADERS)
            request.state.language = language
            host = _host(request, addresses)
            here = f"http://{host}:{own_port}/"
            return _with_headers(
                renderer.page(
                    request,
                    "trust.html",
                    style=_STYLE,
                    file=FILE,
                    name=authority.subject.rfc4514_string().removeprefix("CN="),
                    fingerprint=fingerprint(authority),
                    systems=SYSTEMS,
                    mine=system_of(request.headers.get("user-agent", "")),
                    console_url=f"https://{host}:{console_port}/",
                    here=here,
                    code=segno.make(here).svg_inline(scale=5, border=4, light="#fff"),
                )
            )

        return page

    def file(_request: Request) -> Response:
        try:
            pem = keeper.authority.read_bytes()
        except OSError:
            return PlainTextResponse("503", 503, headers=_HEADERS)
        return Response(pem, media_type="application/x-x509-ca-cert", headers=_HEADERS)

    def nothing(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse("404", 404, headers=_HEADERS)

    return Starlette(
        routes=[
            Route("/", page_in(None)),
            Route("/zh", page_in("zh")),
            Route("/en", page_in("en")),
            Route(FILE, file),
        ],
        exception_handlers={404: nothing, 405: nothing},
    )


def _host(request: Request, addresses: Callable[[], Sequence[IPv4Address]]) -> str:
    """The host by which other machines come here: as this visitor did, unless that is this machine itself."""
    asked = request.url.hostname or ""
    try:
        name = parse_name(asked)
    except CertificateError:
        name = "localhost"
    is_here = name == "localhost" if isinstance(name, str) else name.is_loopback
    return host_in_url(next(iter(addresses()), name) if is_here else name)


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
