"""The webhook by which a room service reports who left: `POST /rooms/webhook`.

The vendor's adapter checks the signature. Answers 404 if the vendor sends no reports.
"""

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from db.engine import DatabaseUnavailable
from rest.wire.body import BodyTooLarge, read_body
from schema.operation.call import Services
from schema.resolvers import joining
from schema.rooms import DeviceLeft, Reporting, WebhookMalformed, WebhookRefused

MAX_BYTES = 65_536

log = structlog.get_logger("connect.rooms")


def routes() -> list[BaseRoute]:
    """Returns the route of the webhook."""
    return [Route("/rooms/webhook", _webhook, methods=["POST"])]


async def _webhook(request: Request) -> Response:
    services: Services = request.state.services
    request.scope["connect.operation"] = ("rooms", "webhook")
    if not isinstance(services.rooms, Reporting):
        return JSONResponse({"detail": "The rooms in use report nothing here."}, 404)
    try:
        body = await read_body(request.scope["headers"], request.receive, MAX_BYTES)
        report = services.rooms.webhook(body, request.headers.get("authorization", ""))
    except BodyTooLarge as error:
        return JSONResponse({"detail": error.message}, 413)
    except WebhookRefused as error:
        return JSONResponse({"detail": f"Refused: {error}."}, 401)
    except WebhookMalformed as error:
        return JSONResponse({"detail": f"Malformed: {error}."}, 400)
    if isinstance(report, DeviceLeft):
        request_id = request.scope["connect.request_id"]
        try:
            await joining.leave(services, report, request_id)
        except DatabaseUnavailable as error:
            log.error("database_unavailable", request_id=request_id, reason=str(error))
            return JSONResponse({"detail": "Report it again."}, 503, {"Retry-After": "5"})
    return JSONResponse({"status": "ok"})
