"""Real proxies with the configuration of `deploy/`, on ports of the loopback.

Only what differs from a real site is replaced: ports, host name, certificate, folders.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.service import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = DEPLOY / "nginx" / "consularia-connect.conf"
CADDY = DEPLOY / "caddy" / "Caddyfile"
SECONDS = 30.0
# Shorter than 90 s, and than the silence that tests wait for; longer than any sign of life may take.
QUIET_SECONDS = 55

AROUND_NGINX = """\
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/consularia-connect.conf;
    # Removes the path, which the committed configuration passes on.
    server {{
        listen 127.0.0.1:{removing};
        location /connect/ {{
            proxy_set_header Host $host;
            proxy_pass http://consularia_connect/;
        }}
    }}
    # A site that was there before, with what it is told to take over.
    server {{
        listen 127.0.0.1:{existing};
        access_log {folder}/existing.log;
        {taken_over}
    }}
}}
"""
# What deploy/README.md says.
TAKEN_OVER = re.compile(
    r"^    (?:location .+?^    }|large_client_header_buffers .+?;)$", re.DOTALL | re.MULTILINE
)
# Beside the committed options: Caddy takes one block of them.
OPTIONS_OF_CADDY = """
	admin off
	skip_install_trust
	auto_https disable_redirects
"""


def found(name: str, package: str) -> str:
    """Returns the path of a program; skips the test if there is none."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"No {name} found: install one (Debian: apt-get install {package}).")
    return path


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """Returns the text with other values; fails when one of them is not there any more."""
    for old, new in changes.items():
        assert old in text, f"the committed configuration has no {old!r} to replace"
        text = text.replace(old, new)
    return text


def certificate(folder: Path) -> tuple[Path, Path]:
    """Makes a certificate for localhost; returns it and its key."""
    program = found("openssl", "openssl")
    made, key = folder / "localhost.pem", folder / "localhost.key"
    command = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(made)]
    subprocess.run(command, check=True, capture_output=True)
    return made, key


class Proxy:
    """A proxy in `folder`; `authority` is what its certificate is checked with."""

    def __init__(self, folder: Path, port: int, authority: Path) -> None:
        self.folder = folder
        self.port = port
        self.authority = authority

    @property
    def url(self) -> str:
        """The address of the service for clients."""
        return public_url(self.port)


def public_url(port: int) -> str:
    """Returns the address of the service behind a proxy at the port."""
    return f"https://localhost:{port}/connect"


class Ports(NamedTuple):
    """The ports of nginx: with TLS, without, of one that removes the path, of one that was there."""

    secure: int
    plain: int
    removing: int
    existing: int


def rendered_nginx(folder: Path, upstream: int, ports: Ports) -> Path:
    """Writes the configuration of nginx into the folder, with a certificate; returns its path."""
    made, key = certificate(folder)
    text = replaced(
        NGINX.read_text(),
        {
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl http2;\n": "",
            "listen 80;": f"listen 127.0.0.1:{ports.plain};",
            "listen 443 ssl": f"listen 127.0.0.1:{ports.secure} ssl",
            "127.0.0.1:8000": f"127.0.0.1:{upstream}",
            "/etc/letsencrypt/live/example.org/fullchain.pem": str(made),
            "/etc/letsencrypt/live/example.org/privkey.pem": str(key),
            "/var/log/nginx/consularia-connect.log": f"{folder}/access.log",
            "server_name example.org": "server_name localhost",
            " 90s;": f" {QUIET_SECONDS}s;",
        },
    )
    (folder / "consularia-connect.conf").write_text(text)
    # The folders of tests are open to their user alone.
    user = "user root;" if os.getuid() == 0 else ""
    path = folder / "nginx.conf"
    path.write_text(
        AROUND_NGINX.format(
            folder=folder,
            user=user,
            removing=ports.removing,
            existing=ports.existing,
            taken_over="\n".join(TAKEN_OVER.findall(text)),
        )
    )
    return path


@contextmanager
def nginx(folder: Path, upstream: int, ports: Ports) -> Iterator[Proxy]:
    """Runs nginx in front of the service at `upstream`."""
    program = found("nginx", "nginx-light")
    path = rendered_nginx(folder, upstream, ports)
    with running([program, "-c", str(path), "-p", str(folder)], folder, ports.secure):
        yield Proxy(folder, ports.secure, folder / "localhost.pem")


def rendered_caddy(folder: Path) -> Path:
    """Writes the configuration of Caddy with options of the tests; returns its path."""
    path = folder / "Caddyfile"
    path.write_text(replaced(CADDY.read_text(), {"\n{\n": "\n{" + OPTIONS_OF_CADDY}))
    return path


def environment_of_caddy(folder: Path, upstream: int, port: int) -> dict[str, str]:
    """Returns what the configuration is completed with, and folders of the test's own."""
    return {
        **os.environ,
        "SITE_ADDRESS": f"https://localhost:{port}",
        "CONNECT_UPSTREAM": f"127.0.0.1:{upstream}",
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "HOME": str(folder),
    }


@contextmanager
def caddy(folder: Path, upstream: int, port: int) -> Iterator[Proxy]:
    """Runs Caddy in front of the service at `upstream`, with an authority of its own."""
    program = found("caddy", "caddy")
    command = [program, "run", "--adapter", "caddyfile", "--config", str(rendered_caddy(folder))]
    with running(command, folder, port, environment_of_caddy(folder, upstream, port)):
        yield Proxy(folder, port, folder / "caddy/pki/authorities/local/root.crt")


@contextmanager
def running(
    command: list[str], folder: Path, port: int, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Runs a program until the block ends, from when the port accepts a TLS connection."""
    log = folder / "proxy.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
    try:
        until = time.monotonic() + SECONDS
        while not speaks_tls(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"not started:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def speaks_tls(port: int) -> bool:
    """Whether a TLS connection to the port can be made, whoever certifies it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=5) as link,
            context.wrap_socket(link, server_hostname="localhost"),
        ):
            return True
    except OSError:
        return False


def free_ports(count: int) -> list[int]:
    """Returns free ports of the loopback, each another one."""
    chosen: set[int] = set()
    while len(chosen) < count:
        chosen.add(free_port())
    return sorted(chosen)
