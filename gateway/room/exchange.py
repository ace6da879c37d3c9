"""What people of a room say to each other: handed over here, or posted to other processes."""

from typing import Any

import orjson

from db.models import ParticipantRole
from schema.operation.call import Services
from schema.resolvers.seating import Roster

from .difference import People
from .figures import Figures
from .member import Member, Missed
from .parcels import ALL, RELAYED, STATE, Parcel
from .postbox import Postbox
from .talk import messages


class Exchange:
    """The people of one appointment; `members` are those whose seat this process holds."""

    def __init__(self, services: Services, holder: str, figures: Figures) -> None:
        self.services = services
        self.members: dict[str, Member] = {}
        self.roster: Roster | None = None
        self.people: People = {}
        self._holder = holder
        # What everybody in the room shows, by seat.
        self._shown: dict[str, dict[str, Any]] = {}
        self._missed = Missed()
        self._post = Postbox(services, figures)

    @property
    def is_shared(self) -> bool:
        """Whether another process holds seats of the room."""
        roster = self.roster
        return roster is not None and any(
            each.holder != self._holder for each in (*roster.seated, *roster.waiting)
        )

    def is_moderator(self, seat: str) -> bool:
        """Whether somebody in the room is a moderator now."""
        found = self.people.get(seat)
        return found is not None and found.role is ParticipantRole.MODERATOR

    def shown(self, seat: str) -> dict[str, Any]:
        """Returns what somebody shows."""
        return self._shown.get(seat, {})

    def show(self, seat: str, shown: dict[str, Any]) -> None:
        """Lets everybody know what a seat of this process shows now."""
        self.send(Parcel(STATE, seat, ALL, orjson.dumps(shown).decode()))

    def forget_shown(self, seat: str) -> None:
        """Forgets what somebody showed who is no longer in the room."""
        self._shown.pop(seat, None)

    def send(self, parcel: Parcel) -> None:
        """Brings what a seat of this process says to whom it is for; nowhere if nobody is that."""
        if parcel.to == ALL:
            self.deliver(parcel)
            if self.is_shared:
                self.post(parcel)
        elif parcel.to in self.members:
            self._hand(self.members[parcel.to], parcel)
        elif parcel.to in self.people:
            self._send_away(parcel)

    def post(self, parcel: Parcel) -> None:
        """Posts a parcel to the other processes."""
        member = next(iter(self.members.values()), None)
        if member is not None:
            self._post.put(member.seat, parcel)

    def _send_away(self, parcel: Parcel) -> None:
        if self._is_elsewhere(parcel.to):
            self.post(parcel)
        else:
            self._missed.add(parcel.to, parcel)

    def _is_elsewhere(self, seat: str) -> bool:
        """Whether another process has their socket; not for who is about to be added here."""
        found = self.people[seat]
        return not found.is_absent and found.holder != self._holder

    def deliver(self, parcel: Parcel) -> None:
        """Hands a parcel to those it is for, as far as their seats are here."""
        if parcel.kind == STATE:
            self._deliver_state(parcel)
        elif parcel.kind in RELAYED:
            for member in list(self.members.values()):
                if parcel.to in (ALL, member.id) and member.id in self.people:
                    self._hand(member, parcel)

    def _deliver_state(self, parcel: Parcel) -> None:
        shown = orjson.loads(parcel.body)
        if self._shown.get(parcel.sender) != shown:
            self._shown[parcel.sender] = shown
            self.tell(messages.state(parcel.sender, shown), but=parcel.sender)

    def _hand(self, member: Member, parcel: Parcel) -> None:
        if parcel.kind == "mute" and member.id == parcel.sender:
            return
        if member.is_present:
            member.tell(parcel.body)
        elif member.id in self.people:
            self._missed.add(member.id, parcel)

    def forward(self) -> None:
        """Sends what waited for somebody on its way: they are back, or at another process."""
        for seat in self._missed.seats():
            member = self.members.get(seat)
            if member is not None:
                is_settled = member.is_present
            else:
                is_settled = seat not in self.people or self._is_elsewhere(seat)
            for parcel in self._missed.taken(seat) if is_settled else ():
                self.send(parcel)

    def tell(self, text: str, but: str = "") -> None:
        """Tells everybody in the room whose seat is here."""
        for member in self.members.values():
            if member.id != but and member.is_present:
                member.tell(text)

    def say_states(self) -> None:
        """Tells other processes what the seats of this one show."""
        for seat in self.members:
            if seat in self._shown:
                self.post(Parcel(STATE, seat, ALL, orjson.dumps(self._shown[seat]).decode()))
