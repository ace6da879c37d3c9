"""Sentences of graphql-core about what callers sent, with values as JSON has them.

It writes them as Python does: `None`, `True`, objects as dictionaries.
"""

import json
import re
from ast import literal_eval

NOT_NULL = re.compile(r"not to be None\.$")
# How a sentence ends that shows a value. Where a whole object is found, it is one with a field too
# many or too few, which the sentence names.
SHOWN = re.compile(
    r"(?P<said>.*?)"
    r"(?P<lead>[,;]? [fF]ound: |(?<!invalid) value: )"
    r"(?P<value>.*?)"
    r"(?P<rest>\.?(?: Did you mean [^{}]*\?)?)",
    re.DOTALL,
)
WORDS = {
    "None": "null",
    "True": "true",
    "False": "false",
    "inf": "an infinite number",
    "-inf": "an infinite number",
}


def in_json(sentence: str) -> str:
    """Returns the sentence with its value as JSON has it, without what an object holds."""
    shown = SHOWN.fullmatch(NOT_NULL.sub("not to be null.", sentence))
    if shown is None:
        return NOT_NULL.sub("not to be null.", sentence)
    said, lead, value, rest = shown.groups()
    if value.startswith("{") and "ound" in lead:
        return said if said.endswith("?") else f"{said}."
    return f"{said}{lead}{_value(value)}{rest}"


def _value(shown: str) -> str:
    if shown.startswith("{"):
        return "an object"
    if shown.startswith("["):
        return "a list"
    if shown.startswith(("'", '"')):
        return _text(shown)
    return WORDS.get(shown, shown)


def _text(shown: str) -> str:
    """A text in double quotes, whichever quotes it is shown in."""
    try:
        return json.dumps(literal_eval(shown), ensure_ascii=False)
    except (ValueError, SyntaxError):
        # It was cut where it is too long.
        return '"' + shown.strip("'\"").replace('"', '\\"') + '"'
