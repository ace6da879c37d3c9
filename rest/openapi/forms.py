"""Bodies as forms: how names spell out the lists and objects that JSON nests."""

import re
from typing import Any

from ..fields import Json
from .schemas import INPUTS


def form_of(schema: Json, prefix: str = "", pattern: str = "") -> Json:
    """The form of an object: `name`, `name.key` for an object in it, `name[0]key` for a list."""
    form: Json = {"type": "object", "required": [], "properties": {}, "patternProperties": {}}
    for name, inner in schema.get("properties", {}).items():
        found = _target(inner)
        is_required = name in schema.get("required", ())
        if found.get("type") == "array":
            _add(form, _of_items(found, name), is_required)
        elif found.get("type") == "object":
            _add(form, _of_keys(found, name), is_required)
        else:
            form["properties"][name] = _text(inner)
            form["required"] += [name] if is_required else []
    return {key: value for key, value in form.items() if value}


def form_of_list(schema: Json) -> Json:
    """The form of a list: `[0]key`."""
    return {"type": "object", **_of_items(schema, "")}


def flat(example: Any) -> Json:
    """An example as the fields of a form."""
    if isinstance(example, list):
        return _flat_items(example, "")
    fields: Json = {}
    for name, value in example.items():
        if isinstance(value, list):
            fields |= _flat_items(value, name)
        elif isinstance(value, dict):
            fields |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            fields[name] = value
    return fields


def _flat_items(items: list[Json], name: str) -> Json:
    return {
        f"{name}[{at}]{key}": value for at, item in enumerate(items) for key, value in item.items()
    }


def _add(form: Json, inner: Json, is_required: bool) -> None:
    form["properties"] |= inner["properties"]
    form["patternProperties"] |= inner.get("patternProperties", {})
    form["required"] += inner.get("required", ()) if is_required else ()


def _of_items(schema: Json, name: str) -> Json:
    item = _target(schema["items"])
    keys = {key: _text(inner) for key, inner in item["properties"].items()}
    return {
        "required": [f"{name}[0]{key}" for key in item["required"]],
        "properties": {f"{name}[0]{key}": inner for key, inner in keys.items()},
        "patternProperties": {
            rf"^{re.escape(name)}\[[1-9][0-9]*\]{key}$": inner for key, inner in keys.items()
        },
    }


def _of_keys(schema: Json, name: str) -> Json:
    return {"properties": {f"{name}.{key}": inner for key, inner in schema["properties"].items()}}


def _target(schema: Json) -> Json:
    """What a schema points at, null left aside: a form cannot say null."""
    inner = schema["anyOf"][0] if "anyOf" in schema else schema
    found: Json = INPUTS.get(inner.get("$ref", "").rpartition("/")[2], inner)
    return found


def _text(schema: Json) -> Json:
    inner: Json = schema["anyOf"][0] if "anyOf" in schema else schema
    kind = inner.get("type")
    return {**inner, "type": kind[0]} if isinstance(kind, list) else inner
