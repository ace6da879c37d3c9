"""The API as an organizer uses it, for pages behind access links."""

from datetime import timedelta
from typing import Any

import httpx2

from tests.conftest import LiveServer


class Site:
    """Books appointments and asks what became of them."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.client = httpx2.Client(
            base_url=server.url + "/api/v1/appointments/",
            headers={"Authorization": f"Token {server.token}"},
        )

    def book(self, minutes: float, **config: bool) -> dict[str, Any]:
        """Books an appointment that starts in so many minutes by the server's clock."""
        start = self.server.clock.now() + timedelta(minutes=minutes)
        answer = self.client.post(
            "",
            json={
                "title": "Passport renewal",
                "start_date_time": start.isoformat(),
                "duration_minutes": 30,
                "participants": [
                    {"unique_id": "anna", "display_name": "Anna Keller", "role": "moderator"},
                    {"unique_id": "ben", "display_name": "Ben Ode", "role": "participant"},
                ],
                "config": config or None,
            },
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def status(self, row: dict[str, Any]) -> str:
        return str(self.client.get(f"{row['id']}/").json()["status"])


def links(row: dict[str, Any]) -> tuple[str, str]:
    moderator, participant = (person["access_link"] for person in row["participants"])
    return moderator, participant
