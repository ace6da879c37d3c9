"""A service below a path: the same answers whether the proxy removes the path or passes it on."""

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import pytest

from gateway.app import create_app
from gateway.live.handshake import Origins
from gateway.middleware.base_path import BasePath
from gateway.settings import Settings, WrongSetting
from tests.contract.test_appointments import booking
from tests.people import Tenant

BASE = "/connect"
PUBLIC = f"http://testserver{BASE}"
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
LINKS = "{ appointments(first: 1) { nodes { participants { nodes { accessLink } } } } }"
ADDRESSES = re.compile(r'(?:href|src)="([^"#]+)"')


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, given_public_url=PUBLIC, page_size=1)


@pytest.fixture(params=["", BASE], ids=["removed", "passed on"])
def at(request: pytest.FixtureRequest) -> str:
    """What stands before the paths that reach the service."""
    return str(request.param)


@pytest.fixture
async def links(client: httpx2.AsyncClient, tenant: Tenant, at: str) -> list[str]:
    """The links of two appointments, as REST answers them."""
    found = []
    for _ in range(2):
        answer = await client.post(
            f"{at}/api/v1/appointments/", headers=token(tenant), json=booking()
        )
        assert answer.status_code == 201
        found += [each["access_link"] for each in answer.json()["participants"]]
    return found


def token(tenant: Tenant) -> dict[str, str]:
    return {"Authorization": f"Token {tenant.write}"}


def arriving(url: str, at: str) -> str:
    """Returns what reaches the service when a client opens the address."""
    address = urlsplit(url)
    assert address.path.startswith(BASE)
    query = f"?{address.query}" if address.query else ""
    return at + address.path.removeprefix(BASE) + query


async def test_rest_links_to_its_pages(
    client: httpx2.AsyncClient, tenant: Tenant, links: list[str], at: str
) -> None:
    first = await client.get(f"{at}/api/v1/appointments/", headers=token(tenant))
    following = first.json()["next"]
    assert following.startswith(f"{PUBLIC}/api/v1/appointments/?")
    second = await client.get(arriving(following, at), headers=token(tenant))
    assert second.json()["previous"].startswith(f"{PUBLIC}/api/v1/appointments/")
    assert second.json()["results"] != first.json()["results"]


async def test_both_faces_give_links_that_open(
    client: httpx2.AsyncClient, tenant: Tenant, links: list[str], at: str
) -> None:
    answer = await client.post(f"{at}/graphql", headers=token(tenant), json={"query": LINKS})
    (node,) = answer.json()["data"]["appointments"]["nodes"]
    told = [each["accessLink"] for each in node["participants"]["nodes"]]
    assert told and set(told) <= set(links)
    assert all(link.startswith(f"{PUBLIC}/join/") for link in links)
    page = await client.get(arriving(told[0], at), headers=HTML)
    assert page.status_code == 200
    addresses = ADDRESSES.findall(page.text)
    assert len(addresses) >= 4
    for address in addresses:
        whole = urljoin(told[0], address)
        assert (await client.get(arriving(whole, at))).status_code == 200


async def test_joining_without_scripts_comes_back_to_the_page(
    client: httpx2.AsyncClient, links: list[str], at: str, clock: Any
) -> None:
    clock.set(clock.now().fromisoformat(booking()["start_date_time"]))
    joined = await client.post(arriving(links[0], at), headers=HTML)
    assert (joined.status_code, joined.headers["location"]) == (
        303,
        f"{urlsplit(links[0]).path}?joined=1",
    )


async def test_every_address_of_the_pages_is_served(client: httpx2.AsyncClient, at: str) -> None:
    home = await client.get(f"{at}/", headers=HTML)
    assert f"curl {PUBLIC}/graphql" in home.text
    for address in ADDRESSES.findall(home.text):
        answer = await client.get(arriving(address, at))
        # 503 where the front end is not built; a GraphQL endpoint that is asked nothing.
        assert answer.status_code in ((400, 401) if address.endswith("/graphql") else (200, 503))
    told = (await client.get(f"{at}/")).json()["links"]
    assert all(link.startswith(f"{PUBLIC}/") for link in told.values())
    document = (await client.get(f"{at}/openapi.json")).json()
    assert document["servers"] == [{"url": PUBLIC}]


async def test_redirects_lead_below_the_path(client: httpx2.AsyncClient, at: str) -> None:
    for path in ("/explorer", "/graphql", "/graphql/"):
        answer = await client.get(f"{at}{path}", headers=HTML)
        assert answer.headers["location"] == f"{BASE}/explorer/"


async def test_probes_reach_it_by_either_path(client: httpx2.AsyncClient, at: str) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = await client.get(f"{at}{path}", headers={"Host": "10.0.0.7:8000"})
        assert answer.status_code == 200


async def test_errors_are_those_of_the_face(client: httpx2.AsyncClient, at: str) -> None:
    refused = await client.post(f"{at}/graphql", headers={"Host": "evil.example"})
    assert refused.json()["errors"][0]["extensions"]["code"] == "UNKNOWN_HOST"
    assert (await client.get(f"{at}/api/v1/appointments/")).status_code == 401
    assert (await client.post(f"{at}/rooms/webhook")).json()["detail"].startswith("The rooms")
    assert (await client.get(f"{at}/nothing")).json() == {"detail": "Not found."}


async def test_the_path_alone_is_the_start_page(client: httpx2.AsyncClient) -> None:
    assert (await client.get(BASE)).json() == (await client.get(f"{BASE}/")).json()


async def test_names_that_begin_alike_are_not_the_path(client: httpx2.AsyncClient) -> None:
    for path in (f"{BASE}ed/healthz", f"{BASE}{BASE}/healthz", f"/x{BASE}/healthz"):
        assert (await client.get(path)).status_code == 404


async def arrived(path: str, base: str, kept: tuple[str, ...] = (), kind: str = "http") -> str:
    seen: list[str] = []

    async def app(scope: Any, *_: Any) -> None:
        seen.append(scope["path"])

    scope = {"type": kind, "path": path}
    unused: Any = SimpleNamespace()
    await BasePath(app, base, kept)(scope, unused, unused)
    assert seen == [scope["path"]]  # the server's own scope
    return seen[0]


async def test_sockets_lose_the_path_too() -> None:
    assert await arrived("/connect/graphql", BASE, kind="websocket") == "/graphql"
    assert await arrived("/graphql", BASE, kind="websocket") == "/graphql"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/appointments/", "/api/v1/appointments/"),
        ("/api/api/v1/appointments/", "/api/v1/appointments/"),
        ("/api/graphql", "/graphql"),
        ("/api", "/"),
    ],
)
async def test_a_path_that_rest_begins_with_too(path: str, expected: str) -> None:
    assert await arrived(path, "/api", ("/api/v1",)) == expected


async def test_the_path_of_rest_may_begin_with_it(settings: Settings) -> None:
    app = create_app(replace(settings, given_public_url="https://example.org/api"))
    async with app.router.lifespan_context(app) as state:
        for at in ("", "/api"):
            sent = {"type": "http", "path": f"{at}/api/v1/appointments/", "state": dict(state)}
            assert await status_of(app, sent) == 401


async def status_of(app: Any, sent: dict[str, Any]) -> int:
    scope = {
        "method": "GET", "raw_path": sent["path"].encode(), "query_string": b"", "root_path": "",
        "scheme": "http", "http_version": "1.1", "client": ("127.0.0.1", 1),
        "server": ("testserver", 80), "headers": [(b"host", b"localhost")], **sent,
    }  # fmt: skip
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        if "status" in message:
            statuses.append(message["status"])

    await app(scope, receive, send)
    return statuses[0]


@pytest.mark.parametrize("path", ["/graphql", "/join", "/docs", "/api/v1", "/explorer/mine"])
def test_a_path_of_our_own_is_refused(settings: Settings, path: str) -> None:
    with pytest.raises(WrongSetting, match=r"CONNECT_PUBLIC_URL ends in .* such as /connect"):
        create_app(replace(settings, given_public_url=f"https://example.org{path}"))


def test_pages_below_the_path_may_open_sockets() -> None:
    def page(origin: str) -> Any:
        return {"headers": [(b"origin", origin.encode()), (b"host", b"10.0.0.7")]}

    origins = Origins((), "https://Example.org/connect")
    assert origins.welcome(page("https://example.org"))
    assert not origins.welcome(page("https://example.com"))
