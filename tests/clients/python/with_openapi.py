"""Appointments through the client that openapi-python-client generates."""

from itertools import count
from typing import Any
from uuid import UUID

import httpx
from openapi_client import AuthenticatedClient
from openapi_client.api.appointments import (
    appointments_create,
    appointments_list,
    appointments_partial_update,
)
from openapi_client.models import (
    Appointment,
    AppointmentChanged,
    AppointmentChanges,
    AppointmentItem,
    AppointmentPage,
    Detail,
    NewAppointment,
)


class SignedOut(Exception):
    """The service refuses the token."""


def connect(url: str, token: str) -> AuthenticatedClient:
    def refuse(response: httpx.Response) -> None:
        if response.status_code == 401:
            raise SignedOut

    return AuthenticatedClient(
        base_url=url, token=token, httpx_args={"event_hooks": {"response": [refuse]}}
    )


def list_appointments(
    client: AuthenticatedClient, person: str, page_size: int = 20
) -> list[AppointmentItem]:
    found: list[AppointmentItem] = []
    for number in count(1):
        page = appointments_list.sync(
            client=client, participant_unique_id=person, page=number, page_size=page_size
        )
        if not isinstance(page, AppointmentPage):
            raise RuntimeError(sentences(page))
        found += page.results
        if page.next_ is None:
            break
    return found


def book(client: AuthenticatedClient, booking: NewAppointment) -> str:
    answer = appointments_create.sync(client=client, body=booking)
    if isinstance(answer, Appointment):
        return f"booked for {answer.start_date_time:%Y-%m-%dT%H:%M:%SZ}"
    return sentences(answer)


def rename(client: AuthenticatedClient, id: str, title: str) -> str:
    answer = appointments_partial_update.sync(
        UUID(id), client=client, body=AppointmentChanges(title=title)
    )
    return (
        f"now called {answer.title}"
        if isinstance(answer, AppointmentChanged)
        else sentences(answer)
    )


def sentences(refusal: Any) -> str:
    """Says in words what a refusal holds: a sentence, or sentences at the place of each value."""
    match refusal:
        case str():
            return refusal
        case Detail(detail=sentence):
            return sentence
        case list():
            return " ".join(filter(None, map(sentences, refusal)))
        case dict():
            return "\n".join(f"{place}: {sentences(below)}" for place, below in refusal.items())
    return sentences(refusal.to_dict())
