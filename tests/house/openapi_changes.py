"""What breaks between two OpenAPI descriptions.

Compared are paths, operations, parameters, bodies, answers, and of schemas what a client relies on:
what is sent may be taken more widely, what is answered may say more.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

Json = Any
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
CHOICES = ("anyOf", "oneOf", "allOf")
MOST = ("maxLength", "maximum", "maxItems", "exclusiveMaximum")
LEAST = ("minLength", "minimum", "minItems", "exclusiveMinimum")


class Change(NamedTuple):
    """A breaking change: its name, as the changelog has to quote it, and what it is."""

    name: str
    what: str


class Comparison:
    """Compares two descriptions once."""

    def __init__(self, before: Json, now: Json) -> None:
        self._before = before
        self._now = now
        self._seen: set[tuple[str, str, bool]] = set()

    def changes(self) -> list[Change]:
        """Returns what breaks, each once."""
        return list(dict.fromkeys(self._all()))

    def _all(self) -> Iterator[Change]:
        schemes = self._before.get("components", {}).get("securitySchemes", {})
        for name in schemes.keys() - self._now["components"].get("securitySchemes", {}).keys():
            yield Change(name, "a way to sign in was removed")
        for path, before in self._before["paths"].items():
            now = self._now["paths"].get(path, {})
            for method in METHODS:
                if method in before:
                    name = f"{method.upper()} {path}"
                    shared = before.get("parameters", []), now.get("parameters", [])
                    yield from self._operation(before[method], now.get(method), name, *shared)

    def _operation(
        self, before: Json, now: Json, name: str, shared: list[Json], shared_now: list[Json]
    ) -> Iterator[Change]:
        if now is None:
            yield Change(name, "was removed")
            return
        if before.get("operationId") != now.get("operationId"):
            yield Change(name, "has another operationId")
        yield from self._parameters(
            [*shared, *before.get("parameters", [])],
            [*shared_now, *now.get("parameters", [])],
            name,
        )
        yield from self._body(before.get("requestBody"), now.get("requestBody"), name)
        yield from self._answers(before["responses"], now["responses"], name)

    def _parameters(self, before: list[Json], now: list[Json], name: str) -> Iterator[Change]:
        old = {(each["in"], each["name"]): each for each in self._all_of(self._before, before)}
        new = {(each["in"], each["name"]): each for each in self._all_of(self._now, now)}
        for key, parameter in new.items():
            if parameter.get("required") and not old.get(key, {}).get("required"):
                yield Change(f"{name} {key[1]}", "a parameter has to be given now")
        for key, parameter in old.items():
            if key not in new:
                yield Change(f"{name} {key[1]}", "a parameter was removed")
                continue
            schemas = parameter.get("schema", {}), new[key].get("schema", {})
            yield from self._schema(*schemas, f"{name} {key[1]}", is_input=True)

    def _body(self, before: Json, now: Json, name: str) -> Iterator[Change]:
        old, new = self._of(self._before, before or {}), self._of(self._now, now or {})
        if new.get("required") and not old.get("required"):
            yield Change(f"{name} body", "a body has to be sent now")
        yield from self._contents(old, new, f"{name} body", is_input=True)

    def _answers(self, before: Json, now: Json, name: str) -> Iterator[Change]:
        for status, answer in before.items():
            if status not in now:
                yield Change(f"{name} {status}", "an answer was removed")
                continue
            old, new = self._of(self._before, answer), self._of(self._now, now[status])
            for header in old.get("headers", {}).keys() - new.get("headers", {}).keys():
                yield Change(f"{name} {status} {header}", "a header of an answer was removed")
            yield from self._contents(old, new, f"{name} {status}", is_input=False)

    def _contents(self, old: Json, new: Json, name: str, *, is_input: bool) -> Iterator[Change]:
        contents = new.get("content", {})
        for media_type, content in old.get("content", {}).items():
            if media_type not in contents:
                yield Change(f"{name} {media_type}", "a media type was removed")
                continue
            schemas = content.get("schema", {}), contents[media_type].get("schema", {})
            yield from self._schema(*schemas, name, is_input=is_input)

    def _schema(self, before: Json, now: Json, name: str, *, is_input: bool) -> Iterator[Change]:
        references = before.get("$ref", ""), now.get("$ref", "")
        if references[0]:
            # A schema that many operations share is compared, and named, once.
            name = references[0].rpartition("/")[2]
            if (*references, is_input) in self._seen:
                return
            self._seen.add((*references, is_input))
        old, new = self._of(self._before, before), self._of(self._now, now)
        if any(choice in each for each in (old, new) for choice in CHOICES):
            yield from self._choices(old, new, name, is_input=is_input)
            return
        yield from _of_values(old, new, name, is_input=is_input)
        yield from self._properties(old, new, name, is_input=is_input)
        if "items" in old and "items" in new:
            yield from self._schema(old["items"], new["items"], f"{name}[]", is_input=is_input)

    def _properties(self, old: Json, new: Json, name: str, *, is_input: bool) -> Iterator[Change]:
        properties = new.get("properties", {})
        for key, before in old.get("properties", {}).items():
            if key not in properties:
                yield Change(f"{name}.{key}", "a property was removed")
                continue
            yield from self._schema(before, properties[key], f"{name}.{key}", is_input=is_input)
        was, has = set(old.get("required", ())), set(new.get("required", ()))
        for key in has - was if is_input else was - has:
            what = "has to be sent now" if is_input else "may be absent now"
            yield Change(f"{name}.{key}", f"a property {what}")
        if is_input and new.get("additionalProperties") is False is not old.get(
            "additionalProperties"
        ):
            yield Change(name, "other properties are refused now")

    def _choices(self, old: Json, new: Json, name: str, *, is_input: bool) -> Iterator[Change]:
        """Whatever was sent must still fit one of them, whatever is answered one there was."""
        for choice in _alternatives(old if is_input else new):
            others = _alternatives(new if is_input else old)
            pairs = [(choice, each) if is_input else (each, choice) for each in others]
            if not any(self._fits(*pair, is_input=is_input) for pair in pairs):
                yield Change(name, "one of the alternatives was removed or added")

    def _fits(self, before: Json, now: Json, *, is_input: bool) -> bool:
        trial = Comparison(self._before, self._now)
        return not list(trial._schema(before, now, "", is_input=is_input))

    def _all_of(self, document: Json, items: list[Json]) -> Iterator[Json]:
        return (self._of(document, each) for each in items)

    def _of(self, document: Json, part: Json) -> Json:
        while "$ref" in part:
            found = document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part


def _alternatives(schema: Json) -> list[Json]:
    return next((schema[choice] for choice in CHOICES if choice in schema), [schema])


def _of_values(old: Json, new: Json, name: str, *, is_input: bool) -> Iterator[Change]:
    was, has = _types(old), _types(new)
    if (is_input and has and (not was or was - has)) or (
        not is_input and was and (not has or has - was)
    ):
        yield Change(name, f"the type was {sorted(was)} and is {sorted(has)}")
    if old.get("format") != new.get("format"):
        yield Change(name, "has another format")
    if not is_input:
        return
    refused = set(_values(old)) - set(_values(new))
    if _values(new) and (refused or not _values(old)):
        yield Change(name, f"no longer takes {sorted(refused) or 'any value'}")
    for limit in MOST:
        if limit in new and new[limit] < old.get(limit, float("inf")):
            yield Change(name, f"{limit} is lower")
    for limit in LEAST:
        if limit in new and new[limit] > old.get(limit, float("-inf")) and new[limit] != 0:
            yield Change(name, f"{limit} is higher")
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield Change(name, "has another pattern")


def _types(schema: Json) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def _values(schema: Json) -> list[str]:
    given = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return [str(each) for each in given]
