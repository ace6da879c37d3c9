"""The start page, the files of the explorer and the documentation, and both schemas over HTTP."""

import asyncio
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.docs import prefers_html, routes
from gateway.settings import Settings
from rest.wire.media import quality

PUBLIC_URL = "https://connect.example"
SDL = '"""Grüße."""\ntype Query { viewer: String }\n'
OPENAPI = b'{"openapi":"3.1.0"}'
SCRIPT = b"console.log('an asset')\n" * 50
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
POSSIBLE_TYPES = b'{"Node":["Appointment"]}'
PAGES = [
    *("/", "/explorer/", "/docs", "/docs/", "/openapi.json", "/favicon.svg"),
    *("/schema.graphql", "/possible-types.json"),
]


@pytest.fixture
def static(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    assets = folder / "explorer" / "assets"
    assets.mkdir(parents=True)
    (folder / "docs").mkdir()
    (folder / "explorer" / "index.html").write_text("<title>explorer</title>")
    (folder / "docs" / "index.html").write_text("<title>documentation</title>")
    (assets / "explorer-A1b2.js").write_bytes(SCRIPT)
    (assets / "explorer-A1b2.js.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / "plain.css").write_text("body{}")
    (assets / ".hidden").write_text("secret")
    (tmp_path / "secret").write_text("secret")
    return folder


def application(static: Path) -> Starlette:
    table = routes(
        public_url=PUBLIC_URL + "/",
        static=static,
        sdl=lambda: SDL,
        possible_types=lambda: POSSIBLE_TYPES,
        openapi=lambda: OPENAPI,
    )
    return Starlette(routes=table)


@pytest.fixture
def client(static: Path) -> TestClient:
    return TestClient(application(static), follow_redirects=False)


@pytest.fixture
def unbuilt(tmp_path: Path) -> TestClient:
    return TestClient(application(tmp_path / "nothing"), follow_redirects=False)


def test_the_start_page_says_where_a_link_leads(client: TestClient) -> None:
    page = " ".join(client.get("/", headers={"Accept": "text/html"}).text.split())
    assert "The link opens in any browser" in page
    assert "leads into the video room" in page


def test_a_browser_gets_the_start_page_with_every_address(client: TestClient) -> None:
    answer = client.get("/", headers=BROWSER)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for path in ["graphql", "explorer/", "docs", "openapi.json", "schema.graphql", "metrics"]:
        assert f'href="{PUBLIC_URL}/{path}"' in answer.text
    assert f"curl {PUBLIC_URL}/graphql" in answer.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5"])
def test_a_program_gets_the_same_addresses_as_json(client: TestClient, accept: str) -> None:
    answer = client.get("/", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["vary"] == "Accept"
    assert answer.json()["links"]["explorer"] == f"{PUBLIC_URL}/explorer/"
    page = client.get("/", headers=BROWSER).text
    assert all(f'href="{url}"' in page for url in answer.json()["links"].values())


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (BROWSER["Accept"], True),
        ("text/html", True),
        ("TEXT/HTML;Q=0.4", True),
        ("text/html;q=0.5, application/json", False),
        ("text/html;q=0", False),
        ("text/html;q=rubbish", False),
        ("", False),
    ],
)
def test_which_clients_prefer_html(accept: str, expected: bool) -> None:
    assert prefers_html(accept) is expected


def test_weights_of_an_accept_header() -> None:
    assert quality("br, gzip;q=0.3", "gzip") == 0.3
    assert quality("gzip;q=0", "gzip") == 0
    assert quality("deflate", "gzip") == 0


def test_the_explorer_has_one_address(client: TestClient) -> None:
    answer = client.get("/explorer")
    assert (answer.status_code, answer.headers["location"]) == (307, "/explorer/")
    assert "explorer" in client.get("/explorer/").text
    assert client.get("/docs").text == client.get("/docs/").text == "<title>documentation</title>"


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path, headers=BROWSER).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", PAGES)
def test_unchanged_pages_are_revalidated_with_304(client: TestClient, path: str) -> None:
    first = client.get(path, headers=BROWSER)
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    again = client.get(path, headers={**BROWSER, "If-None-Match": f"W/{first.headers['etag']}"})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = client.get(path, headers={**BROWSER, "If-None-Match": '"another"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("path", PAGES)
def test_conditions_of_pages_are_those_of_the_api(client: TestClient, path: str) -> None:
    etag = client.get(path, headers=BROWSER).headers["etag"]

    def status(**conditions: str) -> int:
        named = {name.replace("_", "-"): value for name, value in conditions.items()}
        answer = client.get(path, headers={**BROWSER, **named})
        assert answer.headers["etag"] == etag
        assert answer.headers["x-content-type-options"] == "nosniff"
        return answer.status_code

    assert status(If_None_Match="*") == 304
    assert status(If_None_Match=f'"a,b",, {etag}') == 304
    assert status(If_None_Match=etag.strip('"')) == 200
    assert status(If_Match=etag) == status(If_Match="*") == 200
    assert status(If_Match='"another"') == status(If_Match=f"W/{etag}") == 412
    assert status(If_Match='"another"', If_None_Match=etag) == 412
    assert status(If_Match="another") == 400


@pytest.mark.parametrize("path", [*PAGES, "/explorer", "/explorer/assets/explorer-A1b2.js"])
def test_head_answers_as_get_without_a_body(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.content == b""
    assert head.status_code == got.status_code
    assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize("path", [*PAGES, "/explorer", "/explorer/assets/explorer-A1b2.js"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_refused(client: TestClient, path: str, method: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_assets_are_immutable(client: TestClient) -> None:
    answer = client.get("/explorer/assets/explorer-A1b2.js", headers={"Accept-Encoding": "br"})
    assert answer.content == SCRIPT
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in answer.headers
    etag = answer.headers["etag"]
    again = client.get("/explorer/assets/explorer-A1b2.js", headers={"If-None-Match": etag})
    assert again.status_code == 200, "the compressed form is another representation"


def test_assets_are_compressed_if_the_client_accepts_gzip(client: TestClient) -> None:
    answer = client.get("/explorer/assets/explorer-A1b2.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) < len(SCRIPT)
    assert answer.content == SCRIPT
    plain = client.get("/explorer/assets/plain.css", headers={"Accept-Encoding": "gzip"})
    assert plain.text == "body{}"
    assert plain.headers["content-type"] == "text/css; charset=utf-8"


def get_raw(static: Path, path: str) -> tuple[int, bytes]:
    """Request exactly this path; HTTP clients would normalize it first."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    scope |= {"root_path": "", "scheme": "http", "server": ("localhost", 80)}
    asyncio.run(application(static)(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], body


@pytest.mark.parametrize(
    "name",
    [
        "../../../secret",
        "..",
        ".",
        "..\\..\\..\\secret",
        "..%2f..%2f..%2fsecret",
        "/etc/hostname",
        "//etc/hostname",
        ".hidden",
        "explorer-A1b2.js/../.hidden",
        "explorer-A1b2.js\0",
        "explorer-A1b2.js\n",
        "",
        "x" * 5000,
    ],
)
def test_only_assets_can_be_downloaded(static: Path, name: str) -> None:
    status, body = get_raw(static, f"/explorer/assets/{name}")
    assert status == 404
    assert b"secret" not in body


def test_both_schemas_are_served_as_they_are(client: TestClient) -> None:
    openapi, sdl = client.get("/openapi.json"), client.get("/schema.graphql")
    assert (openapi.content, openapi.headers["content-type"]) == (OPENAPI, "application/json")
    assert (sdl.text, sdl.headers["content-type"]) == (SDL, "text/plain; charset=utf-8")
    possible = client.get("/possible-types.json")
    assert possible.content == POSSIBLE_TYPES
    assert possible.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/favicon.svg", "/favicon.ico"])
def test_the_favicon_is_an_image(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg ")


def test_pages_name_the_command_as_it_was_installed(
    static: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.docs.PROGRAM", "connect")
    packed = TestClient(application(static))
    assert "<code>connect token create</code>" in packed.get("/", headers=BROWSER).text
    (static / "docs" / "index.html").unlink()
    assert "<code>connect run</code>" in packed.get("/docs").text


@pytest.mark.parametrize(
    ("changes", "leads"),
    [
        ({}, True),
        ({"metrics": "off"}, False),
        ({"metrics": "token:s3cret-of-16-chr"}, False),
        ({"given_public_url": PUBLIC_URL}, False),
    ],
)
def test_the_start_page_leads_to_metrics_where_they_can_be_read(
    settings: Settings, changes: dict[str, Any], leads: bool
) -> None:
    local = replace(settings, given_public_url=None, given_allowed_hosts=("*",))
    client = TestClient(create_app(replace(local, **changes)))
    assert ('/metrics"' in client.get("/", headers=BROWSER).text) is leads
    assert ("metrics" in client.get("/").json()["links"]) is leads


@pytest.mark.parametrize("path", ["/explorer/", "/docs", "/docs/"])
def test_without_a_build_a_page_says_how_to_build(unbuilt: TestClient, path: str) -> None:
    answer = unbuilt.get(path)
    assert answer.status_code == 503
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    for words in ["./connect run", "Node.js", "The API itself needs none of it", "/graphql"]:
        assert words in answer.text


def test_without_a_build_everything_else_works(unbuilt: TestClient) -> None:
    assert unbuilt.get("/openapi.json").content == OPENAPI
    assert unbuilt.get("/schema.graphql").text == SDL
    assert json.loads(unbuilt.get("/").content)["name"] == "Consularia Connect"
    assert unbuilt.get("/explorer/assets/explorer-A1b2.js").status_code == 404


def test_a_build_made_while_the_service_runs_is_served(tmp_path: Path, unbuilt: TestClient) -> None:
    page = tmp_path / "nothing" / "explorer" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<title>now</title>")
    assert unbuilt.get("/explorer/").text == "<title>now</title>"


def test_our_pages_have_no_script_and_name_no_other_origin(
    client: TestClient, unbuilt: TestClient
) -> None:
    for page in [client.get("/", headers=BROWSER).text, unbuilt.get("/docs").text]:
        elsewhere = page.replace(PUBLIC_URL, "").replace("http://www.w3.org/2000/svg", "")
        assert "http" not in elsewhere
        assert "<script" not in page
