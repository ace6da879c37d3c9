"""The commands for tokens and organizations.

Standard output carries nothing but the result, so that it can be piped.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from db.engine import Database, DatabaseUnavailable
from db.models import OrganizationRow, TokenRow
from schema.domain.errors import Problem, ValidationFailed
from schema.operator import organizations, tokens

from ..settings import Settings
from .database import Unusable, opened

Administration = Callable[[argparse.Namespace, Database, datetime], Awaitable[None]]
MOST_READ = 10_000


def administer(name: str, given: argparse.Namespace, settings: Settings, program: str) -> int:
    """Runs one administrative command; returns 0, or 1 when it failed."""
    try:
        asyncio.run(_administer(COMMANDS[name], given, settings, program))
    except ValidationFailed as failed:
        for field in failed.fields:
            remark(f"{'.'.join(map(str, field.path))}: {field.message}")
        return 1
    except (Problem, Unusable, DatabaseUnavailable) as error:
        remark(str(error))
        return 1
    return 0


async def _administer(
    command: Administration, given: argparse.Namespace, settings: Settings, program: str
) -> None:
    async with opened(settings, program) as database:
        await command(given, database, datetime.now(UTC))


def remark(line: str) -> None:
    """Writes one line to standard error."""
    sys.stderr.write(f"connect: {line}\n")


def answer(line: str) -> None:
    """Writes one line to standard output."""
    sys.stdout.write(f"{line}\n")


async def create_token(given: argparse.Namespace, database: Database, now: datetime) -> None:
    """Prints a new token and nothing else."""
    issued = await tokens.create_token(database, _wanted(given, now), now)
    answer(issued.text)
    _remark_on(issued)


async def import_token(given: argparse.Namespace, database: Database, now: datetime) -> None:
    """Imports a token that is read from standard input."""
    if sys.stdin.isatty():
        remark("paste the token, then press Enter and Ctrl+D")
    text = sys.stdin.read(MOST_READ).strip()
    issued = await tokens.import_token(database, _wanted(given, now), text, now)
    answer(f"{issued.token.id}  {issued.token.prefix}…")
    _remark_on(issued)


async def list_tokens(given: argparse.Namespace, database: Database, now: datetime) -> None:
    """Prints all tokens as a table."""
    heads = ("ID", "PREFIX", "ORGANIZATION", "NAME", "SCOPES", "STATE", "LAST USED")
    _table(heads, [_line_of(token, now) for token in await tokens.list_tokens(database)])


async def revoke_token(given: argparse.Namespace, database: Database, now: datetime) -> None:
    """Revokes a token."""
    token = await tokens.revoke_token(database, given.token, now)
    when = "now" if token.revoked_at is None else f"since {_minute(token.revoked_at)}"
    answer(f"{token.id}  {token.prefix}…  of “{token.organization_name}”, revoked {when}")


async def list_organizations(given: argparse.Namespace, database: Database, now: datetime) -> None:
    """Prints all organizations as a table."""
    found = await organizations.list_organizations(database)
    _table(
        ("ID", "NAME", "STATE", "CREATED"),
        [(each.id, each.name, _state(each), _minute(each.created_at)) for each in found],
    )


async def create_organization(given: argparse.Namespace, database: Database, now: datetime) -> None:
    """Creates an organization and prints its id."""
    answer((await organizations.create_organization(database, given.name, now)).id)


async def disable_organization(
    given: argparse.Namespace, database: Database, now: datetime
) -> None:
    """Disables an organization."""
    await _switch(given, database, False)


async def enable_organization(given: argparse.Namespace, database: Database, now: datetime) -> None:
    """Enables an organization again."""
    await _switch(given, database, True)


async def _switch(given: argparse.Namespace, database: Database, active: bool) -> None:
    organization = await organizations.switch_organization(database, given.name, active)
    answer(f"{organization.id}  “{organization.name}” is {_state(organization)}")


def _wanted(given: argparse.Namespace, now: datetime) -> tokens.NewToken:
    return tokens.NewToken(
        organization=given.organization,
        scopes=given.scope or tokens.DEFAULT_SCOPES,
        name=tokens.DEFAULT_NAME if given.name is None else given.name,
        expires_at=None if given.expires is None else tokens.expiry_of(given.expires, now),
    )


def _remark_on(issued: tokens.Issued) -> None:
    name = issued.token.organization_name
    if issued.is_new_organization:
        remark(f"the organization “{name}” is new")
    if not issued.token.organization_is_active:
        remark(f"the organization “{name}” is disabled: its tokens are refused")


def _line_of(token: TokenRow, now: datetime) -> tuple[str, ...]:
    if token.revoked_at is not None:
        state = f"revoked {_minute(token.revoked_at)}"
    elif token.expires_at is not None and token.expires_at <= now:
        state = f"expired {_minute(token.expires_at)}"
    elif not token.organization_is_active:
        state = "organization disabled"
    else:
        state = "valid" if token.expires_at is None else f"until {_minute(token.expires_at)}"
    used = "never" if token.last_used_at is None else _minute(token.last_used_at)
    name = token.organization_name
    return (token.id, f"{token.prefix}…", name, token.name, token.scopes, state, used)


def _state(organization: OrganizationRow) -> str:
    return "enabled" if organization.is_active else "disabled"


def _minute(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%MZ")


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    for line in (heads, *lines):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        answer("  ".join(cells).rstrip())


COMMANDS: dict[str, Administration] = {
    each.__name__: each
    for each in (
        create_token,
        import_token,
        list_tokens,
        revoke_token,
        list_organizations,
        create_organization,
        disable_organization,
        enable_organization,
    )
}
