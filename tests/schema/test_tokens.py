"""Tokens as text, and the operations that make, list, revoke and take them over."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from db import migrate
from db.connect import open_database
from db.engine import Database
from db.ids import new_id
from db.location import Location, SqliteFile
from db.postgresql import write as postgresql
from db.queries import system
from db.sqlite import SqliteDatabase, write
from schema.domain import token_text as tokens
from schema.domain.errors import Problem, ValidationFailed
from schema.operator import organizations
from schema.operator import tokens as operations
from schema.operator.tokens import NewToken

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LEGACY = "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b"


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "tokens.db"
    migrate.upgrade(SqliteFile(path))
    opened = await SqliteDatabase.open(path)
    yield opened
    await opened.close()


def contents(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_minted_tokens_are_long_random_and_recognisable():
    made = {tokens.mint() for _ in range(200)}

    assert len(made) == 200
    assert all(re.fullmatch(r"cct_[0-9A-Za-z]{38}", token) for token in made)
    assert all(tokens.looks_minted(token) and tokens.checksum_holds(token) for token in made)
    # 62 ** 27 is the first power of 62 beyond 160 bits.
    assert tokens.RANDOM_CHARACTERS >= 27


def test_every_place_of_a_minted_token_takes_all_characters():
    made = [tokens.mint() for _ in range(2000)]

    for place in range(len(tokens.PREFIX), len(tokens.PREFIX) + tokens.RANDOM_CHARACTERS):
        assert {token[place] for token in made} == set(tokens.ALPHABET)


@given(
    place=st.integers(len(tokens.PREFIX), tokens.LENGTH - 1),
    character=st.sampled_from(tokens.ALPHABET),
)
def test_one_mistyped_character_is_noticed(place: int, character: str):
    token = tokens.mint()
    typed = token[:place] + character + token[place + 1 :]

    assert tokens.checksum_holds(typed) == (typed == token)


@given(st.integers(0, tokens.LENGTH - 2))
def test_swapped_neighbours_and_lost_endings_are_noticed(place: int):
    token = tokens.mint()
    swapped = token[:place] + token[place + 1] + token[place] + token[place + 2 :]

    assert tokens.checksum_holds(swapped) == (swapped == token)
    assert not tokens.checksum_holds(token[: place + 1])


@given(st.text())
def test_any_text_has_a_digest_and_only_ours_a_checksum(text: str):
    assert re.fullmatch(r"[0-9a-f]{64}", tokens.digest(text))
    assert not tokens.checksum_holds(text)


def test_checksum_is_crc32_in_base_62():
    digits = [tokens.ALPHABET.index(digit) for digit in tokens._checksum("123456789")]

    # The check value of CRC-32 that is published for these nine digits.
    assert sum(digit * 62**power for power, digit in enumerate(digits[::-1])) == 0xCBF43926


def test_display_prefix_gives_little_away():
    assert tokens.display_prefix("cct_abcdefghij") == "cct_abcd"
    assert tokens.display_prefix(LEGACY) == "9944"


async def test_new_token_is_found_by_its_digest_and_nothing_else_is_stored(
    database: Database, tmp_path: Path
):
    issued = await operations.create_token(database, NewToken("Acme", name="Robot"), NOW)

    async with database.read() as tx:
        row = await system.token_by_digest(tx, tokens.digest(issued.text))
    assert row == issued.token
    assert (row.name, row.scopes, row.organization_name) == ("Robot", "write", "Acme")
    assert (row.created_at, row.expires_at, row.revoked_at) == (NOW, None, None)
    files = contents(tmp_path)
    assert issued.text.encode() not in files
    assert issued.token.prefix.encode() in files


async def test_organization_is_made_with_its_first_token_only(database: Database):
    first = await operations.create_token(database, NewToken("Acme"), NOW)
    second = await operations.create_token(database, NewToken("  Acme "), NOW)

    assert (first.is_new_organization, second.is_new_organization) == (True, False)
    assert first.token.organization_id == second.token.organization_id
    assert len(await organizations.list_organizations(database)) == 1


async def test_scopes_are_stored_once_each_and_in_order(database: Database):
    wanted = NewToken("Acme", scopes=["admin", "read", "admin"])

    assert (await operations.create_token(database, wanted, NOW)).token.scopes == "read admin"


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        (NewToken(" "), {"organization"}),
        (NewToken("x" * 256), {"organization"}),
        (NewToken("Ac\x00me"), {"organization"}),
        (NewToken("Acme", name=""), {"name"}),
        (NewToken("Acme", name="x" * 256, scopes=["root"]), {"name", "scope"}),
        (NewToken("Acme", scopes=[]), {"scope"}),
    ],
)
async def test_what_is_not_accepted_is_named_and_nothing_is_stored(
    database: Database, wanted: NewToken, fields: set[str]
):
    with pytest.raises(ValidationFailed) as failed:
        await operations.create_token(database, wanted, NOW)

    assert {field.path[0] for field in failed.value.fields} == fields
    assert await operations.list_tokens(database) == []
    assert await organizations.list_organizations(database) == []


async def test_token_of_the_original_service_is_taken_over(database: Database):
    issued = await operations.import_token(database, NewToken("Legacy"), LEGACY, NOW)

    async with database.read() as tx:
        assert await system.token_by_digest(tx, tokens.digest(LEGACY)) == issued.token
    assert issued.token.prefix == "9944"


async def test_token_of_another_installation_is_taken_over(database: Database):
    text = tokens.mint()

    assert (await operations.import_token(database, NewToken("Acme"), text, NOW)).text == text


@pytest.mark.parametrize(
    "text",
    ["", "x" * 19, "x" * 513, "with a space in the text", "näh" * 10, "tab\t" * 10, "cct_" * 10],
)
async def test_text_that_no_header_could_carry_is_not_taken_over(database: Database, text: str):
    with pytest.raises(ValidationFailed):
        await operations.import_token(database, NewToken("Legacy"), text, NOW)

    assert await operations.list_tokens(database) == []


async def test_token_is_taken_over_once(database: Database):
    await operations.import_token(database, NewToken("Legacy"), LEGACY, NOW)

    with pytest.raises(operations.KnownToken, match=r"stored already.*Legacy"):
        await operations.import_token(database, NewToken("Other"), LEGACY, NOW)

    assert [each.name for each in await organizations.list_organizations(database)] == ["Legacy"]


async def test_revoking_by_id_by_prefix_and_twice(database: Database):
    first = (await operations.create_token(database, NewToken("Acme"), NOW)).token
    second = (await operations.import_token(database, NewToken("Acme"), LEGACY, NOW)).token

    await operations.revoke_token(database, first.id.upper(), NOW)
    await operations.revoke_token(database, "9944", NOW + timedelta(hours=1))
    again = await operations.revoke_token(database, "9944", NOW + timedelta(hours=2))

    assert again.revoked_at == NOW + timedelta(hours=1)
    revoked = {each.id: each.revoked_at for each in await operations.list_tokens(database)}
    assert revoked == {first.id: NOW, second.id: NOW + timedelta(hours=1)}


async def test_many_tokens_take_no_more_statements_than_one(
    location: Location, monkeypatch: pytest.MonkeyPatch
):
    # Where each takes a millisecond on its way, ten thousand take longer than anybody waits.
    database = await open_database(location)
    ran: list[str] = []

    def counted(kind: type, name: str) -> None:
        run = getattr(kind, name)

        def count(*given: Any) -> Any:
            ran.append(name)
            return run(*given)

        monkeypatch.setattr(kind, name, count)

    for kind in (write.WriteTransaction, postgresql.WriteTransaction):
        for name in ("fetch", "execute", "execute_many"):
            counted(kind, name)
    texts = [f"{number:040}" for number in range(10_000)]
    try:
        issued = await operations.import_tokens(database, NewToken("Acme"), texts, NOW)
        assert len(issued) == 10_000
        assert ran == ["fetch", "fetch", "execute", "execute_many"]
        stored = {each.id: each for each in await operations.list_tokens(database)}
        assert stored == {each.token.id: each.token for each in issued}
        with pytest.raises(ValidationFailed) as refused:
            await operations.import_tokens(database, NewToken("New"), ["x" * 40, *texts[1:]], NOW)
        assert [each.path[0] for each in refused.value.fields] == [
            *(f"line {number}" for number in range(2, 22)),
            "token",
        ]
        assert [each.name for each in await organizations.list_organizations(database)] == ["Acme"]
    finally:
        await database.close()


async def test_revoking_an_ambiguous_prefix_changes_nothing(database: Database):
    made = [await operations.create_token(database, NewToken("Acme"), NOW) for _ in range(2)]

    with pytest.raises(operations.UnknownToken) as several:
        await operations.revoke_token(database, "cct_", NOW)

    assert all(each.token.id in str(several.value) for each in made)
    assert all(each.revoked_at is None for each in await operations.list_tokens(database))


async def test_an_ambiguous_prefix_of_many_names_a_few(database: Database):
    texts = [f"legacy{number:020}" for number in range(50)]
    made = await operations.import_tokens(database, NewToken("Acme"), texts, NOW)

    with pytest.raises(operations.UnknownToken) as several:
        await operations.revoke_token(database, "lega", NOW)

    assert sum(each.token.id in str(several.value) for each in made) == 5
    assert "or 45 more" in str(several.value)


@pytest.mark.parametrize("wanted", ["", "cct", "0000-none", "%", "cct_????"])
async def test_revoking_what_is_not_there_says_so(database: Database, wanted: str):
    await operations.create_token(database, NewToken("Acme"), NOW)

    with pytest.raises(operations.UnknownToken):
        await operations.revoke_token(database, wanted, NOW)


async def test_organization_is_switched_off_and_on(database: Database):
    made = await organizations.create_organization(database, "Acme", NOW)
    token = await operations.create_token(database, NewToken("Acme"), NOW)

    async def is_active() -> bool:
        async with database.read() as tx:
            row = await system.token_by_digest(tx, tokens.digest(token.text))
        assert row is not None
        return row.organization_is_active

    assert await is_active()
    assert await organizations.switch_organization(database, "Acme", False) == made._replace(
        is_active=False
    )
    assert not await is_active()
    await organizations.switch_organization(database, "Acme", True)
    assert await is_active()


async def test_organization_name_is_taken_once(database: Database):
    await organizations.create_organization(database, "Acme", NOW)

    with pytest.raises(organizations.KnownOrganization):
        await organizations.create_organization(database, " Acme", NOW)


async def test_unknown_organization_is_answered_with_the_known_ones(database: Database):
    await organizations.create_organization(database, "Acme", NOW)

    with pytest.raises(organizations.UnknownOrganization, match=r"Acne.*Acme"):
        await organizations.switch_organization(database, "Acne", False)


@pytest.mark.parametrize(
    ("text", "expiry"),
    [
        ("90d", NOW + timedelta(days=90)),
        ("12h", NOW + timedelta(hours=12)),
        ("30m", NOW + timedelta(minutes=30)),
        (" 2w ", NOW + timedelta(weeks=2)),
        ("2026-04-01T00:00:00+02:00", datetime(2026, 3, 31, 22, tzinfo=UTC)),
        ("2026-04-01T00:00:00Z", datetime(2026, 4, 1, tzinfo=UTC)),
    ],
)
def test_expiry_is_a_span_or_an_instant(text: str, expiry: datetime):
    assert operations.expiry_of(text, NOW) == expiry


@pytest.mark.parametrize(
    "text",
    ["", "soon", "90", "-1d", "0d", "1.5d", "999999999d", "2026-04-01", "2026-03-01T00:00:00Z",
     "2026-04-01T00:00:00", "９d"],
)  # fmt: skip
def test_expiry_that_is_neither_or_lies_behind_is_refused(text: str):
    with pytest.raises(Problem) as refused:
        operations.expiry_of(text, NOW)

    assert isinstance(refused.value, ValidationFailed)
    assert refused.value.fields[0].path == ("expires",)


async def test_a_token_of_two_organizations_opens_neither(database: Database):
    first = await operations.import_token(database, NewToken("A"), LEGACY, NOW)
    second = await operations.create_token(database, NewToken("B"), NOW)
    values = first.token._asdict() | {"digest": tokens.digest(LEGACY), "id": new_id()}
    del values["organization_name"], values["organization_is_active"]

    async with database.write() as tx:
        await system.add_tokens(tx, values | {"organization_id": second.token.organization_id})

    async with database.read() as tx:
        assert await system.token_by_digest(tx, tokens.digest(LEGACY)) is None
        assert len(await system.tokens_by_digest(tx, tokens.digest(LEGACY))) == 2
    with pytest.raises(operations.KnownToken):
        await operations.import_token(database, NewToken("C"), LEGACY, NOW)
