"""Liveness, readiness and metrics.

These endpoints are public and hold no tenant's data.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from db import migrate
from db.engine import DatabaseUnavailable
from db.location import Location
from db.queries import system
from schema.operation.call import Services

from .metrics.survey import Shared
from .settings.installed import PROGRAM
from .version import VERSION

# Returns the metrics in the text format of Prometheus.
Text = Callable[[], Awaitable[bytes]]
READY_SECONDS = 5.0
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"

log = structlog.get_logger("connect.health")


def routes(text: Text, access: str, database: Location) -> list[BaseRoute]:
    """Returns the routes `/healthz`, `/readyz` and, unless `access` is "off", `/metrics`."""

    # Who asks while a page is being made is given the same one.
    page = Shared(text)

    async def live(request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": VERSION})

    async def ready(request: Request) -> Response:
        reason = await _unready(request.state.services, database)
        if reason is None:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "unready", "reason": reason}, 503, {"Retry-After": "5"})

    async def figures(request: Request) -> Response:
        if access.startswith("token:") and not _may_read(request, access[6:]):
            return JSONResponse(
                {"detail": "Send the metrics token as `Authorization: Bearer …`."},
                401,
                {"WWW-Authenticate": "Bearer"},
            )
        return Response(await page.answer(), media_type=PROMETHEUS)

    table = [Route("/healthz", live), Route("/readyz", ready)]
    return [*table, Route("/metrics", figures)] if access != "off" else [*table]


def _may_read(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), token.encode())


async def _unready(services: Services, location: Location) -> str | None:
    try:
        async with asyncio.timeout(READY_SECONDS):
            async with services.database.read() as transaction:
                await system.is_empty(transaction)
            migrated = await asyncio.to_thread(migrate.is_served, location)
            trouble = await services.database.trouble()
    except (TimeoutError, DatabaseUnavailable) as error:
        log.warning("unready", error=repr(error))
        return "the database cannot be read"
    if not migrated:
        return f"the database is not migrated: run `{PROGRAM} run`"
    if trouble is not None:
        log.warning("unready", error=trouble)
    return trouble
