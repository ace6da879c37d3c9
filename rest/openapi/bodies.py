"""The bodies that are sent, in each of their media types."""

from ..fields import Json
from ..wire.request import FORM, JSON, MULTIPART
from .examples import SENT
from .forms import flat, form_of, form_of_list
from .schemas import INPUTS, ref


def _body(name: str, schema: Json) -> Json:
    """A body in each of the three media types; one that asks for nothing may be left out."""
    as_form = {"schema": ref("schemas", f"{name}Form"), "example": flat(SENT[name])}
    as_json = {"schema": ref("schemas", name), "example": SENT[name]}
    return {
        "required": "required" in schema or schema["type"] == "array",
        "content": {JSON: as_json, FORM: as_form, MULTIPART: as_form},
    }


FORMS: Json = {
    f"{name}Form": form_of_list(schema) if schema["type"] == "array" else form_of(schema)
    for name, schema in INPUTS.items()
    if name in SENT
}
BODIES: Json = {name: _body(name, INPUTS[name]) for name in SENT}
