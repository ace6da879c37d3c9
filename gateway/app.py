"""Assembles the application: routes and middleware."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import TypedDict

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from db.location import SqliteFile
from rest.face import RestFace
from schema.domain.clock import Clock
from schema.execution.options import OPEN
from schema.operation.call import Services

from . import docs, health, manifest
from . import vendor_webhook as rooms
from .crew import Crew
from .crew.counts import counts_of
from .crew.figures import CrewFigures
from .graphql import GraphQLFace
from .join import routes as join
from .join.nowhere import Nowhere
from .join.throttle import link_throttle_of
from .live.connections import Connections
from .live.handshake import Origins
from .live.streams import HttpStreams
from .live.websocket import WebSocketFace
from .metrics.registry import Metrics
from .middleware.base_path import BasePath, own_paths_below
from .middleware.cross_origin import CrossOrigin
from .middleware.crossroads import Crossroads, Gateway
from .middleware.guard import Guard
from .middleware.identify import Identify
from .middleware.refusals import Faces
from .middleware.telemetry import Telemetry
from .room.face import RoomFace
from .room.face import routes as room_routes
from .services import CLOCK, open_services, running_clock
from .settings import Settings, WrongSetting
from .tracing.choice import tracing_of
from .version import VERSION
from .wire.figures import WireFigures

STATIC = Path(__file__).parent / "static"


def pages(settings: Settings) -> Path:
    """Returns the folder of the built pages, which is elsewhere for a read-only checkout."""
    places = (STATIC, settings.data_dir / "setup" / "gateway" / "static")
    # There are two where such a checkout was upgraded, over one that had its own. The time of
    # change says when they came to this machine, however old the files in them are.
    # `Path.is_dir` raises an error in a data folder that is closed to this user.
    found = [each for each in places if os.path.isdir(each)]  # noqa: PTH112
    return max(found, key=lambda each: each.stat().st_ctime_ns, default=places[1])


class State(TypedDict):
    """The state that the lifespan passes to every request."""

    services: Services
    wire: WireFigures


def cross_origin(origins: Sequence[str]) -> list[Middleware]:
    """Returns the CORS middleware for these origins; none when there are none."""
    if not origins:
        return []
    return [Middleware(CrossOrigin, origins=tuple(origins))]


async def not_this_way(request: Request, error: Exception) -> Response:
    """Answers methods that a path does not take, in JSON like everything else."""
    headers = getattr(error, "headers", None)
    return JSONResponse({"detail": "Method not allowed."}, 405, headers)


def _sdl() -> str:
    from schema.build import sdl

    return sdl()


def _possible_types() -> bytes:
    from schema.build import possible_types

    return orjson.dumps(possible_types(), option=orjson.OPT_INDENT_2)


def _openapi(settings: Settings) -> bytes:
    # Imported with the first request for the document, because nothing else needs it.
    from rest.openapi.document import document

    return document(settings.public_url, settings.rest_prefix, VERSION)


def ensure_free(prefix: str, routes: Sequence[BaseRoute]) -> None:
    """Raises WrongSetting when the prefix collides with the first segment of a route's path."""
    taken = {getattr(route, "path", "").split("/")[1] for route in routes}
    if prefix.split("/")[1] in taken:
        raise WrongSetting(
            f"CONNECT_REST_PREFIX is {prefix!r}, but the gateway answers there itself: "
            "take one like /api/v1"
        )


def beneath(base: str, rest_prefix: str, routes: Sequence[BaseRoute]) -> list[Middleware]:
    """Returns the middleware for the path of the public URL; none when it has no path.

    Raises WrongSetting when that path is one of our own.
    """
    if not base:
        return []
    kept = own_paths_below(base, [rest_prefix, *(getattr(route, "path", "") for route in routes)])
    if kept is None:
        raise WrongSetting(
            f"CONNECT_PUBLIC_URL ends in {base!r}, but the gateway answers there itself: "
            "take a path such as /connect"
        )
    return [Middleware(BasePath, base=base, kept=kept)]


def create_app(
    settings: Settings, clock: Clock | None = None, crew: Crew | None = None
) -> Starlette:
    """Returns the application; `crew` says of which other workers this process is one.

    Raises WrongSetting when the REST prefix or the path of the public URL collides with a route,
    when a trusted document cannot be run, or when the packages for traces are missing.
    """
    metrics = Metrics()
    whole = None if crew is None else CrewFigures(crew, metrics)
    is_alone = crew is None and isinstance(settings.database, SqliteFile)
    faces = Faces(settings.rest_prefix)
    trusted = manifest.read(settings)
    tracing = tracing_of(settings, crew)
    times = metrics.operation_times
    operations = tracing.operations(settings.graphql, trusted.documents, times.add)
    trusted.ensure_runnable(operations.ensure_runnable)
    counts = counts_of(crew)
    connections = Connections(settings.live_connections, counts)
    streams = HttpStreams(connections)
    graphql = GraphQLFace(
        operations,
        streams,
        connections.figures,
        over_get=settings.graphql.over_get,
        explorer=f"{settings.base_path}/explorer/" if settings.explorer == "on" else None,
    )
    origins = Origins(settings.cors_origins, settings.public_url)
    live = WebSocketFace(operations, connections, origins, metrics.observe)
    room = RoomFace(origins, link_throttle_of(crew, "tickets"), counts, is_alone=is_alone)
    metrics.watch_graphql(operations.counts, operations.persisted_counts)
    metrics.watch_live(connections.figures)
    metrics.watch_rooms(room.figures)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[State]:
        async with (
            nullcontext() if whole is None else whole.told(),
            tracing.running(),
            open_services(settings, clock, crew, tracing.database) as services,
        ):
            metrics.watch(services)
            trusted.announce(settings)
            async with (
                room.running(services),
                running_clock(services, is_alone=is_alone) as duty,
            ):
                metrics.watch_duty(CLOCK, duty)
                yield {"services": services, "wire": metrics.wire}

    rest = RestFace(settings.rest_prefix, settings.public_url, settings.page_size, streams)
    metrics.watch_errors("rest", rest.errors)
    metrics.watch_errors("graphql", operations.errors)
    metrics.watch_errors("gateway", faces.errors)
    own: list[BaseRoute] = [
        Route("/graphql", graphql),
        Route("/graphql/", graphql),
        *join.routes(connections.figures, link_throttle_of(crew), counts, settings.base_path),
        *rooms.routes(),
        *room_routes(),
        *health.routes((whole or metrics).text, settings.metrics, settings.database),
        *docs.routes(
            public_url=settings.public_url,
            static=pages(settings),
            sdl=_sdl if settings.graphql.introspection == OPEN else None,
            explorer=settings.explorer == "on",
            # Proxies keep them from the public, as those of deploy/ do.
            metrics=settings.metrics == "open" and settings.given_public_url is None,
            possible_types=_possible_types,
            openapi=lambda: _openapi(settings),
        ),
    ]
    ensure_free(settings.rest_prefix, own)
    app = Gateway(
        lifespan=lifespan,
        exception_handlers={404: Nowhere(settings.base_path), 405: not_this_way},
        routes=[*rest.route_table, *own],
        middleware=[
            *tracing.middleware(rest.route_table),
            *beneath(settings.base_path, settings.rest_prefix, own),
            Middleware(
                Telemetry,
                faces=faces,
                observe=metrics.observe,
                logs_all=settings.log_level == "debug",
            ),
            Middleware(Guard, faces=faces, allowed_hosts=settings.allowed_hosts),
            *cross_origin(settings.cors_origins),
            Middleware(Identify, faces=faces),
            Middleware(
                Crossroads,
                rest_prefix=settings.rest_prefix,
                rest=rest,
                graphql=graphql,
                live=live,
                room=room,
            ),
        ],
    )
    # A redirect would send the body and the token to an address built from the request's own Host.
    app.router.redirect_slashes = False
    return app
