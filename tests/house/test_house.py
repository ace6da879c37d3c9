"""The house itself: walls, the tenant filter, one mapping between the faces."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from graphql import parse
from graphql.language import ast

import db.queries.appointments
import db.queries.events
import db.queries.idempotency
import db.queries.leases
import db.queries.participants
import db.queries.rooms
import db.queries.system
from db.statement import Statement
from rest.routes import OPERATIONS
from schema.build import sdl

ROOT = Path(__file__).parents[2]
ROOMS = ("gateway", "rest", "schema", "db")
# The reasons for which a statement may cross tenants; a new one is a decision, not a habit.
REASONS = {
    db.queries.system.SIGNING_IN,
    db.queries.system.COMMAND_LINE,
    db.queries.system.CLOCK,
    db.queries.system.LINK,
    db.queries.system.SEAT,
    db.queries.system.FOLLOWING,
}


def test_only_system_statements_cross_tenants_and_say_why() -> None:
    modules = (
        db.queries.appointments,
        db.queries.participants,
        db.queries.events,
        db.queries.idempotency,
        db.queries.leases,
        db.queries.rooms,
        db.queries.system,
    )
    crossing = {}
    for module in modules:
        for name, statement in vars(module).items():
            if isinstance(statement, Statement) and statement.across_tenants:
                crossing[f"{module.__name__}.{name}"] = statement.across_tenants
    assert crossing
    assert all(name.startswith("db.queries.system.") for name in crossing)
    assert set(crossing.values()) == REASONS


def test_statements_are_written_nowhere_but_in_their_room() -> None:
    outside = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
        and "statements" not in path.parts
        and any(
            line.startswith(("from sqlalchemy", "from sqlmodel", "import sqlalchemy"))
            for line in path.read_text().splitlines()
        )
    ]
    # The layout of a move only looks at the columns of the tables.
    allowed = ("db/move/layout.py", "db/tables/", "db/scope.py", "db/compiler.py", "db/types.py")
    assert [path for path in outside if not path.startswith(allowed)] == []


def test_only_the_database_knows_its_engines() -> None:
    engine = re.compile(
        r"^\s*(import|from) (sqlite3|aiosqlite|asyncpg|psycopg|db\.(sqlite|postgresql))\b"
        r"|aiosqlite|asyncpg|-(wal|shm)\b",
        re.M,
    )
    knowing = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        if room != "db"
        for path in (ROOT / room).rglob("*.py")
        if engine.search(path.read_text())
    ]
    assert knowing == []


def test_the_environment_is_read_in_one_place() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    ]
    # Those of libpq, such as PGHOST and PGSERVICE, are read where a server is looked for.
    assert sorted(readers) == ["db/postgresql/address/url.py", "gateway/settings/__init__.py"]


def test_graphql_and_rest_name_the_same_eleven_operations() -> None:
    named = set()
    for definition in parse(sdl()).definitions:
        if not isinstance(definition, ast.ObjectTypeDefinitionNode):
            continue
        for field in definition.fields or ():
            for directive in field.directives or ():
                if directive.name.value == "rest":
                    values = {
                        argument.name.value: argument.value.value  # type: ignore[attr-defined]
                        for argument in directive.arguments or ()
                    }
                    named.add((values["method"], values["path"], values["operationId"]))
    documented = {
        (each.method, each.path, each.operation_id) for each in OPERATIONS if not each.is_addition
    }
    assert named == documented
    assert len(named) == 11


def test_every_element_of_the_schema_is_described() -> None:
    assert [path for path, text in described() if text is None] == []


def described() -> Iterator[tuple[str, str | None]]:
    """What the schema says about each of its elements, arguments of directives left out."""
    for definition in parse(sdl()).definitions:
        name = getattr(getattr(definition, "name", None), "value", "schema")
        fields = getattr(definition, "fields", None) or ()
        arguments = [each for field in fields for each in getattr(field, "arguments", None) or ()]
        for part in (definition, *fields, *(getattr(definition, "values", None) or ()), *arguments):
            text = getattr(part, "description", None)
            own = getattr(getattr(part, "name", None), "value", "")
            yield f"{name}.{own}", text and text.value


def test_descriptions_speak_to_callers() -> None:
    inside = re.compile(r"\b(tests?|asserts?|Python|Strawberry|resolvers?|webhooks?)\b", re.I)
    assert [(path, text) for path, text in described() if text and inside.search(text)] == []


def test_no_default_is_printed_that_nobody_chose() -> None:
    assert "= null" not in sdl()


def test_commands_that_need_no_database_library_import_none() -> None:
    code = "import sys, gateway.cli.main, gateway.cli.healthcheck; print(*sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"sqlalchemy", "sqlmodel", "strawberry", "graphql"} & set(found.stdout.split())


# What only colours tracebacks, serves some pages or sockets, makes a new database or compiles statements.
NEVER_BY_RUN = {
    *(
        "rich",
        "pygments",
        "jinja2",
        "icalendar",
        "babel",
        "websockets",
        "alembic",
        "gateway.cli.demo",
        "rest.openapi.document",
    ),
    *("sqlalchemy", "sqlmodel", "db.tables", "db.statements", "db.compiler"),
    *("opentelemetry", "requests", "google.protobuf", "gateway.tracing.traced"),
}


def test_the_server_starts_without_what_it_may_never_need() -> None:
    code = (
        "import gc, sys\n"
        "from gateway.cli import starting\n"
        "with starting.light_imports(): import gateway.cli.run as run\n"
        "from gateway.settings import read_settings\n"
        "run.configuration(read_settings({}))\n"
        "assert gc.isenabled()\n"
        "print(*sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not NEVER_BY_RUN & set(found.stdout.split())
