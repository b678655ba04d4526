"""Templates in the visitor's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from console import words
from console.auth.permissions import Permission, home_of
from console.auth.visitor import Visitor
from console.language import COOKIE, DEFAULT_ZONE, Language, choose_language, load_catalogues, local_time
from console.pages.chart import number_text
from console.pages.headings import heading_of
from console.residents.note_text import note_text
from ingest.clock import Clock
from ingest.registry.model import Registry
from ingest.wire.signals import BY_NAME, DERIVED

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


class Renderer:
    """Renders pages; ``text`` translates a single sentence."""

    def __init__(self, clock: Clock, registry: Callable[[], Registry], fallback: Language) -> None:
        self._clock = clock
        self._registry = registry
        self._fallback = fallback
        self._catalogues = load_catalogues()
        self._assets = _fingerprints(STATIC)
        self._environments = {language: self._environment(language) for language in self._catalogues}

    def language(self, request: Request) -> Language:
        """That of the address where it has one (``state.language``), else as the visitor wishes."""
        visitor = getattr(request.state, "visitor", None)
        return choose_language(
            getattr(request.state, "language", None) or request.cookies.get(COOKIE),
            visitor.user.language if isinstance(visitor, Visitor) else None,
            request.headers.get("accept-language", ""),
            self._fallback,
        )

    def text(self, request: Request, message: str, **values: object) -> str:
        """The message in the visitor's language, with its ``%(name)s`` filled in."""
        text = self._catalogues[self.language(request)].gettext(message) if message else ""
        return text % values if values else text

    def page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:  # Any: the template's values
        language = self.language(request)
        visitor = getattr(request.state, "visitor", None)
        seen = visitor.sites_in(self._registry()) if visitor is not None else []
        zones = {site.site_id: site.timezone for site in seen}
        html = (
            self._environments[language]
            .get_template(template)
            .render(
                visitor=visitor,
                language=language,
                path=request.url.path,
                query=request.url.query,
                now=self._clock.now(),
                zone=next(iter(zones.values()), DEFAULT_ZONE),
                zones=zones,
                **values,
            )
        )
        return HTMLResponse(html, status, headers={"Content-Language": language, "Vary": "Cookie, Accept-Language"})

    def _environment(self, language: Language) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        catalogue = self._catalogues[language]
        environment.add_extension("jinja2.ext.i18n")
        install: Callable[..., None] = getattr(environment, "install_gettext_translations")  # noqa: B009 - the extension adds it
        install(catalogue, newstyle=True)
        environment.filters["moment"] = self._moment
        environment.filters["clock"] = self._clock_time
        environment.filters["heading"] = heading_of
        environment.filters["number"] = number_text
        environment.filters["signal"] = lambda name: _signal(str(name), language)
        environment.filters["note_text"] = lambda note: note_text(note, language)
        environment.filters["tel"] = _tel
        environment.globals.update(words=words, Permission=Permission, home_of=home_of, asset=self._asset)
        return environment

    def _moment(self, at: datetime | None, site_id: str = "") -> str:
        """Date and time on the site's clock; the date is left out for today."""
        if at is None:
            return ""
        zone = self._zone(site_id)
        local, today = local_time(at, zone), local_time(self._clock.now(), zone)
        if local.date() == today.date():
            return local.strftime("%H:%M:%S")
        return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")

    def _clock_time(self, at: datetime, site_id: str = "") -> str:
        return local_time(at, self._zone(site_id)).strftime("%H:%M:%S")

    def _zone(self, site_id: str) -> str:
        site = self._registry().site.get(site_id)
        return site.timezone if site is not None else DEFAULT_ZONE

    def _asset(self, path: str) -> str | None:
        """The address of a static file, which changes with its content; None where the file is not there."""
        mark = self._assets.get(path)
        return None if mark is None else f"/static/{path}?v={mark}"


def _fingerprints(directory: Path) -> dict[str, str]:
    return {
        file.relative_to(directory).as_posix(): sha256(file.read_bytes()).hexdigest()[:10]
        for file in directory.rglob("*")
        if file.is_file()
    }


def _signal(name: str, language: Language) -> str:
    base, _, element = name.partition(":")
    signal = BY_NAME.get(base)
    if signal is None:
        return DERIVED[name][language == "zh"] if name in DERIVED else name
    # what its values stand for is told by the alarm itself
    text = (signal.zh if language == "zh" else signal.en).partition("(")[0].strip()
    return f"{text} {element}" if element else text


def _tel(phone: str) -> str:
    """A number as a link may carry it: digits, ``+``, ``*`` and ``#`` only."""
    return "".join(c for c in phone if c in "+*#0123456789")
