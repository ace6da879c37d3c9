"""The web pages: the start page, the explorer, the REST documentation and both schemas."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from rest.wire.conditions import Conditions
from rest.wire.media import quality
from rest.wire.problems import MalformedCondition, NotModified, PreconditionFailed

from .files import Chunked, read_once
from .rendering import TEMPLATES, Text, page
from .settings.installed import PROGRAM

GUARDS = {
    # Inline styles are allowed because the editor of the explorer adds its own; inline scripts not.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

# Not taken from the machine's own table: with nosniff a wrong entry there would break the pages.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
}

# Headers that a 304 repeats.
VALIDATING = {"etag", "cache-control", "vary"}

FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}")

Answer = Callable[[Request], Response]


@dataclass(frozen=True)
class Link:
    """One link on the start page."""

    name: str
    words: str
    url: str


class PageEndpoint:
    """An ASGI endpoint for GET and HEAD, with conditional requests and security headers."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one HTTP request."""
        # Range is ignored: the files are small, and serving a hundred ranges would be expensive.
        scope["headers"] = [each for each in scope["headers"] if each[0] != b"range"]
        request = Request(scope, receive)
        response = self._respond(request)
        for name, value in GUARDS.items():
            response.headers[name] = value
        await response(scope, receive, send)

    def _respond(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return PlainTextResponse("Method not allowed.", 405, {"Allow": "GET, HEAD"})
        response = as_conditions_say(request, self.answer(request))
        if request.method == "HEAD":
            response.body = b""  # The headers, including Content-Length, stay.
        return response


def routes(
    *,
    public_url: str,
    static: Path,
    sdl: Text | None,
    possible_types: Callable[[], bytes],
    openapi: Callable[[], bytes],
    explorer: bool = True,
    metrics: bool = True,
) -> list[BaseRoute]:
    """Returns the routes of all pages; `static` is the folder of the built front end.

    The folder may be missing. Without `sdl` nothing about the GraphQL schema is served, without
    `explorer` the explorer is not, and without `metrics` the start page does not lead to them.
    """
    url = public_url.rstrip("/")
    base = urlsplit(url).path
    absent = {"explorer"} if not explorer else set()
    absent |= {"metrics"} if not metrics else set()
    absent |= {"schema", "possible_types"} if sdl is None else set()
    links = [link for link in list_links(url) if link.name not in absent]
    built = [link for link in links if link.name not in {"explorer", "docs"}]
    both = {"base": base, "program": PROGRAM}
    home = page("home.html", url=url, links=links, explorer=explorer, **both)
    not_built = page("not_built.html", links=built, **both)
    icon = constant((TEMPLATES / "favicon.svg").read_text, "image/svg+xml")
    documentation = built_page(static / "docs" / "index.html", base, not_built)
    table: list[tuple[str, Answer]] = [
        ("/", start_page(home, links)),
        ("/docs", documentation),
        ("/docs/", documentation),
        ("/openapi.json", constant(openapi, "application/json")),
        ("/favicon.svg", icon),
        ("/favicon.ico", icon),
    ]
    if explorer:
        table += [
            ("/explorer", lambda _: RedirectResponse(f"{base}/explorer/")),
            ("/explorer/", built_page(static / "explorer" / "index.html", base, not_built)),
            ("/explorer/assets/{name}", asset(static / "explorer" / "assets")),
        ]
    if sdl is not None:
        table += [
            ("/schema.graphql", constant(sdl, "text/plain; charset=utf-8")),
            ("/possible-types.json", constant(possible_types, "application/json")),
        ]
    return [Route(path, PageEndpoint(answer), include_in_schema=False) for path, answer in table]


def list_links(url: str) -> list[Link]:
    """Returns the links of the start page, as addresses under the public URL."""
    return [
        Link("graphql", "GraphQL", f"{url}/graphql"),
        Link("explorer", "GraphQL explorer", f"{url}/explorer/"),
        Link("docs", "REST documentation", f"{url}/docs"),
        Link("openapi", "OpenAPI description", f"{url}/openapi.json"),
        Link("schema", "GraphQL schema", f"{url}/schema.graphql"),
        Link("possible_types", "Possible types for Apollo Client", f"{url}/possible-types.json"),
        Link("health", "Liveness", f"{url}/healthz"),
        Link("ready", "Readiness", f"{url}/readyz"),
        Link("metrics", "Prometheus metrics", f"{url}/metrics"),
    ]


def start_page(html: Text, links: list[Link]) -> Answer:
    """Answers with the page for browsers, and with the same links as JSON for other clients."""
    data = {"name": "Consularia Connect", "links": {link.name: link.url for link in links}}

    def answer(request: Request) -> Response:
        wants_html = prefers_html(request.headers.get("accept", "*/*"))
        response = HTMLResponse(html()) if wants_html else JSONResponse(data)
        return checked(response, {"Vary": "Accept"})

    return answer


def constant(body: Callable[[], str | bytes], media_type: str) -> Answer:
    """Answers with the same bytes every time, rendered with the first request."""
    kept = cache(body)
    return lambda _: checked(Response(kept(), media_type=media_type))


def built_page(path: Path, base: str, not_built: Text) -> Answer:
    """Answers with a page of the front end, or with 503 and how to build it.

    The addresses in its attributes are built without a `base`, and get it here.
    """
    start = f'="{base}/'.encode()

    def answer(_: Request) -> Response:
        try:
            return checked(HTMLResponse(path.read_bytes().replace(b'="/', start)))
        except FileNotFoundError:
            return HTMLResponse(not_built(), 503, {"Cache-Control": "no-store"})

    return answer


def asset(folder: Path) -> Answer:
    """Answers with a file of the folder; its name holds a hash, so clients may cache it."""

    def answer(request: Request) -> Response:
        name = request.path_params["name"]
        path = folder / name
        # Route parameters contain no slash; FILE_NAME rejects what else could leave the folder.
        if not FILE_NAME.fullmatch(name) or not path.is_file():
            return PlainTextResponse("There is no such file.", 404)
        return file_response(path, request)

    return answer


def file_response(path: Path, request: Request) -> Response:
    """Returns a file, or the compressed copy beside it if the client accepts gzip."""
    packed = path.with_name(path.name + ".gz")
    takes_gzip = quality(request.headers.get("accept-encoding", ""), "gzip") > 0
    is_packed = takes_gzip and packed.is_file()
    served = packed if is_packed else path
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "ETag": f'"{served.name}"',
        "Vary": "Accept-Encoding",
    }
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    media_type = MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    return Chunked(read_once(served), headers=headers, media_type=media_type)


def checked(response: Response, headers: Mapping[str, str] | None = None) -> Response:
    """Lets the client cache the response, but revalidate it each time."""
    digest = hashlib.sha256(bytes(response.body)).hexdigest()[:20]
    response.headers.update({"ETag": f'"{digest}"', "Cache-Control": "no-cache", **(headers or {})})
    return response


def as_conditions_say(request: Request, response: Response) -> Response:
    """Returns 304 if the client has the response already, 412 if it wants another one."""
    conditions = Conditions.of(request.headers.raw, is_read=True)
    if response.status_code != 200 or conditions is None:
        return response
    headers = {name: value for name, value in response.headers.items() if name in VALIDATING}
    try:
        conditions.ensure(response.headers["etag"].strip('"'))
    except NotModified:
        return Response(status_code=304, headers=headers)
    except (PreconditionFailed, MalformedCondition) as problem:
        status = 412 if isinstance(problem, PreconditionFailed) else 400
        return PlainTextResponse(problem.message, status, headers)
    return response


def prefers_html(accept: str) -> bool:
    """Whether the client names text/html, as browsers do, and does not prefer JSON."""
    html = quality(accept, "text/html")
    return html > 0 and html >= quality(accept, "application/json")
