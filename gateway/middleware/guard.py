"""Refuses unknown hosts, too many headers and overlong paths before a face sees them.

Plain ASGI middleware. `gateway.wire.intake` enforces the same limits while bytes arrive;
bodies are limited where they are read (`rest.wire.body`).
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from .refusals import Faces, answer, refuse_upgrade

MAX_HEADERS = 100
MAX_HEADER_BYTES = 32_768
MAX_TARGET_BYTES = 8_192
TOO_LARGE = f"Send at most {MAX_HEADERS} headers of {MAX_HEADER_BYTES} bytes together."
TOO_LONG = f"Keep the address under {MAX_TARGET_BYTES} bytes."
# Probes and scrapers send the address of a pod as Host, which no operator can list in advance.
PROBED = frozenset({"/healthz", "/readyz", "/metrics"})


class Guard:
    """Refuses requests for unknown hosts, except probes, and requests over the size limits."""

    def __init__(self, app: ASGIApp, faces: Faces, allowed_hosts: tuple[str, ...]) -> None:
        self._app = app
        self._faces = faces
        self._any_host = "*" in allowed_hosts
        self._hosts = frozenset(host.encode() for host in allowed_hosts)
        self._domains = tuple(host[1:].encode() for host in allowed_hosts if host[:2] == "*.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers 400, 414 or 431."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refused = self._refusal(scope)
        if refused is None:
            await self._app(scope, receive, send)
            return
        status, code, message = refused
        refuse = answer if scope["type"] == "http" else refuse_upgrade
        await refuse(send, status, self._faces.refusal(scope, code, message))

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        size, host, hosts = 0, b"", 0
        headers = scope["headers"]
        for name, value in headers:
            size += len(name) + len(value)
            if name == b"host":
                host, hosts = value, hosts + 1
        if len(headers) > MAX_HEADERS or size > MAX_HEADER_BYTES:
            return 431, "HEADERS_TOO_LARGE", TOO_LARGE
        if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_TARGET_BYTES:
            return 414, "TARGET_TOO_LONG", TOO_LONG
        if scope["path"] in PROBED:
            return None
        if hosts > 1 or not self._is_ours(host):
            message = "This host name is not ours: the operator sets CONNECT_ALLOWED_HOSTS."
            return 400, "UNKNOWN_HOST", message
        return None

    def _is_ours(self, host: bytes) -> bool:
        if self._any_host or host in self._hosts:
            return True
        name = host.lower()
        if not name.endswith(b"]") and b":" in name:
            name, _, port = name.rpartition(b":")
            if port and not port.isdigit():
                return False
        return name in self._hosts or name.endswith(self._domains or (b"\x00",))
