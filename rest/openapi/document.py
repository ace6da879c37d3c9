"""The OpenAPI document: the table of `rest.routes`, with the components that it names."""

import json
from typing import Any

import orjson

from ..fields import Json
from ..operation import Operation
from ..routes import OPERATIONS
from .bodies import BODIES
from .errors import ERRORS
from .parameters import CONDITIONS, PARAMETERS, PATH_IDS
from .responses import ERRORS as ERROR_RESPONSES
from .responses import HEADERS, responses
from .schemas import ANSWERS, INPUTS, ref

COMMITTED_URL = "http://127.0.0.1:8000"
COMMITTED_PREFIX = "/api/v1"
APPOINTMENTS = "Appointments"
PARTICIPANTS = "Participants"
EVENTS = "Events"

TITLE = "Consularia Connect API"
INFO: Json = {
    "description": "API for managing video appointments and participants",
    # The documented contact and licence are those of the original service.
    "contact": {"name": "The operator of this service"},
    "license": {
        "name": "The terms of the operator of this service",
        "identifier": "LicenseRef-Operator",
    },
}
TAGS = [
    {"name": APPOINTMENTS, "description": "Video appointments of the caller's organization."},
    {"name": PARTICIPANTS, "description": "The people who are invited to an appointment."},
    {"name": EVENTS, "description": "What happened, in order; an addition of this service."},
]
SCOPES = "Reading needs a token with the scope `read`, everything else one with `write`."
# The first is what generators build sign-in from: given an API key, they send the bare token.
SCHEMES: Json = {
    "BearerAuth": {
        "type": "http",
        "scheme": "bearer",
        "description": f"An API token: `Authorization: Bearer <token>`. {SCOPES}",
    },
    "ApiTokenAuth": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The same header, of which the whole value is given: `Token <token>`. "
        "`Api-Key <token>` and the header `X-API-Key: <token>` are accepted as well. "
        f"{SCOPES}",
    },
}


def document(public_url: str, prefix: str, release: str) -> bytes:
    """Returns the document as compact JSON, for a service that clients reach at `public_url`."""
    return orjson.dumps(_document(public_url.rstrip("/"), prefix.rstrip("/"), release))


def committed(release: str) -> str:
    """Returns the document as it is committed: indented, for the address of a first start."""
    content = _document(COMMITTED_URL, COMMITTED_PREFIX, release)
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _document(url: str, prefix: str, release: str) -> Json:
    return {
        "openapi": "3.1.0",
        # As it was documented: the release, then the version in the paths.
        "info": {"title": TITLE, "version": f"{release} (v1)", **INFO},
        "servers": [{"url": url}],
        "security": [{name: []} for name in SCHEMES],
        "tags": TAGS,
        "paths": _paths(prefix),
        "components": {
            "securitySchemes": SCHEMES,
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "requestBodies": BODIES,
            "responses": ERROR_RESPONSES,
            "schemas": {**ANSWERS, **INPUTS, **ERRORS},
        },
    }


def _paths(prefix: str) -> Json:
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        path = paths.setdefault(prefix + operation.path, _of_path(operation.path))
        path[operation.method.lower()] = _operation(operation)
    return paths


def _of_path(path: str) -> Json:
    names = [name for name in PATH_IDS if f"{{{name}}}" in path]
    return {"parameters": [ref("parameters", name) for name in names]} if names else {}


def _operation(operation: Operation) -> Json:
    rendered: dict[str, Any] = {
        "operationId": operation.operation_id,
        "summary": operation.summary,
        "tags": [_tag(operation.path)],
    }
    conditions = CONDITIONS if operation.takes_conditions else ()
    keys = ("Idempotency-Key",) if operation.writes else ()
    parameters = [ref("parameters", name) for name in (*operation.query, *conditions, *keys)]
    if parameters:
        rendered["parameters"] = parameters
    if operation.note:
        rendered["description"] = operation.note
    if operation.is_addition:
        rendered["x-addition"] = True
    if operation.body_name:
        rendered["requestBody"] = ref("requestBodies", operation.body_name)
    rendered["responses"] = responses(operation)
    return rendered


def _tag(path: str) -> str:
    if path.startswith("/events/"):
        return EVENTS
    return PARTICIPANTS if "/participants/" in path else APPOINTMENTS
