"""What the commands for tokens do and print.

Standard output carries nothing but the result, so that it can be piped.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from db.engine import Database, DatabaseUnavailable
from db.models import TokenRow
from schema.domain.errors import Problem
from schema.operator import tokens

from . import secret_input
from .terminal import table
from .terminal.output import OutputLost, answer, flush, mentioning, remark


class Wanted(NamedTuple):
    """The options by which tokens are created and imported."""

    organization: str
    scopes: Sequence[str]
    name: str | None
    expires: str | None

    def at(self, now: datetime) -> tokens.NewToken:
        """Returns what is wanted of the token; raises ValidationFailed."""
        return tokens.NewToken(
            organization=self.organization,
            scopes=self.scopes or tokens.DEFAULT_SCOPES,
            name=tokens.DEFAULT_NAME if self.name is None else self.name,
            expires_at=None if self.expires is None else tokens.expiry_of(self.expires, now),
        )


async def create(wanted: Wanted, database: Database, now: datetime) -> None:
    """Prints a new token and nothing else; one that cannot be printed is revoked."""
    issued = await tokens.create_token(database, wanted.at(now), now)
    try:
        answer(issued.text)
        flush()
    except OutputLost as lost:
        _remark_on(issued)
        raise await _taken_back(issued, lost, database, now) from lost
    _remark_on(issued)


async def _taken_back(
    issued: tokens.Issued, lost: OutputLost, database: Database, now: datetime
) -> OutputLost:
    id = issued.token.id
    try:
        await tokens.revoke_token(database, id, now)
    except (Problem, DatabaseUnavailable):
        done = f"the token was created, and nobody has seen it: revoke {id}"
    else:
        done = f"the token, which nobody has seen, was revoked; its id is {id}"
    return OutputLost(lost.reason, done=done)


async def import_(wanted: Wanted, database: Database, now: datetime) -> None:
    """Imports the tokens that are read from standard input, and prints their ids."""
    texts = secret_input.lines("paste the tokens, one in each line, then press Enter and Ctrl+D")
    imported = await tokens.import_tokens(database, wanted.at(now), texts, now)
    count = f"{len(imported):,} {'token' if len(imported) == 1 else 'tokens'} imported"
    with mentioning(f"{count} all the same"):
        for issued in imported:
            answer(f"{issued.token.id}  {issued.token.prefix}…")
    _remark_on(imported[0])
    remark(f"{count} for “{imported[0].token.organization_name}”")


async def list_(as_json: bool, database: Database, now: datetime) -> None:
    """Prints all tokens."""
    found = await tokens.list_tokens(database)
    if as_json:
        table.show_json([_fields(token, now) for token in found])
        return
    heads = ("ID", "PREFIX", "ORGANIZATION", "NAME", "SCOPES", "STATE", "LAST USED")
    table.show(heads, [_line_of(token, now) for token in found])


async def revoke(named: str, was_argument: bool, database: Database, now: datetime) -> None:
    """Revokes the token that is named by its id, its prefix or its whole text."""
    token = await tokens.revoke_token(database, named, now)
    if was_argument and not tokens.answers_to(token, named):
        remark(
            "the whole token stays in the history of this shell: next time, use `token revoke -`"
        )
    when = "now" if token.revoked_at is None else f"since {table.minute(token.revoked_at)}"
    line = f"{token.id}  {token.prefix}…  of “{token.organization_name}”, revoked {when}"
    with mentioning(line):
        answer(line)


def _remark_on(issued: tokens.Issued) -> None:
    name = issued.token.organization_name
    if issued.is_new_organization:
        remark(f"the organization “{name}” is new")
    if not issued.token.organization_is_active:
        remark(f"the organization “{name}” is disabled: its tokens are refused")


def _state(token: TokenRow, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at is not None and token.expires_at <= now:
        return "expired"
    return "valid" if token.organization_is_active else "disabled"


def _state_in_words(token: TokenRow, now: datetime) -> str:
    match _state(token, now):
        case "revoked" if token.revoked_at is not None:
            return f"revoked {table.minute(token.revoked_at)}"
        case "expired" if token.expires_at is not None:
            return f"expired {table.minute(token.expires_at)}"
        case "disabled":
            return "organization disabled"
    return "valid" if token.expires_at is None else f"until {table.minute(token.expires_at)}"


def _line_of(token: TokenRow, now: datetime) -> tuple[str, ...]:
    used = "never" if token.last_used_at is None else table.minute(token.last_used_at)
    name = token.organization_name
    state = _state_in_words(token, now)
    return (token.id, f"{token.prefix}…", name, token.name, token.scopes, state, used)


def _fields(token: TokenRow, now: datetime) -> dict[str, object]:
    return {
        "id": token.id,
        "prefix": token.prefix,
        "organization": token.organization_name,
        "organization_id": token.organization_id,
        "name": token.name,
        "scopes": token.scopes.split(),
        "state": _state(token, now),
        "created_at": table.timestamp(token.created_at),
        "expires_at": table.timestamp(token.expires_at),
        "revoked_at": table.timestamp(token.revoked_at),
        "last_used_at": table.timestamp(token.last_used_at),
    }
