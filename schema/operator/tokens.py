"""Operations on tokens: make, list, revoke, take over from the original service.

They work for the operator, who stands above all organizations and carries no token: so they open
their own transactions over `db.queries.system` instead of going through the gate.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from db.engine import Database, Transaction
from db.ids import new_id
from db.models import OrganizationRow, TokenRow
from db.queries import system

from ..domain import token_text as tokens
from ..domain.codes import FieldProblemCode
from ..domain.errors import FieldError, Problem, ValidationFailed
from ..operation.caller import SCOPES
from . import many_tokens
from .organizations import ensure_organization, ensure_valid, name_errors

DEFAULT_SCOPES = ("write",)
DEFAULT_NAME = "Command line"
MOST_IMPORTED = 512
LEAST_PREFIX = 4
# What is longer than a prefix may be a whole token.
MOST_SHOWN = 8
MOST_NAMED = 5
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class UnknownToken(Problem):
    """No token, or more than one, answers to what was asked for."""

    code = "not_found"


class KnownToken(Problem):
    """The token to take over is stored already."""

    code = "duplicate"


class NewToken(NamedTuple):
    """What the operator wants; `expires_at` None means never."""

    organization: str
    scopes: Sequence[str] = DEFAULT_SCOPES
    name: str = DEFAULT_NAME
    expires_at: datetime | None = None


class Issued(NamedTuple):
    """A token that was stored: its text, to be shown once, and what became of it."""

    text: str
    token: TokenRow
    is_new_organization: bool


async def create_token(database: Database, wanted: NewToken, now: datetime) -> Issued:
    """Makes a token, and its organization when there is none of that name.

    Raises ValidationFailed with everything that is not accepted.
    """
    async with database.write() as tx:
        return (await _store(tx, wanted, [tokens.mint()], now))[0]


async def import_token(database: Database, wanted: NewToken, text: str, now: datetime) -> Issued:
    """Stores the digest of a token of the original service, so that its clients go on working.

    Takes 20 to 512 printable ASCII characters without spaces; raises ValidationFailed for
    others, KnownToken when it is stored already.
    """
    ensure_valid(_import_errors(text))
    async with database.write() as tx:
        await _ensure_unknown(tx, text)
        return (await _store(tx, wanted, [text], now))[0]


async def import_tokens(
    database: Database, wanted: NewToken, lines: Sequence[str], now: datetime
) -> list[Issued]:
    """Imports the token of each line that is not empty, in one transaction: all of them or none.

    Raises ValidationFailed with what is refused, by number of line, also for more than 10,000. One
    alone is imported by `import_token`.
    """
    texts = many_tokens.by_line(lines)
    if len(texts) < 2:
        return [await import_token(database, wanted, "".join(texts.values()), now)]
    ensure_valid(many_tokens.errors(texts, _import_errors))
    async with database.write() as tx:
        ensure_valid(await many_tokens.known(tx, texts, _known_error))
        return await _store(tx, wanted, list(texts.values()), now)


async def list_tokens(database: Database) -> list[TokenRow]:
    """Returns every token by organization and age; their texts are nowhere to be had."""
    async with database.read() as tx:
        return await system.tokens(tx)


async def revoke_token(database: Database, wanted: str, now: datetime) -> TokenRow:
    """Revokes the one token with this text, or whose id or prefix begins so, within a second.

    Raises UnknownToken when there is none, or more than one. Revoking twice changes nothing.
    """
    async with database.write() as tx:
        whole = await system.tokens_by_digest(tx, tokens.digest(wanted.strip()))
        token = _only_one(wanted, whole or await system.tokens(tx), is_whole=bool(whole))
        if token.revoked_at is None:
            await system.revoke_token(tx, token.id, now)
    return token


def expiry_of(text: str, now: datetime) -> datetime:
    """Reads an expiry: a span from now such as `90d` (m, h, d, w), or an RFC 3339 date-time.

    Raises ValidationFailed for what is neither, or not in the future.
    """
    try:
        instant = _instant(text.strip(), now)
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        message = "Give a span such as 90d, or a date-time with its offset."
        raise ValidationFailed([FieldError(("expires",), FieldProblemCode.INVALID, message)])
    if instant <= now:
        message = "Give a time that lies ahead."
        raise ValidationFailed([FieldError(("expires",), FieldProblemCode.TOO_SMALL, message)])
    return instant


async def _store(
    tx: Transaction, wanted: NewToken, texts: Sequence[str], now: datetime
) -> list[Issued]:
    """Stores tokens in as many statements as one alone takes: a server may be far away."""
    name = wanted.name.strip()
    ensure_valid([*name_errors("name", name), *_scope_errors(wanted.scopes)])
    organization, is_new = await ensure_organization(tx, wanted.organization, now)
    made = [(text, _token(wanted, text, organization, now)) for text in texts]
    await system.add_tokens(tx, *(_columns(token, text) for text, token in made))
    return [Issued(text, token, is_new) for text, token in made]


def _token(wanted: NewToken, text: str, organization: OrganizationRow, now: datetime) -> TokenRow:
    return TokenRow(
        id=new_id(),
        organization_id=organization.id,
        name=wanted.name.strip(),
        prefix=tokens.display_prefix(text),
        scopes=" ".join(scope for scope in SCOPES if scope in wanted.scopes),
        created_at=now,
        expires_at=wanted.expires_at,
        revoked_at=None,
        last_used_at=None,
        organization_name=organization.name,
        organization_is_active=organization.is_active,
    )


def _columns(token: TokenRow, text: str) -> dict[str, Any]:
    values = token._asdict() | {"digest": tokens.digest(text)}
    del values["organization_name"], values["organization_is_active"]
    return values


async def _ensure_unknown(tx: Transaction, text: str) -> None:
    error = await _known_error(tx, text)
    if error is not None:
        raise KnownToken(error.message)


async def _known_error(tx: Transaction, text: str) -> FieldError | None:
    for known in await system.tokens_by_digest(tx, tokens.digest(text)):
        state = "was revoked" if known.revoked_at else "is stored already"
        owner = known.organization_name
        message = f"This token {state}: it belongs to “{owner}”, id {known.id}."
        return FieldError(("token",), FieldProblemCode.DUPLICATE, message)
    return None


def _only_one(wanted: str, known: Sequence[TokenRow], *, is_whole: bool = False) -> TokenRow:
    text = wanted.strip()
    if len(text) < LEAST_PREFIX:
        raise UnknownToken(f"Give at least {LEAST_PREFIX} characters of the id or prefix.")
    found = [token for token in known if is_whole or token.id == text.lower()]
    found = found or [token for token in known if answers_to(token, text)]
    alive = [token for token in found if token.revoked_at is None]
    if len(alive or found) == 1:
        return (alive or found)[0]
    if not found:
        raise UnknownToken(_unknown(text))
    ids = ", ".join(token.id for token in (alive or found)[:MOST_NAMED])
    more = len(alive or found) - MOST_NAMED
    if more > 0:
        ids += f", or {more:,} more"
    begin = "are this one" if is_whole else f"begin with {text}"
    raise UnknownToken(f"Several tokens {begin}: name one of {ids}.")


def _unknown(text: str) -> str:
    if len(text) <= MOST_SHOWN or (re.fullmatch(r"[0-9a-fA-F-]{1,36}", text) and "-" in text):
        return f"There is no token whose id or prefix begins with {text}."
    # It may be the secret itself, which is not to be seen on a screen.
    if tokens.looks_minted(text) and not tokens.checksum_holds(text):
        return "This begins like a token of this service but is mistyped or cut off."
    return "There is no token of this text, nor one whose id or prefix begins with it."


def answers_to(token: TokenRow, text: str) -> bool:
    """Whether a token's id or prefix begins so."""
    text = text.strip()
    return token.id.startswith(text.lower()) or token.prefix.startswith(text)


def _import_errors(text: str) -> list[FieldError]:
    if not re.fullmatch(rf"[!-~]{{{tokens.LEAST_CHARACTERS},{MOST_IMPORTED}}}", text):
        lengths = f"{tokens.LEAST_CHARACTERS} to {MOST_IMPORTED}"
        message = f"Give {lengths} printable ASCII characters without spaces."
        return [FieldError(("token",), FieldProblemCode.INVALID, message)]
    if tokens.looks_minted(text) and not tokens.checksum_holds(text):
        message = "This begins like a token of this service but is mistyped or cut off."
        return [FieldError(("token",), FieldProblemCode.INVALID, message)]
    return []


def _scope_errors(scopes: Sequence[str]) -> list[FieldError]:
    if scopes and all(scope in SCOPES for scope in scopes):
        return []
    return [
        FieldError(
            ("scope",), FieldProblemCode.INVALID_CHOICE, f"Give some of {', '.join(SCOPES)}."
        )
    ]


def _instant(text: str, now: datetime) -> datetime | None:
    span = re.fullmatch(r"([0-9]{1,9})([mhdw])", text)
    if span:
        return now + timedelta(**{UNITS[span[2]]: int(span[1])})
    instant = datetime.fromisoformat(text)
    return None if instant.tzinfo is None else instant.astimezone(UTC)
