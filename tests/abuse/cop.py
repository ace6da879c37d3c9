"""The thirteen questions of graphql-cop, asked again: what it sends, and when it finds fault.

The tool itself is not on the package index (what has its name there is something else). It sends
no token and follows redirects; each check here returns whether it would report a finding.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from .wire import Answer, exchange, graphql, request

IDE_WORDS = (b"graphiql.min.css", b"GraphQL Playground", b"GraphiQL", b"graphql-playground")
IDE_PATHS = ("/graphiql", "/playground", "/console", "/graphql")
FORM = "application/x-www-form-urlencoded"
DEEP = "query cop {__schema {types {" + "fields {type {" * 4 + "name" + "}}" * 4 + "}}}"


def field_suggestions(port: int) -> bool:
    """Whether an error guesses a field's name."""
    return "Did you mean" in first_message(posted(port, "query cop { __schema { directive } }"))


def introspection(port: int) -> bool:
    """Whether the types are told."""
    answer = posted(port, "query cop { __schema { types { name fields { name } } } }")
    return bool(inside(answer, "data", "__schema", "types"))


def graphiql(port: int) -> bool:
    """Whether an explorer is shown at the endpoint or at the usual places."""
    return any(
        any(word in followed(port, path, accept).body for word in IDE_WORDS)
        for path in IDE_PATHS
        for accept in ("text/html", "*/*")
    )


def get_queries(port: int) -> bool:
    """Whether queries are answered over GET."""
    return asked_over_get(port, "query cop {__typename}")


def get_mutations(port: int) -> bool:
    """Whether mutations are answered over GET."""
    return asked_over_get(port, "mutation cop {__typename}")


def posted_forms(port: int) -> bool:
    """Whether a form, which any page can send, is answered."""
    query = quote("query cop {__typename}")
    body = f"query={query}".encode()
    forms = (
        request("POST", "/graphql", body, content_type=FORM),
        request("POST", f"/graphql?query={query}"),
    )
    return any(typename(exchange(port, each)) for each in forms)


def aliases(port: int) -> bool:
    """Whether 101 aliases are answered."""
    fields = " ".join(f"alias{n}:__typename" for n in range(101))
    return bool(inside(posted(port, f"query cop {{ {fields} }}"), "data", "alias100"))


def batches(port: int) -> bool:
    """Whether eleven operations in one array are answered."""
    body = json.dumps([{"query": "query cop { __typename }"}] * 11).encode()
    answered = exchange(port, request("POST", "/graphql", body, content_type="application/json"))
    return isinstance(answered.json(), list) and len(answered.json()) >= 10


def duplicated_fields(port: int) -> bool:
    """Whether one field 500 times is answered."""
    return typename(posted(port, "query cop { " + "__typename \n" * 500 + "}"))


def directives(port: int) -> bool:
    """Whether ten unknown directives get ten errors."""
    answer = posted(port, "query cop { __typename " + "@aa" * 10 + " }")
    return len(inside(answer, "errors") or ()) == 10


def circular_introspection(port: int) -> bool:
    """Whether types are told with the types of their fields, round and round."""
    return len(inside(posted(port, DEEP), "data", "__schema", "types") or ()) > 25


def tracing(port: int) -> bool:
    """Whether an answer tells how it was made."""
    answer = posted(port, "query cop { __typename }")
    told = json.dumps(answer.json()).lower()
    return any(word in told for word in ("tracing", '"exception"', "stacktrace"))


def unhandled_errors(port: int) -> bool:
    """Whether an error carries an exception."""
    errors = inside(posted(port, "qwerty cop { abc }"), "errors") or [{}]
    return "exception" in (errors[0].get("extensions") or {})


CHECKS: tuple[Callable[[int], bool], ...] = (
    field_suggestions, introspection, graphiql, get_queries, get_mutations, posted_forms, aliases,
    batches, duplicated_fields, directives, circular_introspection, tracing, unhandled_errors,
)  # fmt: skip


def posted(port: int, query: str) -> Answer:
    """Sends a query as the tool does."""
    return exchange(port, graphql(query))


def asked_over_get(port: int, query: str) -> bool:
    """Whether a query in the address is answered."""
    return typename(exchange(port, request("GET", f"/graphql?query={quote(query)}")))


def followed(port: int, path: str, accept: str) -> Answer:
    """Gets a page, going where it is sent."""
    for _ in range(5):
        answer = exchange(port, request("GET", path, accept=accept))
        if answer.status not in (301, 302, 303, 307, 308):
            break
        path = answer.header("location")
    return answer


def typename(answer: Answer) -> bool:
    """Whether `__typename` was answered."""
    return bool(inside(answer, "data", "__typename"))


def first_message(answer: Answer) -> str:
    errors = inside(answer, "errors") or [{}]
    return str(errors[0].get("message", ""))


def inside(answer: Answer, *path: str) -> Any:
    """Returns what stands at a path of the answer's JSON, None when nothing does."""
    value = answer.json()
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
