"""What a mutation answers when it is sent again after it was done, as `docs/graphql.md` says."""

from typing import Any

import pytest

from .conftest import Ask
from .test_payloads import booked

# The mutation, what is selected, and what the second time answers.
REPEATED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "updateAppointment": ('(id: "ID", changes: {title: "N"})',
        "... on AppointmentUpdated { appointment { version } }", {"appointment": {"version": 2}}),
    "updateAppointment of a version": ('(id: "ID", changes: {title: "N"}, expectedVersion: 1)',
        "... on VersionConflict { currentVersion }", {"currentVersion": 2}),
    "deleteAppointment": ('(id: "ID")', "... on NotFound { id }", {"id": "ID"}),
    "addParticipants": ('(appointmentId: "ID", participants: [{uniqueId: "b", role: MODERATOR}])',
        "... on ParticipantsAdded { added { id } alreadyPresent { uniqueId } }",
        {"added": [], "alreadyPresent": [{"uniqueId": "b"}]}),
    "removeParticipants": ('(appointmentId: "ID", participantIds: ["PERSON"])',
        "... on ParticipantsRemoved { removedParticipantIds unknownIds }",
        {"removedParticipantIds": [], "unknownIds": ["PERSON"]}),
    "updateParticipant": ('(id: "PERSON", changes: {displayName: "N"})',
        "... on ParticipantUpdated { participant { appointment { version } } }",
        {"participant": {"appointment": {"version": 2}}}),
    "removeParticipant": ('(id: "PERSON")', "... on NotFound { id }", {"id": "PERSON"}),
    "rotateAccessLink": ('(id: "PERSON")',
        "... on AccessLinkRotated { participant { appointment { version } } }",
        {"participant": {"appointment": {"version": 3}}}),
    "startAppointment": ('(id: "ID", expectedVersion: 1)',
        "... on AppointmentTransitioned { appointment { status version } }",
        {"appointment": {"status": "ACTIVE", "version": 2}}),
    "cancelAppointment": ('(id: "ID", reason: "TIMES", expectedVersion: 1)',
        "... on AppointmentTransitioned { appointment { status cancelReason } }",
        {"appointment": {"status": "CANCELLED", "cancelReason": "first"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", REPEATED)
async def test_a_mutation_that_was_done_is_sent_again(ask: Ask, clock: Any, name: str) -> None:
    made = await booked(ask)
    known = {"ID": made["id"], "PERSON": made["participants"]["nodes"][0]["id"]}
    clock.move(minutes=50)
    arguments, selected, wanted = REPEATED[name]
    field = name.split()[0]

    async def send(times: str) -> Any:
        text = arguments.replace("TIMES", times)
        for word, id in known.items():
            text = text.replace(f'"{word}"', f'"{id}"')
        answer = await ask(f"mutation {{ {field}{text} {{ {selected} }} }}")
        assert "errors" not in answer
        return answer["data"][field]

    await send("first")
    again = repr(await send("second"))
    for word, id in known.items():
        again = again.replace(id, word)
    assert again == repr(wanted)
