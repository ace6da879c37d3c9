"""The comparison of a ledger with a database finds every loss that is planted."""

import asyncio
import copy
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .checker import compare
from .copies import file_of
from .ledger import Entry, Ledger, Outcome
from .load import Load, under_load
from .operations import Operation
from .row import Scale
from .state import State, of_sqlite


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ledger, State]:
    """A ledger of some hundred writes of every kind, and the database that they led to."""
    return asyncio.run(_kept(tmp_path_factory.mktemp("kept")))


async def _kept(folder: Path) -> tuple[Ledger, State]:
    site, ledger = Scale(folder, 0).site(), Ledger()
    try:
        await asyncio.to_thread(site.start)
        async with under_load(Load(lambda: site.port, site.accounts, 6, ledger)) as load:
            await load.reach(400)
        site.stop()
        return ledger, site.state()
    finally:
        site.close()


def test_what_was_written_is_there(kept: tuple[Ledger, State]) -> None:
    ledger, state = kept
    assert compare(ledger, state) == []
    assert ledger.reads > 20
    assert len(ledger.kinds()) == 13, "a kind of write that the load did not do"


def last(rows: list[Any], **wanted: Any) -> Any:
    return next(
        row for row in reversed(rows) if all(row[name] == value for name, value in wanted.items())
    )


def forgets_an_event(ledger: Ledger, state: State) -> None:
    state.event.remove(state.event[len(state.event) // 2])


def forgets_the_last_event_with_its_number(ledger: Ledger, state: State) -> None:
    home = state.organization[0]
    state.event.remove(last(state.event, organization_id=home["id"], seq=home["event_seq"]))
    home["event_seq"] -= 1


def rolls_the_last_write_back(ledger: Ledger, state: State) -> None:
    """As a commit that never reached the disk: nothing of it is left, and all is consistent."""
    row = last(state.event, type="appointment.updated")
    home = last(state.organization, id=row["organization_id"])
    state.event.remove(row)
    for each in state.event:
        if each["organization_id"] == home["id"] and each["seq"] > row["seq"]:
            each["seq"] -= 1
    home["event_seq"] -= 1
    for each in state.appointment:
        each["version"] -= each["id"] == row["appointment_id"]


def leaves_a_gap(ledger: Ledger, state: State) -> None:
    home = state.organization[1]
    home["event_seq"] += 1
    last(state.event, organization_id=home["id"], seq=home["event_seq"] - 1)["seq"] += 1


def writes_an_event_twice(ledger: Ledger, state: State) -> None:
    home = state.organization[0]
    home["event_seq"] += 1
    doubled = last(state.event, type="appointment.updated", organization_id=home["id"])
    state.event.append(doubled | {"seq": home["event_seq"], "id": "another"})


def writes_an_event_that_nobody_asked_for(ledger: Ledger, state: State) -> None:
    state.event[3]["request_id"] = "somebody"


def loses_an_appointment(ledger: Ledger, state: State) -> None:
    row = state.appointment[len(state.appointment) // 2]
    state.appointment.remove(row)
    last(state.organization, id=row["organization_id"])["appointment_count"] -= 1


def changes_without_an_event(ledger: Ledger, state: State) -> None:
    state.appointment[-1]["title"] = "Somebody else's"


def raises_a_version_without_an_event(ledger: Ledger, state: State) -> None:
    state.appointment[-1]["version"] += 1


def loses_an_update(ledger: Ledger, state: State) -> None:
    """As two who read the same version and both write: the second event stands for nothing."""
    row = last(state.event, type="appointment.updated")
    for each in state.appointment:
        each["version"] -= each["id"] == row["appointment_id"]


def loses_a_participant(ledger: Ledger, state: State) -> None:
    row = state.participant.pop()
    last(state.appointment, id=row["appointment_id"])["participant_count"] -= 1


def counts_wrong(ledger: Ledger, state: State) -> None:
    state.organization[0]["appointment_count"] += 1


def counts_people_wrong(ledger: Ledger, state: State) -> None:
    state.appointment[0]["participant_count"] += 1


def rotates_no_link(ledger: Ledger, state: State) -> None:
    last(state.participant, link_version=2)["link_version"] = 1


def half_applies_what_was_cut(ledger: Ledger, state: State) -> None:
    """The event of a write is there, its row is not, and nobody was told of it."""
    id, entry = next(
        (id, entry)
        for id, entry in ledger.entries.items()
        if entry.operations[0].kind == "create"
        and any(row["id"] == entry.told[0][""] for row in state.appointment)
    )
    ledger.entries[id] = entry._replace(outcome=Outcome.CUT, told=())
    row = last(state.appointment, id=entry.told[0][""])
    state.appointment.remove(row)
    last(state.organization, id=row["organization_id"])["appointment_count"] -= 1


def moves_to_another_organization(ledger: Ledger, state: State) -> None:
    row = state.event[len(state.event) // 2]
    others = [each for each in state.organization if each["id"] != row["organization_id"]]
    row["organization_id"] = others[0]["id"]


def tells_of_what_is_not_there(ledger: Ledger, state: State) -> None:
    home = state.organization[0]["id"]
    asked = Operation("rename", ("appointment.updated",), state.appointment[0]["id"])
    ledger.note("load-lost", Entry(home, (asked,), Outcome.DONE, 0, 0, ({},)))


def tells_another_id(ledger: Ledger, state: State) -> None:
    for id, entry in ledger.entries.items():
        if entry.operations[0].kind == "add":
            told = dict.fromkeys(entry.told[0], "another")
            ledger.entries[id] = entry._replace(told=(told,))


def starts_without_a_time(ledger: Ledger, state: State) -> None:
    last(state.appointment, status="active")["started_at"] = None


def the_clock_moves_twice(ledger: Ledger, state: State) -> None:
    home = state.organization[0]
    row = last(state.event, type="appointment.completed", organization_id=home["id"])
    home["event_seq"] += 1
    again = {"seq": home["event_seq"], "source": "clock", "request_id": "clock"}
    state.event.append(row | again)


def overwrites_what_another_wrote(ledger: Ledger, state: State) -> None:
    for id, entry in ledger.entries.items():
        if entry.operations[0].kind == "rename":
            asked = entry.operations[0]._replace(expected=10**6)
            ledger.entries[id] = entry._replace(operations=(asked,))


def does_what_it_refused(ledger: Ledger, state: State) -> None:
    id = last(state.event, type="appointment.rescheduled")["request_id"]
    ledger.entries[id] = ledger.entries[id]._replace(outcome=Outcome.REFUSED)


def answers_wrongly(ledger: Ledger, state: State) -> None:
    ledger.protest("['rename'] was answered 500")


PLANTED = [
    forgets_an_event,
    forgets_the_last_event_with_its_number,
    rolls_the_last_write_back,
    leaves_a_gap,
    writes_an_event_twice,
    writes_an_event_that_nobody_asked_for,
    loses_an_appointment,
    changes_without_an_event,
    raises_a_version_without_an_event,
    loses_an_update,
    loses_a_participant,
    counts_wrong,
    counts_people_wrong,
    rotates_no_link,
    half_applies_what_was_cut,
    moves_to_another_organization,
    tells_of_what_is_not_there,
    tells_another_id,
    starts_without_a_time,
    the_clock_moves_twice,
    overwrites_what_another_wrote,
    does_what_it_refused,
    answers_wrongly,
]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_what_is_planted_is_found(
    kept: tuple[Ledger, State], plant: Callable[[Ledger, State], None]
) -> None:
    ledger, state = copy.deepcopy(kept[0]), State(*copy.deepcopy(tuple(kept[1])))
    plant(ledger, state)
    assert compare(ledger, state) != []


def test_a_broken_file_is_found(tmp_path: Path) -> None:
    site = Scale(tmp_path, 0).site()
    path = file_of(site.url)
    assert of_sqlite(path).broken == []
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE api_token SET organization_id = 'nobody'")
    assert compare(Ledger(), site.state()) != []
