"""What is answered where there is nothing: a page to browsers, JSON to everything else."""

from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from rest.wire.media import quality

from ..languages.choice import language_of, prepare
from ..languages.markup import names
from ..languages.menu import menu
from ..rendering import template
from .answers import HEADERS, POLICY

if TYPE_CHECKING:
    from jinja2 import Template

UNKNOWN = {"detail": "Not found."}
VARY = {"Vary": "Accept, Accept-Language"}


class Nowhere:
    """Answers unknown paths with 404; the addresses of the page begin with `base`."""

    def __init__(self, base: str = "") -> None:
        self._base = base

    @cached_property
    def _template(self) -> "Template":
        sign = SimpleNamespace(words=SimpleNamespace(sign="unknown"))
        return template("nowhere.html", base=self._base, view=sign)

    async def __call__(self, request: Request, error: Exception) -> Response:
        """Answers one request."""
        if not prefers_page(request):
            return JSONResponse(UNKNOWN, 404, VARY)
        await prepare(request)
        language = language_of(request)
        html = self._template.render(names(language) | {"menu": menu(request)})
        headers = {"Content-Security-Policy": POLICY, "Content-Language": language.tag}
        return HTMLResponse(html, 404, HEADERS | headers)


def prefers_page(request: Request) -> bool:
    """Whether the request comes from a browser that shows a page; `*/*` alone asks for data."""
    accept = request.headers.get("accept", "")
    return quality(accept, "text/html") > quality(accept, "application/json")
