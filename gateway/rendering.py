"""HTML templates. Jinja is imported with the first page, which many servers never serve."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"

# A text that is rendered when it is called for.
Text = Callable[[], str]


def template(
    name: str, filters: Mapping[str, Any] = MappingProxyType({}), **names: Any
) -> "Template":
    """Returns a template with these filters and global names."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= filters
    environment.globals |= names
    return environment.get_template(name)


def page(name: str, **values: Any) -> Text:
    """Returns a function that renders the template with these values once."""
    return cache(lambda: template(name).render(**values))
