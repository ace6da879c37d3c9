"""Questions about the schema itself: cyclic, aliased, and without a token."""

from collections.abc import Iterator

from graphql import get_introspection_query

from ..people import People
from .document import Document, braced, nested

# Each step leads from a type back to types: the width and depth multiply.
STEPS = {
    "fields": "fields{type{...F%d}}",
    "all-fields": "fields(includeDeprecated:true){args{type{...F%d}} type{...F%d}}",
    "possible": "possibleTypes{...F%d} interfaces{...F%d}",
    "arguments": "fields{args{type{ofType{...F%d}}}}",
    "inputs": "fields{args{type{inputFields{type{...F%d}}}}}",
}


def documents(people: People) -> Iterator[Document]:
    yield from standard()
    yield from cyclic()
    yield from aliased()
    yield from deep()


def standard() -> Iterator[Document]:
    """What every tool asks, and what looks like it."""
    query = get_introspection_query(specified_by_url=True, directive_is_repeatable=True)
    yield Document("standard", query)
    yield Document("standard-deep", get_introspection_query(input_value_deprecation=True))
    yield Document("standard-renamed", query.replace("IntrospectionQuery", "Mine"))
    yield Document("standard-commented", "# not the same text\n" + query)
    yield Document("standard-as-mutation", "mutation {__typename __schema{types{name}}}")
    twice = query.replace("__schema", "a: __schema", 1).rstrip()
    yield Document("standard-and-more", twice.replace("a: __schema", "b: __typename a: __schema"))


def cyclic() -> Iterator[Document]:
    """Fragments on `__Type` that name the one before several times under aliases."""
    for name, step in STEPS.items():
        for width, depth in ((1, 4), (2, 3), (4, 3), (30, 3), (4, 5), (10, 6)):
            yield Document(f"cyclic-{name}-{width}x{depth}", cycle(step, width, depth))


def cycle(step: str, width: int, depth: int) -> str:
    """Returns `{__schema{types{...F1}}}` with `depth` fragments, each `width` times wider."""
    fragments = [f"fragment F{depth} on __Type {{name kind description}}"]
    for level in range(1, depth):
        below = step.replace("%d", str(level + 1))
        fields = (f"a{place}:{below}" for place in range(width))
        # Only the first field of a step can take the alias; the rest may clash, which is the point.
        fragments.append(f"fragment F{level} on __Type {braced(fields)}")
    return "{__schema{types{...F1}}} " + " ".join(fragments)


def aliased() -> Iterator[Document]:
    """The same question many times."""
    for count in (10, 100, 1_000):
        schemas = (f"a{n}:__schema{{types{{name fields{{name}}}}}}" for n in range(count))
        yield Document(f"schemas-{count}", braced(schemas))
        types = (f'a{n}:__type(name:"Query"){{fields{{name}}}}' for n in range(count))
        yield Document(f"types-{count}", braced(types))
    names = (f'a{n}:__type(name:"{"x" * 900}{n}"){{name}}' for n in range(100))
    yield Document("unknown-types", braced(names))
    yield Document("type-of-long-name", f'{{__type(name:"{"Q" * 900_000}"){{name}}}}')


def deep() -> Iterator[Document]:
    """One path through the types, as long as it goes."""
    for depth in (3, 4, 5, 8, 30, 300):
        path = nested("fields{type{", depth, "name", "}}")
        yield Document(f"fields-{depth}", "{__schema{types{" + path + "}}}")
    yield Document("of-type-500", '{__type(name:"Query"){' + nested("ofType{", 500, "name") + "}}")
    enums = '{__type(name:"__DirectiveLocation"){enumValues{name description}}}'
    yield Document("enum", enums)
    back = nested("possibleTypes{interfaces{", 6, "name", "}}")
    yield Document("possible-and-back", '{__type(name:"Problem"){' + back + "}}")
    flag = "query($d:Boolean){__schema{types{fields(includeDeprecated:$d){name}}}}"
    yield Document("flag-of-wrong-type", flag, {"d": "yes"})
