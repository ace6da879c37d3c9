"""Tokens that are revoked by their text and imported in numbers, without being shown."""

import json
import os
import pty
import re
import select
import signal
import sys
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.upkeep.shell import ROOT, SECONDS, Shell

TOKENS = [f"{letter * 30}{number:010}" for number, letter in enumerate("abc")]


def create(connect: Shell) -> str:
    return connect("token", "create", "--organization", "Acme").out.strip()


def read(terminal: int, child: int) -> bytes:
    """Returns what a command writes next, nothing at its end; kills one that is silent for long."""
    if not select.select([terminal], [], [], SECONDS)[0]:
        os.kill(child, signal.SIGKILL)
        return b""
    try:
        return os.read(terminal, 1000)
    except OSError:
        return b""  # How Linux tells that nobody writes to it any more.


def typed(shell: Shell, answers: dict[bytes, str], *arguments: str) -> tuple[int, str]:
    """Runs a command on a terminal of its own; returns its exit status and all that was seen."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execve(
            sys.executable, [sys.executable, "-m", "gateway.cli", *arguments], shell.environment
        )
    seen = b""
    while part := read(terminal, child):
        seen += part
        for question in [each for each in answers if each in seen]:
            os.write(terminal, f"{answers.pop(question)}\n".encode())
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), seen.decode()


@pytest.mark.parametrize("arguments", [("-",), ()])
def test_a_terminal_asks_for_the_token_and_does_not_show_it(
    connect: Shell, arguments: tuple[str, ...]
) -> None:
    token = create(connect)
    status, seen = typed(connect, {b"(it is not shown)": token}, "token", "revoke", *arguments)
    assert (status, "revoked now" in seen) == (0, True)
    assert token not in seen


def test_an_empty_answer_is_refused_and_ctrl_c_interrupts(connect: Shell) -> None:
    create(connect)
    for answer, status, line in (("\x04", 1, "holds no token"), ("\x03", 130, "interrupted")):
        ended, seen = typed(connect, {b"(it is not shown)": answer}, "token", "revoke", "-")
        assert (ended, line in seen) == (status, True), seen
        assert "Traceback" not in seen
    assert '"valid"' in listed(connect)


def test_a_whole_token_is_revoked_from_standard_input(connect: Shell) -> None:
    token, other = create(connect), create(connect)
    said = connect("token", "revoke", "-", stdin=f"{token}\n")
    assert (said.status, said.err) == (0, "")
    states = {each["prefix"]: each["state"] for each in json.loads(listed(connect))}
    assert states == {token[:8]: "revoked", other[:8]: "valid"}
    again = connect("token", "revoke", "-", stdin=token)
    assert (again.status, "revoked since" in again.out) == (0, True)


def test_a_whole_token_as_an_argument_works_and_is_warned_about(connect: Shell) -> None:
    token = create(connect)
    said = connect("token", "revoke", token)
    assert (said.status, token in said.out + said.err) == (0, False)
    assert "stays in the history of this shell: next time, use `token revoke -`" in said.err


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda token: token[:-1], "mistyped or cut off"),
        (lambda token: "f" * 40, "There is no token of this text"),
        (lambda token: "", "standard input holds no token"),
    ],
)
def test_an_unknown_token_is_not_repeated(
    connect: Shell, change: Callable[[str], str], line: str
) -> None:
    wrong = change(create(connect))
    said = connect("token", "revoke", "-", stdin=wrong)
    assert (said.status, said.out) == (1, "")
    assert line in said.err
    assert not wrong or wrong not in said.err


def test_many_tokens_are_imported_at_once(connect: Shell) -> None:
    lines = f"\n{TOKENS[0]}\r\n\n  {TOKENS[1]}\n{TOKENS[2]}"
    said = connect("token", "import", "--organization", "Acme", "--scope", "read", stdin=lines)
    assert said.status == 0
    assert len(re.findall(r"^[0-9a-f-]{36}  \w{4}…$", said.out, re.M)) == 3
    assert said.err.splitlines() == [
        "connect: the organization “Acme” is new",
        "connect: 3 tokens imported for “Acme”",
    ]
    rows = json.loads(listed(connect))
    assert {each["prefix"] for each in rows} == {token[:4] for token in TOKENS}
    assert all(token not in said.out + said.err for token in TOKENS)


def test_many_tokens_are_imported_wholly_or_not_at_all(connect: Shell) -> None:
    connect("token", "import", "--organization", "Acme", stdin=TOKENS[2])
    for lines, refusals in [
        ([TOKENS[0], "short", TOKENS[1], TOKENS[0]],
         ["line 2, token: Give 20 to 512", "line 4, token: This is the token of line 1 once more"]),
        ([TOKENS[0], TOKENS[2]], ["line 2, token: This token is stored already"]),
        ([f"{number:030}" for number in range(10_001)], ["token: Give at most 10,000 tokens"]),
        (["x"] * 30, ["line 1, token: Give"]),
    ]:  # fmt: skip
        said = connect("token", "import", "--organization", "New", stdin="\n".join(lines))
        assert (said.status, said.out) == (1, "")
        for refusal in refusals:
            assert f"connect: {refusal}" in said.err
        assert len(said.err.splitlines()) <= 21
        assert "New" not in connect("organization", "list").out
        assert len(json.loads(listed(connect))) == 1


@pytest.mark.parametrize("nothing", ["", "\n\r\n  \n"])
def test_an_import_of_nothing_says_so(connect: Shell, nothing: str) -> None:
    said = connect("token", "import", "--organization", "New", stdin=nothing)
    assert (said.status, said.out) == (1, "")
    assert said.err.endswith("connect: standard input holds no token: give one in each line\n")


def test_more_than_a_mebibyte_is_refused_before_it_is_read(connect: Shell) -> None:
    said = connect("token", "import", "--organization", "New", stdin="x" * ((1 << 20) + 1))
    assert (said.status, said.out) == (1, "")
    assert said.err == "connect: standard input holds more than 1 MiB: give it in parts\n"


def listed(connect: Shell) -> str:
    return connect("token", "list", "--json").out


def test_listings_are_json_with_the_fields_of_the_manual(connect: Shell) -> None:
    assert json.loads(listed(connect)) == []
    token = connect(
        "token", "create", "--organization", "Büro “Köln”", "--scope", "read", "write",
        "--expires", "90d",
    ).out  # fmt: skip
    (row,) = json.loads(listed(connect))
    assert row["prefix"] == token[:8]
    assert (row["scopes"], row["state"]) == (["read", "write"], "valid")
    assert (row["revoked_at"], row["last_used_at"]) == (None, None)
    for name in ("created_at", "expires_at"):
        assert row[name].endswith("Z") and datetime.fromisoformat(row[name])
    (organization,) = json.loads(connect("organization", "list", "--json").out)
    assert (organization["name"], organization["state"]) == ("Büro “Köln”", "enabled")
    assert organization["id"] == row["organization_id"]
    settings = json.loads(connect("settings", "--json").out)
    assert {"name", "default", "description"} == settings[0].keys()
    manual = (ROOT / "docs" / "command-line.md").read_text()
    for each in (row, organization, settings[0]):
        assert all(f"`{name}`" in manual for name in each)
