"""The invented people of an organization: its staff, and those who come, some of them again."""

from datetime import datetime
from random import Random

from db.models import ParticipantRole, ParticipantRow

FIRST = (
    "Amara", "Beatriz", "Chiara", "Daniel", "Elif", "Farid", "Grace", "Hugo", "Inês", "Jonas",
    "Kerem", "Linh", "Miriam", "Nadia", "Olu", "Petra", "Quentin", "Rosa", "Samir", "Tariq",
    "Ursula", "Viktor", "Wanjiru", "Ximena", "Yusuf", "Zoë",
)  # fmt: skip
LAST = (
    "Okafor", "Silva", "Novak", "Duarte", "Kaya", "Rahman", "Adeyemi", "Laurent", "Costa",
    "Brandt", "Arslan", "Tran", "Hale", "Petrov", "Mensah", "Nováková", "Dupont", "García",
    "Haddad", "Demir", "Weber", "Ivanova", "Kamau", "Torres", "Yılmaz", "Müller", "Rossi",
)  # fmt: skip
MILLISECONDS = 10**3  # of a second
GUESTS, WEIGHTS = (1, 2, 3, 8), (60, 28, 10, 2)


class Cast:
    """Invents the participants of appointments; a few people come much more often than others."""

    def __init__(self, size: int, random: Random) -> None:
        self._random = random
        self._staff = max(2, size // 20_000)
        self._known = max(20, size * 2 // 5)

    def people(self, appointment_id: str, created_at: datetime) -> list[ParticipantRow]:
        """Returns a moderator of the staff, and between one and eight guests."""
        random = self._random
        (wanted,) = random.choices(GUESTS, WEIGHTS)
        guests: dict[int, None] = {}
        while len(guests) < wanted:
            guests[int(self._known * random.random() ** 1.5)] = None
        officer = self._known + random.randrange(self._staff)
        return [
            self._invited(place, number, appointment_id, created_at)
            for place, number in enumerate((officer, *guests))
        ]

    def _invited(
        self, place: int, number: int, appointment_id: str, created_at: datetime
    ) -> ParticipantRow:
        first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
        return ParticipantRow(
            ordered_id(created_at, place + 1, self._random),
            appointment_id,
            f"person-{number}@mail.example",
            f"{first} {last}" if number % 7 else None,
            ParticipantRole.PARTICIPANT if place else ParticipantRole.MODERATOR,
            1,
            created_at,
            created_at,
        )


def ordered_id(instant: datetime, place: int, random: Random) -> str:
    """Returns a UUIDv7 of an instant; those of one instant are in the order of `place`."""
    when = f"{int(instant.timestamp() * MILLISECONDS):012x}"
    rest = f"{1 << 63 | random.getrandbits(62):016x}"
    return f"{when[:8]}-{when[8:]}-7{place:03x}-{rest[:4]}-{rest[4:]}"
