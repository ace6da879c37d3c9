"""People of an appointment, through the client that openapi-python-client generates."""

from uuid import UUID

from openapi_client import AuthenticatedClient
from openapi_client.api.appointments import appointments_retrieve
from openapi_client.api.participants import (
    appointments_participants_add_create,
    appointments_participants_remove_create,
)
from openapi_client.models import (
    AddedParticipant,
    Appointment,
    ParticipantRole,
    RemovedParticipant,
)
from with_openapi import sentences


def invite(client: AuthenticatedClient, id: str, person: str) -> str:
    body = [AddedParticipant(unique_id=person, role=ParticipantRole.PARTICIPANT)]
    answer = appointments_participants_add_create.sync(UUID(id), client=client, body=body)
    return people(answer)


def uninvite(client: AuthenticatedClient, id: str, person: str) -> str:
    found = appointments_retrieve.sync(UUID(id), client=client)
    if not isinstance(found, Appointment):
        return sentences(found)
    body = [RemovedParticipant(each.id) for each in found.participants if each.unique_id == person]
    return people(appointments_participants_remove_create.sync(found.id, client=client, body=body))


def people(answer: object) -> str:
    if isinstance(answer, Appointment):
        return ", ".join(each.unique_id for each in answer.participants)
    return sentences(answer)
