"""The bodies that are sent, as JSON.

Forms are accepted too, but described in words alone: generated clients that are offered a form
beside a list in JSON crash, or send the form.
"""

from ..fields import Json
from ..wire.request import FORM, JSON, MULTIPART
from .examples import SENT
from .schemas import INPUTS, ref

FORMS = f"JSON; `{FORM}` and `{MULTIPART}` are accepted as well"


def _body(name: str, schema: Json) -> Json:
    """A body as JSON; one that asks for nothing may be left out."""
    return {
        "description": f"{FORMS}{_spelled(name, schema)}.",
        "required": "required" in schema or schema["type"] == "array",
        "content": {JSON: {"schema": ref("schemas", name), "example": SENT[name]}},
    }


def _spelled(name: str, schema: Json) -> str:
    """How the names of a form spell out what JSON nests, by the example."""
    if schema["type"] == "array":
        return f", with names like `[0]{next(iter(SENT[name][0]))}`"
    names = []
    for key, value in SENT[name].items():
        if isinstance(value, list):
            names.append(f"`{key}[0]{next(iter(value[0]))}`")
        elif isinstance(value, dict):
            names.append(f"`{key}.{next(iter(value))}`")
    return f", with names like {' and '.join(names)}" if names else ""


BODIES: Json = {name: _body(name, INPUTS[name]) for name in SENT}
