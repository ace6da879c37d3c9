"""`docs/graphql.md` lists what the code answers: codes, limits, problems, mutations."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from schema.build import build
from schema.domain import errors, idempotency
from schema.domain.codes import FieldProblemCode, ProblemCode
from schema.execution.limits import EXCESSES
from schema.execution.options import Limits
from schema.internals import core_of
from schema.resolvers.nodes import MAX_IDS
from schema.resolvers.pages import DEFAULT_SIZE, MAX_SIZE
from schema.types.problems import MAX_FIELD_PROBLEMS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/graphql.md").read_text()
CODE = re.compile(r"[A-Z]+(?:_[A-Z]+)+|UNAUTHENTICATED|FORBIDDEN|UNAVAILABLE")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, or below a table's own first cell."""
    lines = TEXT.partition(heading)[2].splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("|---"))
    table = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def first(heading: str) -> list[str]:
    return [row[0].strip("`") for row in rows(heading)]


def answered() -> Iterator[str]:
    """Every top-level code that is written anywhere between the request and the answer."""
    folders = ("gateway", "gateway/middleware", "gateway/live", "schema/execution")
    for path in (each for folder in folders for each in (ROOT / folder).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            text = node.value if isinstance(node, ast.Constant) else None
            is_code = isinstance(text, str) and CODE.fullmatch(text)
            # Names of settings and of the system's constants look like codes.
            if is_code and not text.startswith(("CONNECT_", "PIPE_BUF")):
                yield text


def made() -> set[str]:
    """The codes that are made of the names of errors."""
    found = [*vars(errors).values(), *vars(idempotency).values()]
    kinds = [each for each in found if isinstance(each, type)]
    problems = {each.code for each in kinds if issubclass(each, errors.Problem)}
    # Those that are data have a table of their own; these two are rendered under another code.
    return {code.upper() for code in problems - set(ProblemCode) - {"problem", "bad_input"}}


def test_every_code_of_an_error_is_listed() -> None:
    limits = {excess.code for excess in EXCESSES.values()}
    assert set(first("## Codes of errors")) == (set(answered()) | made()) - limits


def test_every_limit_is_listed_with_its_default_and_its_code() -> None:
    listed = {row[2].strip("`"): int(row[1].replace(",", "")) for row in rows("## Limits")}
    defaults = Limits()._asdict()
    assert listed == {excess.code: defaults[name] for name, excess in EXCESSES.items()}


def test_every_problem_and_every_code_of_a_field_is_listed() -> None:
    problems = {row[0].strip("`"): row[1].strip("`") for row in rows("## Problems")}
    types = core_of(build()).type_map
    values = types["ProblemCode"].values  # type: ignore[attr-defined]
    assert problems == {value.description.strip("`."): name for name, value in values.items()}
    assert set(values) == set(ProblemCode.__members__)
    assert first("| code of a field |") == list(FieldProblemCode.__members__)


def test_what_a_problem_tells_is_listed() -> None:
    types = core_of(build()).type_map
    for name, _, told, _ in rows("## Problems"):
        fields = set(types[name.strip("`")].fields) - {"code", "message"}  # type: ignore[attr-defined]
        assert set(re.findall(r"`(\w+)`", told)) == fields


def test_every_mutation_says_what_a_repetition_does() -> None:
    mutations = core_of(build()).mutation_type
    assert mutations is not None
    assert first("## Sending it again") == list(mutations.fields)


def test_the_sizes_of_pages_are_those_of_the_code() -> None:
    said = TEXT.partition("## Pages")[2].partition("## ")[0]
    assert f"1 to {MAX_SIZE}, one of them; {DEFAULT_SIZE} when neither is given" in said
    assert f"`nodes(ids:)` takes {MAX_IDS} ids" in said
    assert MAX_FIELD_PROBLEMS == 100 and "the first hundred" in TEXT
