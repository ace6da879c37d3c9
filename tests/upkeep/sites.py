"""Sites on the loopback, with certificates of a self-made authority, as clients would meet them."""

import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

OPENSSL = shutil.which("openssl")
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
DEADLINE_SECONDS = 30.0


class Authority:
    """An authority in a folder, which makes certificates; skips where there is no openssl."""

    def __init__(self, folder: Path) -> None:
        if OPENSSL is None:
            pytest.skip("this machine has no openssl to make certificates with")
        self.folder = folder
        self.file = folder / "authority.pem"
        made = ("-keyout", folder / "authority.key", "-out", self.file)
        self._run("req", "-x509", *KEY, "-days", 3, "-subj", "/CN=Authority of the tests", *made)

    def certificate(self, name: str, days: int) -> Path:
        """Makes a certificate, and the key beside it; one of 0 days has expired on return."""
        request, file = self.folder / "request.csr", self.folder / f"{name}-{days}.pem"
        self._run("req", *KEY, "-subj", f"/CN={name}", "-keyout", f"{file}.key", "-out", request)
        names = self.folder / "names"
        names.write_text(f"subjectAltName=DNS:{name}\n")
        by = ("-CA", self.file, "-CAkey", self.folder / "authority.key", "-CAcreateserial")
        self._run(
            *("x509", "-req", "-in", request, *by, "-days", days, "-extfile", names, "-out", file)
        )
        deadline = time.monotonic() + DEADLINE_SECONDS
        while days == 0 and self._is_valid(file) and time.monotonic() < deadline:
            time.sleep(0.1)
        return file

    def _run(self, *arguments: object) -> None:
        subprocess.run([str(OPENSSL), *map(str, arguments)], capture_output=True, check=True)

    def _is_valid(self, file: Path) -> bool:
        asked = [str(OPENSSL), "x509", "-in", str(file), "-noout", "-checkend", "0"]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0


class Page(BaseHTTPRequestHandler):
    """Answers every path alike."""

    answer: ClassVar[tuple[int, str, str]] = (404, "", "<h1>Nothing here</h1>")

    def do_GET(self) -> None:
        status, location, body = self.answer
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def site(
    certificate: Path | None = None, status: int = 404, location: str = "", body: str = "<h1>?</h1>"
) -> Iterator[str]:
    """Runs a site that is not our service; yields its address."""
    page = type("Page", (Page,), {"answer": (status, location, body)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), page)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, f"{certificate}.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    running.start()
    try:
        scheme = "http" if certificate is None else "https"
        yield f"{scheme}://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        running.join()
        server.server_close()
