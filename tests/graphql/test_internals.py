"""What bypasses Strawberry: only what it would add nothing to, by names read in these versions."""

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import strawberry
from graphql import GraphQLObjectType
from strawberry.extensions import FieldExtension, SchemaExtension
from strawberry.permission import BasePermission

from schema.execution.executor import Executor
from schema.execution.quicken import quickened
from schema.internals import READ_IN, core_of
from schema.operation.pace import Pace

ROOT = Path(__file__).parents[2]
PRIVATE = re.compile(
    r"\._schema\b(?! *[:=])|info\._raw_info|_get_field_exception_handlers|strawberry-definition"
    r"|graphql\.execution\.\w+ import|graphql\.utilities\.\w+ import|graphql\.type\.definition"
)


def test_private_names_were_read_in_the_installed_versions() -> None:
    # Whoever upgrades reads `schema/internals.py` again, beside the new sources.
    assert {name: version(name) for name in READ_IN} == READ_IN


def test_private_names_stand_in_one_module() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for room in ("schema", "rest", "gateway")
        for path in (ROOT / room).rglob("*.py")
        if path.name != "internals.py" and "node_modules" not in path.parts
        for line in path.read_text().splitlines()
        if PRIVATE.search(line) and "self._schema" not in line
    ]
    assert found == []


class Never(BasePermission):
    message = "not you"

    def has_permission(self, source: Any, info: Any, **_: Any) -> bool:
        return False


class Shout(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: Any, **arguments: Any) -> Any:
        return f"{next_(source, info, **arguments)}!"


class Row:
    word = "word"
    other_name = "another attribute"


@strawberry.type
class Box:
    word: str = strawberry.field(name="otherName")
    secret: str | None = strawberry.field(permission_classes=[Never], default="secret")

    @strawberry.field(permission_classes=[Never])
    def hidden(self) -> str | None:
        return "hidden"

    @strawberry.field(extensions=[Shout()])
    def loud(self) -> str:
        return "loud"


@strawberry.type
class Query:
    @strawberry.field
    def box(self) -> Box:
        return Row()  # type: ignore[return-value]


@pytest.mark.parametrize("executions", [1, 2])
async def test_permissions_extensions_and_names_are_kept(executions: int) -> None:
    executor = Executor(schema=strawberry.Schema(Query))
    operation = executor.prepare("{ box { otherName secret hidden loud } }", None)
    for _ in range(executions):
        result = await executor.executed(operation, None, {}, Pace())
        assert result.data == {
            "box": {"otherName": "word", "secret": None, "hidden": None, "loud": "loud!"}
        }
        assert [error.path for error in result.errors or ()] == [
            ["box", "secret"],
            ["box", "hidden"],
        ]


async def test_a_plan_runs_extensions_and_permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    executor = Executor(schema=strawberry.Schema(Query))
    operation = executor.prepare("{ box { loud hidden } }", None)
    monkeypatch.setattr(Never, "has_permission", lambda *_, **__: True)
    for _ in range(3):
        result = await executor.executed(operation, None, {}, Pace())
        assert result.data == {"box": {"loud": "loud!", "hidden": "hidden"}}
    assert executor.counts["planned", ""] == 2
    monkeypatch.setattr(Never, "has_permission", lambda *_, **__: False)
    result = await executor.executed(operation, None, {}, Pace())
    assert result.data == {"box": {"loud": "loud!", "hidden": None}}


def test_both_paths_pass_by_the_same_wrappers() -> None:
    box = quickened(core_of(strawberry.Schema(Query))).type_map["Box"]
    untouched = core_of(strawberry.Schema(Query)).type_map["Box"]
    assert isinstance(box, GraphQLObjectType) and isinstance(untouched, GraphQLObjectType)
    passed_by = {
        name
        for name, field in box.fields.items()
        if field.resolve.__code__ is not untouched.fields[name].resolve.__code__  # type: ignore[union-attr]
    }
    assert passed_by == {"otherName"}


def test_a_schema_with_extensions_is_refused() -> None:
    with pytest.raises(ValueError, match="extensions"):
        Executor(schema=strawberry.Schema(Query, extensions=[SchemaExtension]))
