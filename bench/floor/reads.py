"""The floor's reads: a statement or three each, straight on the event loop.
Called by `app.py` for both faces; rows become plain dicts that orjson writes."""

import sqlite3
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from .callers import Caller
from .storage import link, shown, stored

URL = "http://127.0.0.1/api/v1/appointments/"
PAGE_SIZE = 20

ONE = """SELECT id, title, start_date_time, duration_minutes, status, config, created_at, updated_at
FROM appointment WHERE organization_id = ? AND id = ?"""
PARTICIPANTS = """SELECT id, unique_id, display_name, role, link_version
FROM participant WHERE organization_id = ? AND appointment_id = ? ORDER BY id"""
NESTED = """SELECT appointment_id, id, unique_id, display_name, role, link_version
FROM participant WHERE organization_id = ?1
AND appointment_id IN (SELECT value FROM json_each(?2)) ORDER BY appointment_id, id"""
COLUMNS = """a.id, a.title, a.start_date_time, a.duration_minutes, a.status,
(SELECT count(*) FROM participant p
 WHERE p.organization_id = a.organization_id AND p.appointment_id = a.id), a.created_at"""
ORDER = "ORDER BY a.start_date_time DESC, a.id LIMIT ?4 OFFSET ?5"
WINDOW = "a.organization_id = ?1 AND a.start_date_time >= ?2 AND a.start_date_time <= ?3"
IN_WINDOW = f"SELECT {COLUMNS} FROM appointment a WHERE {WINDOW} {ORDER}"
COUNT_WINDOW = f"SELECT count(*) FROM appointment a WHERE {WINDOW}"
OF_PERSON = f"""SELECT {COLUMNS} FROM participant i
CROSS JOIN appointment a ON a.organization_id = i.organization_id AND a.id = i.appointment_id
WHERE i.organization_id = ?1 AND i.unique_id = ?2
ORDER BY a.start_date_time DESC, a.id LIMIT ?3 OFFSET ?4"""
COUNT_PERSON = "SELECT count(*) FROM participant WHERE organization_id = ? AND unique_id = ?"
EARLIEST = "0001-01-01T00:00:00.000000Z"
LATEST = "9999-12-31T23:59:59.999999Z"
SWITCHES = {
    "breakoutRoomsEnabled": "breakout_rooms_enabled",
    "whiteboardEnabled": "whiteboard_enabled",
    "chatEnabled": "chat_enabled",
    "joinScreenEnabled": "join_screen_enabled",
    "screenshareEnabled": "screenshare_enabled",
    "raiseHandEnabled": "raise_hand_enabled",
}
Found = dict[str, Any]
Row = tuple[Any, ...]


class Reads:
    """Everything that is read, on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.execute = connection.execute

    def one(self, organization: str, key: str) -> tuple[Row, list[Row]] | None:
        """Answer one appointment and its participants as rows."""
        row = self.execute(ONE, (organization, key)).fetchone()
        if row is None:
            return None
        return row, self.execute(PARTICIPANTS, (organization, key)).fetchall()

    def page(self, organization: str, name: str, query: bytes) -> Found:
        """Answer a REST page of a window or of a person."""
        given = dict(parse_qsl(query.decode()))
        number = int(given.get("page", "1"))
        if "participant_unique_id" in given:
            who = given["participant_unique_id"]
            rows, count = self.of_person(organization, who, number)
        else:
            begin = stored(given["start_date"]) if "start_date" in given else EARLIEST
            end = stored(given["end_date"]) if "end_date" in given else LATEST
            rows, count = self.in_window(organization, begin, end, number)
        more = count > number * PAGE_SIZE
        return {
            "count": count,
            "next": page_url(given, number + 1) if more else None,
            "previous": page_url(given, number - 1) if number > 1 else None,
            "results": [
                {
                    "id": row[0],
                    "title": row[1],
                    "start_date_time": shown(row[2]),
                    "duration_minutes": row[3],
                    "status": row[4],
                    "participant_count": row[5],
                    "organization_name": name,
                    "created_at": shown(row[6]),
                }
                for row in rows
            ],
        }

    def in_window(
        self, organization: str, begin: str, end: str, page: int, size: int = PAGE_SIZE
    ) -> tuple[list[Row], int]:
        """Answer one page of a window of time, and how many there are."""
        values = (organization, begin, end)
        rows = self.execute(IN_WINDOW, (*values, size, (page - 1) * size)).fetchall()
        return rows, self.execute(COUNT_WINDOW, values).fetchone()[0]

    def of_person(self, organization: str, who: str, page: int) -> tuple[list[Row], int]:
        """Answer one page of a person's appointments, and how many there are."""
        offset = (page - 1) * PAGE_SIZE
        values = (organization, who)
        rows = self.execute(OF_PERSON, (*values, PAGE_SIZE, offset)).fetchall()
        return rows, self.execute(COUNT_PERSON, values).fetchone()[0]

    def window_connection(self, caller: Caller, begin: str, end: str) -> Found:
        """Answer a GraphQL page of a window of time."""
        organization = caller.organization_id
        found = self.in_window(organization, stored(begin), stored(end), 1)
        return self.connection(caller, *found)

    def nested(self, organization: str, keys: list[str]) -> dict[str, list[Row]]:
        """Answer the participants of several appointments, by the appointment's id."""
        guests: dict[str, list[Row]] = {key: [] for key in keys}
        for guest in self.execute(NESTED, (organization, orjson.dumps(keys).decode())):
            guests[guest[0]].append(guest[1:])
        return guests

    def connection(self, caller: Caller, rows: list[Row], count: int) -> Found:
        """Write rows as a GraphQL connection with nested participants."""
        guests = self.nested(caller.organization_id, [row[0] for row in rows])
        owner = {"name": caller.name}
        return {
            "totalCount": count,
            "pageInfo": {"hasNextPage": count > PAGE_SIZE},
            "nodes": [
                {
                    "id": row[0],
                    "title": row[1],
                    "startDateTime": shown(row[2]),
                    "durationMinutes": row[3],
                    "status": row[4].upper(),
                    "participantCount": row[5],
                    "organization": owner,
                    "createdAt": shown(row[6]),
                    "participants": {
                        "nodes": [guest_node(guest) for guest in guests[row[0]][:PAGE_SIZE]]
                    },
                }
                for row in rows
            ],
        }


def detail(row: Row, guests: list[Row]) -> Found:
    """Write an appointment as REST shows it."""
    return {
        "id": row[0],
        "title": row[1],
        "start_date_time": shown(row[2]),
        "duration_minutes": row[3],
        "status": row[4],
        "config": None if row[5] is None else orjson.loads(row[5]),
        "participants": [
            {
                "id": guest[0],
                "unique_id": guest[1],
                "display_name": guest[2],
                "role": guest[3],
                "access_link": link(guest[0], guest[4]),
            }
            for guest in guests
        ],
        "created_at": shown(row[6]),
        "updated_at": shown(row[7]),
    }


def node(row: Row, guests: list[Row]) -> Found:
    """Write an appointment as GraphQL shows it."""
    config = None if row[5] is None else orjson.loads(row[5])
    return {
        "id": row[0],
        "title": row[1],
        "startDateTime": shown(row[2]),
        "durationMinutes": row[3],
        "status": row[4].upper(),
        "config": None
        if config is None
        else {name: config.get(key) for name, key in SWITCHES.items()},
        "participants": {"nodes": [guest_node(guest) for guest in guests[:PAGE_SIZE]]},
        "createdAt": shown(row[6]),
        "updatedAt": shown(row[7]),
    }


def guest_node(guest: Row) -> Found:
    """Write a participant as GraphQL shows it."""
    return {
        "id": guest[0],
        "uniqueId": guest[1],
        "displayName": guest[2],
        "role": guest[3].upper(),
        "accessLink": link(guest[0], guest[4]),
    }


def page_url(given: dict[str, str], number: int) -> str:
    """Link to another page with the other parameters kept, keys sorted."""
    others = {name: value for name, value in given.items() if name != "page"}
    wanted = others if number == 1 else {**others, "page": str(number)}
    query = urlencode(sorted(wanted.items()))
    return f"{URL}?{query}" if query else URL
