"""Errors as problem documents (RFC 9457) for programs and as pages for people."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request

from console.errors import DatabaseAwayError, ProblemError
from console.render import Renderer
from console.words import PROBLEMS
from ingest.log import Log

_CODES = {404: "not_found", 405: "method_not_allowed"}


def add_problem_handlers(app: FastAPI, renderer: Renderer) -> None:
    """Turn every error into an answer in the visitor's language."""
    log = Log("console")

    def answer(request: Request, problem: ProblemError) -> Response:
        title = renderer.text(request, PROBLEMS.get(problem.code, PROBLEMS["invalid"]))
        headers = dict(problem.headers)
        if _wants_page(request):
            if problem.status == 401 and request.method == "GET":
                return RedirectResponse("/login/second" if problem.code == "second_factor" else "/login", 303)
            page = renderer.page(request, "problem.html", status=problem.status, problem=problem, title=title)
            page.headers.update(headers)
            return page
        document = {
            "type": f"urn:anxin:problem:{problem.code}",
            "title": title,
            "status": problem.status,
            "detail": problem.detail or title,
            "instance": request.url.path,
            **problem.facts,
        }
        return JSONResponse(document, problem.status, headers, media_type="application/problem+json")

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)
        return answer(request, error)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(request, ProblemError(error.status_code, _CODES.get(error.status_code, "invalid")))

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        where = ["/".join(map(str, e["loc"])) + ": " + str(e["msg"]) for e in error.errors()]
        # what FastAPI says is for who writes programs
        return answer(request, ProblemError(422, "invalid", "" if _wants_page(request) else "; ".join(where)))

    async def on_away(request: Request, error: Exception) -> Response:
        del error
        return answer(request, ProblemError(503, "database_away"))

    async def on_error(request: Request, error: Exception) -> Response:
        # the route, not the address: tokens stand in some
        log.error("request.failed", path=getattr(request.scope.get("route"), "path", ""), error=repr(error))
        return answer(request, ProblemError(500, "internal"))

    app.add_exception_handler(ProblemError, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(DatabaseAwayError, on_away)
    app.add_exception_handler(Exception, on_error)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    return not path.startswith("/api/") and path not in ("/healthz", "/readyz", "/metrics")
