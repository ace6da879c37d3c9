"""What the tests of the built-in room do: join, sit down, be lost, look at log and attendance."""

from typing import Any, NamedTuple

from db.engine import Tenancy
from db.models import SeatRow
from db.queries import events, rooms
from gateway.settings import Settings
from schema.operation.call import Services
from schema.resolvers import joining, seating
from schema.resolvers.seating import Roster, SeatRefused, Taken
from tests.conftest import MovableClock
from tests.faces import GraphQLFace
from tests.people import Tenant

HERE, ELSEWHERE = "holder-here", "holder-elsewhere"
ATTENDANCE = """
query($id: ID!) { participant(id: $id) { attendance(last: 100) { joinedAt leftAt } } }
"""


class House(NamedTuple):
    """An appointment under way, and its people by name."""

    services: Services
    clock: MovableClock
    face: GraphQLFace
    tenant: Tenant
    settings: Settings
    booked: dict[str, Any]

    def person(self, name: str) -> dict[str, Any]:
        people: list[dict[str, Any]] = self.booked["participants"]
        return next(each for each in people if each["unique_id"] == name)

    async def join(self, name: str) -> joining.JoinOutcome:
        token = self.person(name)["access_link"].rpartition("/")[2]
        return await joining.join(self.services, token, "r")

    async def ticket(self, name: str) -> str:
        joined = await self.join(name)
        assert joined.ticket is not None, joined.visit.admission.code
        return joined.ticket.text

    async def sit(self, name: str, holder: str = HERE) -> Taken:
        """Joins by the link and takes a seat."""
        return await seating.take(self.services, await self.ticket(name), holder, "r")

    async def newest(self) -> int:
        """Returns the number of the newest message, or 0."""
        found = await seating.ends(self.services, [self.tenant.id])
        return found.get(self.booked["id"], 0)

    async def roster(self) -> Roster | None:
        return await seating.roster(self.services, self.tenant.id, self.booked["id"])

    async def names(self) -> tuple[list[str], list[str]]:
        """Who is seated and who waits."""
        found = await self.roster()
        assert found is not None
        return [each.name for each in found.seated], [each.name for each in found.waiting]

    async def seats(self) -> list[SeatRow]:
        async with self.services.database.read() as transaction:
            return await rooms.seats(Tenancy(transaction, self.tenant.id), self.booked["id"])

    async def log(self) -> list[tuple[str, str]]:
        """What happened to whom since the appointment was started."""
        names = {each["id"]: each["unique_id"] for each in self.booked["participants"]}
        async with self.services.database.read() as transaction:
            found = await events.after(Tenancy(transaction, self.tenant.id), 0, 1000)
        told = [(event.type, names.get(event.participant_id or "", "")) for event in found]
        return told[told.index(("appointment.started", "")) + 1 :]

    async def attendance(self, name: str) -> list[tuple[str, str | None]]:
        """Joins and leaves of a person, as times of the day."""
        data = await self.face.send(ATTENDANCE, id=self.person(name)["id"])
        stays = data["participant"]["attendance"]
        return [(_time(stay["joinedAt"]), _time(stay["leftAt"])) for stay in stays]

    async def pass_seconds(self, seconds: float, *alive: str) -> int:
        """Lets time pass while processes keep their seats; returns how many were given up."""
        given_up = 0
        while seconds > 0:
            step = min(seconds, 5.0)
            self.clock.move(seconds=step)
            for holder in alive:
                await seating.keep(self.services, self.tenant.id, holder)
            given_up += await seating.sweep(self.services)
            seconds -= step
        return given_up


def _time(instant: str | None) -> Any:
    return instant and instant[11:19]


async def refusal(work: Any) -> str:
    """Returns why a seat was refused."""
    try:
        await work
    except SeatRefused as refused:
        assert refused.message.endswith(".")
        return refused.code.value
    raise AssertionError("nothing was refused")
