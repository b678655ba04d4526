"""Every route with its permission: a route cannot be added without one, and a test compares this list with the app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI

from console.auth.guard import Guard
from console.auth.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A method and a path, and what a visitor needs for it."""

    method: str
    path: str
    permission: Permission


class Routes:
    """Adds guarded routes to the application and remembers them."""

    def __init__(self, app: FastAPI, guard: Guard) -> None:
        self._app = app
        self._guard = guard
        self.table: list[Route] = []

    def get(
        self, path: str, endpoint: Callable[..., Any], permission: Permission, **options: Any
    ) -> None:  # Any: FastAPI's
        self._add("GET", path, endpoint, permission, options)

    def post(
        self, path: str, endpoint: Callable[..., Any], permission: Permission, **options: Any
    ) -> None:  # Any: FastAPI's
        self._add("POST", path, endpoint, permission, options)

    def _add(
        self, method: str, path: str, endpoint: Callable[..., Any], permission: Permission, options: dict[str, Any]
    ) -> None:  # Any: FastAPI's
        self.table.append(Route(method=method, path=path, permission=permission))
        options.setdefault("include_in_schema", path.startswith("/api/"))
        self._app.add_api_route(
            path,
            endpoint,
            methods=[method],
            dependencies=[Depends(self._guard.require(permission))],
            response_model=options.pop("response_model", None),
            openapi_extra={"x-permission": permission.value},
            **options,
        )
