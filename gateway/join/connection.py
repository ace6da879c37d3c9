"""What a browser needs to try its connection before joining: ICE servers and their credentials."""

from datetime import timedelta

from starlette.responses import Response

from rest.wire.answer import render
from schema.operation.call import Services
from schema.resolvers.joining import Visit
from schema.rooms.builtin import BuiltinRooms

from .answers import HEADERS

# A try takes seconds. Who only holds a link that opens in a week does not get a relay for a week.
GOOD_FOR = timedelta(minutes=10)
NOT_HERE = "Nothing can be tried here: the room is not in the page of the link."


def connection(services: Services, visit: Visit) -> Response:
    """Returns the ICE servers for a visit that may still lead in; 404 without built-in rooms."""
    if visit.participant is None or not isinstance(services.rooms, BuiltinRooms):
        refused = {"code": "NO_CONNECTION_CHECK", "message": NOT_HERE}
        return Response(render(refused, 0), 404, HEADERS, "application/json")
    expires_at = visit.admission.server_time + GOOD_FOR
    servers = services.rooms.ice_servers(expires_at, visit.participant.id)
    data = {"ice_servers": servers, "expires_at": expires_at}
    return Response(render(data, 0), 200, HEADERS, "application/json")
