"""Appointments through the client that ariadne-codegen generates."""

from typing import Any

from ariadne_client import Client, NewAppointment
from ariadne_client.appointments import AppointmentsAppointmentsEdgesNode
from ariadne_client.base_client import Response
from ariadne_client.book import (
    BookCreateAppointmentAppointmentCreated,
    BookCreateAppointmentValidationFailed,
)
from ariadne_client.rename import (
    RenameUpdateAppointmentAppointmentUpdated,
    RenameUpdateAppointmentNotAllowedInStatus,
    RenameUpdateAppointmentNotFound,
    RenameUpdateAppointmentValidationFailed,
    RenameUpdateAppointmentVersionConflict,
)


class SignedOut(Exception):
    """The service refuses the token."""


class Book(Client):
    def get_data(self, response: Response) -> dict[str, Any]:
        if response.status_code == 401:
            raise SignedOut
        return super().get_data(response)


def connect(url: str, token: str) -> Book:
    return Book(url=f"{url}/graphql", headers={"Authorization": f"Bearer {token}"})


def list_appointments(
    client: Client, person: str, first: int = 20
) -> list[AppointmentsAppointmentsEdgesNode]:
    found: list[AppointmentsAppointmentsEdgesNode] = []
    after = None
    while True:
        page = client.appointments(person, first=first, after=after).appointments
        found += [edge.node for edge in page.edges]
        if not page.page_info.has_next_page:
            return found
        after = page.page_info.end_cursor


def book(client: Client, booking: NewAppointment) -> str:
    match client.book(booking).create_appointment:
        case BookCreateAppointmentAppointmentCreated(appointment=appointment):
            return f"booked for {appointment.start_date_time:%Y-%m-%dT%H:%M:%SZ}"
        case BookCreateAppointmentValidationFailed(fields=fields):
            return "\n".join(f"{'.'.join(each.path)}: {each.message}" for each in fields)
        case None:
            return "not booked"


def rename(client: Client, id: str, title: str, expected_version: int | None = None) -> str:
    match client.rename(id, title, expected_version).update_appointment:
        case RenameUpdateAppointmentAppointmentUpdated(appointment=appointment):
            return f"now called {appointment.title}"
        case RenameUpdateAppointmentValidationFailed(fields=fields):
            return "\n".join(f"{'.'.join(each.path)}: {each.message}" for each in fields)
        case RenameUpdateAppointmentVersionConflict(current_version=version):
            return f"changed by somebody else, now at version {version}"
        case RenameUpdateAppointmentNotAllowedInStatus(status=status):
            return f"not while it is {status.value}"
        case RenameUpdateAppointmentNotFound(id=missing):
            return f"no appointment {missing}"
        case None:
            return "not renamed"
