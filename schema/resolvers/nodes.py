"""Operations on any object by its id, and on the caller."""

from collections.abc import Sequence

from strawberry import Parent

from db.ids import canonical
from db.models import AppointmentRow, ParticipantRow
from db.queries import appointments, participants

from ..domain.errors import BadInput
from ..inputs import NodeId, NodeIds
from ..operation.call import Call
from ..operation.caller import Caller, OrganizationView
from ..operation.gate import reads

MAX_IDS = 100

Row = AppointmentRow | ParticipantRow | OrganizationView


@reads
async def get_node(call: Parent[Call], id: NodeId) -> Row | None:
    """Any object by its id (Relay)."""
    return (await _found(call, [id]))[0]


@reads
async def get_nodes(call: Parent[Call], ids: NodeIds) -> list[Row | None]:
    """Up to 100 objects by their ids, in the order asked; null where there is none."""
    if len(ids) > MAX_IDS:
        raise BadInput(f"Give at most {MAX_IDS} ids.")
    return await _found(call, ids)


@reads
async def get_viewer(call: Parent[Call]) -> Caller:
    """The caller."""
    return call.caller


async def _found(call: Call, ids: Sequence[str]) -> list[Row | None]:
    asked = [canonical(id) for id in ids]
    known = list({id for id in asked if id})
    rows: dict[str, Row] = {row.id: row for row in await appointments.get_many(call.tx, known)}
    rest = [id for id in known if id not in rows]
    if rest:
        rows |= {row.id: row for row in await participants.get_many(call.tx, rest)}
    own = call.caller.organization
    rows[own.id] = own
    return [rows.get(id) if id else None for id in asked]
