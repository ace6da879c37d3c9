"""A migration that is killed at every step leaves the old schema or the new one."""

import asyncio
import json
import subprocess
import sys
from typing import Any
from uuid import UUID

from tests.service import ROOT

from .checker import counted
from .copies import run
from .row import Finding, Scale
from .state import State, reader

AT = "2026-03-10T09:00:00.000000Z"
STATUSES = ("scheduled", "active", "completed", "cancelled")
ORGANIZATIONS, APPOINTMENTS = 3, 40


async def migrations(scale: Scale) -> Finding:
    """Kills migrations from nothing, from the first revision and from all later ones, with data.

    With `times` over 1 at every step of each, otherwise at some.
    """
    empty, filled = scale.url(), scale.url()
    await asyncio.to_thread(_fill, filled)
    # A copy takes much longer on a server than of a file.
    small, large = (1, 1) if scale.times > 1 else (1, 25) if scale.server is None else (7, 30)
    found = await asyncio.to_thread(_stepped, empty, filled, small, large)
    wrong: list[str] = found["wrong"]
    for revision, url in found["done"].items():
        if revision:
            wrong += await asyncio.to_thread(_kept, url, revision)
    words = f"migrations from {len(found['done'])} states killed at {found['kills']} steps"
    return Finding(not wrong and found["kills"] > 20, f"{words}, {len(wrong)} wrong", tuple(wrong))


def _stepped(*arguments: object) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.faults.stepping", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=1_800, check=False,
    )  # fmt: skip
    if ran.returncode != 0:
        raise RuntimeError(ran.stderr[-2000:])
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _fill(url: str) -> None:
    """Migrates to the first revision and fills it with rows, as that release had them."""
    program = f"from tests.faults.stepping import to; to({url!r}, '0001')"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
    run(url, *(f"INSERT INTO {table} VALUES {rows}" for table, rows in _rows().items()))


def _rows() -> dict[str, str]:
    """The rows of each table, as SQL that both databases read."""
    homes = [_id(1, n) for n in range(ORGANIZATIONS)]
    booked = [(homes[n % ORGANIZATIONS], _id(2, n), n) for n in range(APPOINTMENTS)]
    organizations = [f"('{id}', 'Home {id}', true, 20, '{AT}')" for id in homes]
    appointments = [
        f"('{home}', '{id}', 'Title {n}', '{AT}', 30, NULL, '{STATUSES[n % 4]}', 1,"
        f" NULL, NULL, NULL, NULL, '{AT}', '{AT}')"
        for home, id, n in booked
    ]
    people = [
        f"('{_id(3, 2 * n + m)}', '{home}', '{id}', 'p{m}@example.org', NULL, 'participant', 1,"
        f" '{AT}', '{AT}')"
        for home, id, n in booked
        for m in range(2)
    ]
    events = [
        f"('{home}', {seq}, '{_id(4 + place, seq)}', 'participant.joined', '{_id(2, place)}',"
        f" '{_id(3, 2 * place)}', '[]', NULL, 'system', 'link', 'r', '{AT}')"
        for place, home in enumerate(homes)
        for seq in range(1, 21)
    ]
    tables = {
        "organization (id, name, is_active, event_seq, created_at)": organizations,
        "appointment (organization_id, id, title, start_date_time, duration_minutes, config,"
        " status, version, started_at, ended_at, cancelled_at, cancel_reason, created_at,"
        " updated_at)": appointments,
        "participant (id, organization_id, appointment_id, unique_id, display_name, role,"
        " link_version, created_at, updated_at)": people,
        "event (organization_id, seq, id, type, appointment_id, participant_id, changed_fields,"
        " data, actor, source, request_id, occurred_at)": events,
    }
    return {table: ", ".join(rows) for table, rows in tables.items()}


def _id(kind: int, number: int) -> UUID:
    return UUID(int=kind << 96 | number)


def _kept(url: str, revision: str) -> list[str]:
    """Whether every row of the old database is in the new one, with right counts."""
    state: State = reader(url)()
    found = [*state.broken, *counted(state)]
    sizes = (len(state.organization), len(state.appointment), len(state.participant))
    if sizes != (ORGANIZATIONS, APPOINTMENTS, 2 * APPOINTMENTS):
        found.append(f"{sizes} rows are left")
    if len(state.event) != 20 * ORGANIZATIONS:
        found.append(f"{len(state.event)} events are left")
    return [f"from {revision}: {each}" for each in found]
