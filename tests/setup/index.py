"""A package index on the loopback: of one small package, over TLS or not, that answers or hangs."""

import hashlib
import io
import json
import ssl
import subprocess
import tarfile
import threading
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME = "connecttrial-1.0-py3-none-any.whl"


def wheel(size: int = 1) -> bytes:
    """Returns a package with one file of `size` bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("connecttrial.py", "#" * size)
        record = "connecttrial-1.0.dist-info"
        archive.writestr(
            f"{record}/METADATA", "Metadata-Version: 2.1\nName: connecttrial\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{record}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(
            f"{record}/RECORD",
            f"connecttrial.py,,\n{record}/METADATA,,\n{record}/WHEEL,,\n{record}/RECORD,,\n",
        )
    return buffer.getvalue()


def tarball() -> bytes:
    """Returns the package as npm knows packages."""
    buffer = io.BytesIO()
    text = json.dumps({"name": "connecttrial", "version": "1.0.0"}).encode()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo("package/package.json")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    return buffer.getvalue()


class Index:
    """The index; while it `hangs`, nobody is answered. `asked` is set by the first request."""

    def __init__(self, url: str, package: bytes) -> None:
        self.url = url
        self.package = package
        self.archive = tarball()
        self.asked = threading.Event()
        self.goes_on = threading.Event()
        self.goes_on.set()

    @property
    def requirement(self) -> str:
        """The line of a lock file."""
        return f"connecttrial==1.0 --hash=sha256:{hashlib.sha256(self.package).hexdigest()}\n"

    @property
    def integrity(self) -> str:
        """What npm's lock file says of the package."""
        return "sha512-" + b64encode(hashlib.sha512(self.archive).digest()).decode()

    def answer(self, path: str) -> bytes | None:
        """Returns what is at a path."""
        if path == "/simple/connecttrial/":
            return f'<a href="/{NAME}">{NAME}</a>'.encode()
        if path == "/connecttrial":
            about = {"name": "connecttrial", "version": "1.0.0"}
            place = {"tarball": f"{self.url}/archive.tgz", "integrity": self.integrity}
            latest = {"latest": "1.0.0"}
            version = {**about, "dist": place}
            return json.dumps(
                {**about, "dist-tags": latest, "versions": {"1.0.0": version}}
            ).encode()
        return {f"/{NAME}": self.package, "/archive.tgz": self.archive}.get(path)


@contextmanager
def serving(certificate: Path | None = None, package: bytes | None = None) -> Iterator[Index]:
    """Runs an index for as long as the block runs; with TLS if there is a certificate."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.set()
            index.goes_on.wait(60)
            body = index.answer(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header(
                "Content-Type", "application/json" if body and body[:1] == b"{" else "text/html"
            )
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate is not None:
        scheme = "https"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    index = Index(f"{scheme}://localhost:{server.server_port}", package or wheel())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield index
    finally:
        index.goes_on.set()
        server.shutdown()
        server.server_close()


def certificate(folder: Path) -> tuple[Path, Path]:
    """Makes an authority and a certificate of localhost that it signed; returns both as files."""
    made, authority = folder / "server.pem", folder / "ca.pem"

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "rsa:2048", "-nodes", "-days", "2")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Proxy")
    openssl("req", *key[:3], "-keyout", "k.pem", "-out", "c.csr", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names")
    openssl("x509", "-req", "-in", "c.csr", *signed, "-days", "2", "-out", "c.pem")
    made.write_text((folder / "k.pem").read_text() + (folder / "c.pem").read_text())
    return made, authority
