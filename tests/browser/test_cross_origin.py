"""A frontend of another origin in a real Chromium, which sends real preflights."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.service import EmbeddedService

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CALL = """async ([url, token, method]) => {
  const headers = {
    Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', Traceparent: '00-1',
    'Apollographql-Client-Name': 'web', 'If-Match': '*', 'Idempotency-Key': 'abc',
  };
  const body = method === 'GET' ? undefined : JSON.stringify({ query: '{ viewer { tokenName } }' });
  try {
    const answer = await fetch(url, { method, headers, body });
    return [answer.status, answer.headers.get('X-Request-Id'), await answer.text()];
  } catch (error) {
    return [0, null, String(error)];
  }
}"""


class Frontend(http.server.BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><link rel=icon href=data:,><title>frontend</title>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def frontend() -> Iterator[str]:
    """The origin of a server of its own."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Frontend) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def service(tmp_path: Path, frontend: str) -> Iterator[EmbeddedService]:
    service = EmbeddedService(tmp_path, {"CONNECT_CORS_ORIGINS": frontend})
    yield service
    service.stop()


async def test_a_configured_origin_calls_with_any_header(
    page: Page, frontend: str, service: EmbeddedService
) -> None:
    await page.goto(frontend)
    for path, method in (("/graphql", "POST"), ("/api/v1/appointments/", "GET")):
        status, request_id, text = await page.evaluate(
            CALL, [service.url + path, service.token, method]
        )
        assert status == 200, text
        assert request_id


async def test_another_origin_is_kept_out(
    page: Page, frontend: str, service: EmbeddedService
) -> None:
    await page.goto(frontend.replace("127.0.0.1", "localhost"))
    for path, method in (("/graphql", "POST"), ("/api/v1/appointments/", "GET")):
        status, _, _ = await page.evaluate(CALL, [service.url + path, service.token, method])
        assert status == 0
