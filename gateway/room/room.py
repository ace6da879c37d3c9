"""One room, as far as this process has people in it: who is there, and who is told of that."""

import asyncio

from schema.domain.admission import AdmissionCode
from schema.operation.call import Services
from schema.resolvers import departures, seating
from schema.resolvers.seating import Roster

from .difference import People, by_seat, difference
from .exchange import Exchange
from .figures import Figures
from .greeting import greetings, waiters
from .member import Member, person
from .parcels import ALL, HELLO, LOOK, Parcel
from .talk import messages
from .talk.over import Over

ENDINGS = {
    AdmissionCode.ENDED: "ENDED",
    AdmissionCode.UNKNOWN_LINK: "ENDED",
    AdmissionCode.CANCELLED: "CANCELLED",
    AdmissionCode.REMOVED: "REMOVED",
}


class Room(Exchange):
    """Keeps the people of one appointment as the database has them."""

    def __init__(
        self, services: Services, holder: str, place: tuple[str, str], figures: Figures
    ) -> None:
        super().__init__(services, holder, figures)
        self.place = self.organization_id, self.appointment_id = place
        # How many are about to be added: a room that is left by all others stays for them.
        self.expected = 0
        # The number of the last message of another process that was read.
        self.read_up_to = 0
        self._left: set[str] = set()
        self._looking = asyncio.Lock()
        self._asked = self._answered = 0

    @property
    def is_empty(self) -> bool:
        """Whether nobody of this process is in it, or about to be."""
        return not self.members and not self.expected

    async def add(self, member: Member, read_up_to: int) -> None:
        """Adds somebody whose seat was just taken or resumed; raises DatabaseUnavailable."""
        # What is being read at the moment may not know of that seat yet.
        async with self._looking:
            if not self.members:
                # While nobody is here, nothing is fetched, and numbers may begin anew.
                self.read_up_to = read_up_to
            before = self.members.get(member.id)
            if before is not None:
                self.dismiss(before, Over("TAKEN_OVER"))
            self.members[member.id] = member
        await self.look()
        self.poke(member.id)

    def poke(self, seat: str, kind: str = LOOK) -> None:
        """Has other processes look who is there, or say what their seats show."""
        if self.is_shared:
            self.post(Parcel(kind, seat, ALL, ""))

    async def receive(self, parcel: Parcel) -> None:
        """Takes what another process has posted; raises DatabaseUnavailable."""
        if parcel.kind == LOOK or parcel.sender not in self.people:
            await self.look()
        if parcel.kind == HELLO:
            self.say_states()
        elif parcel.sender in self.people:
            self.deliver(parcel)

    async def look(self) -> None:
        """Reads who is there, and tells the difference; once for all who ask at the same time.

        Raises DatabaseUnavailable.
        """
        self._asked += 1
        mine = self._asked
        async with self._looking:
            if self._answered >= mine:
                return
            asked = self._asked
            roster = await seating.roster(self.services, self.organization_id, self.appointment_id)
            if roster is None:
                await self._end()
            else:
                await self._compare(roster)
            self._answered = asked

    async def _end(self) -> None:
        for member in list(self.members.values()):
            await self._part(member)
        self.people = {}

    async def _part(self, member: Member) -> None:
        """Ends a member whose seat was given up, with what the link says now."""
        admission = await departures.admission(self.services, member.seat)
        code = ENDINGS.get(admission.code, "GONE")
        self.dismiss(member, Over(code, admission.message if code == "CANCELLED" else ""))

    def dismiss(self, member: Member, over: Over) -> None:
        """Ends the socket of a member, whose seat is no longer held here."""
        if self.members.get(member.id) is member:
            del self.members[member.id]
        if member.socket is not None:
            member.socket.end(over)

    async def _compare(self, roster: Roster) -> None:
        people, waiting = by_seat(roster.seated), by_seat(roster.waiting)
        for member in list(self.members.values()):
            found = people.get(member.id) or waiting.get(member.id)
            if found is None:
                await self._part(member)
            elif found.holder != self._holder:
                self.dismiss(member, Over("TAKEN_OVER"))
        unclear = {
            each.participant_id
            for id, each in self.people.items()
            if id not in people and id not in self._left and not each.is_absent
        }
        removed = await departures.removed(self.services, self.organization_id, unclear)
        before, self.roster = self.roster, roster
        self._tell_difference(people, removed)
        self._tell_waiting(before, roster)
        self.forward()

    def _tell_difference(self, people: People, removed: frozenset[str]) -> None:
        found, self.people = difference(self.people, people), people
        for each in found.went:
            is_lost = each.is_absent and each.seat_id not in self._left
            reason = "removed" if each.participant_id in removed else "lost" if is_lost else "left"
            self.forget_shown(each.seat_id)
            self.tell(messages.went(each.seat_id, reason))
        self._left.clear()
        for each in found.came:
            self.tell(messages.came(person(each, self.shown(each.seat_id))))
        for each in found.absences:
            self.tell(messages.absent(each.seat_id, each.is_absent))
        for each in found.changed:
            self.tell(messages.changed(person(each, self.shown(each.seat_id))))
            member = self.members.get(each.seat_id)
            if member is not None and self.roster and self.is_moderator(member.id):
                member.tell(messages.knocks(waiters(self.roster)))

    def _tell_waiting(self, before: Roster | None, now: Roster) -> None:
        """Tells moderators who waits, and whoever does not know it yet that they are in or wait."""
        is_new = before is None or waiters(before) != waiters(now)
        for member in self.members.values():
            if member.is_present and is_new and self.is_moderator(member.id):
                member.tell(messages.knocks(waiters(now)))
            elif member.id in self.people and not member.is_told:
                member.is_told = True
                for text in greetings(self, member, now):
                    member.tell(text)
            elif member.id not in self.people and not member.is_waiting:
                member.is_waiting = True
                member.tell(messages.waiting(member.id, member.key))

    def knows_absence(self, seat: str) -> bool:
        """Whether the database knows that the connection of a seat is lost."""
        roster = self.roster
        everybody = () if roster is None else (*roster.seated, *roster.waiting)
        return all(each.is_absent for each in everybody if each.seat_id == seat)

    def mark_left(self, seat: str) -> None:
        """Remembers that somebody leaves of their own accord."""
        self._left.add(seat)
