"""The path of the public URL: requests that carry it are served like those whose proxy removed it.

ASGI middleware, where there is such a path: around all others but that of traces.
"""

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send


class BasePath:
    """Removes `base` from the paths of requests, except from those below `kept`.

    From then on `path` is what every part of the gateway compares, with and without a base path.
    `root_path` stays as it is, because Starlette takes `path` to begin with it; `raw_path` remains
    what was sent.
    """

    def __init__(self, app: ASGIApp, base: str, kept: Iterable[str] = ()) -> None:
        self._app = app
        self._base = base
        self._below = base + "/"
        self._kept = tuple(kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        if scope["type"] != "lifespan":
            path: str = scope["path"]
            if path == self._base or self._is_ours(path):
                # Not into a copy: servers read in their own scope what becomes of the request.
                scope["path"] = path[len(self._base) :] or "/"
        await self._app(scope, receive, send)

    def _is_ours(self, path: str) -> bool:
        return path.startswith(self._below) and not path.startswith(self._kept)


def own_paths_below(base: str, paths: Iterable[str]) -> list[str] | None:
    """Returns those of our own paths that begin with `base`; None if it is one, or below one.

    With `https://example.org/api` the REST operations of a request whose proxy removed `/api` begin
    with it nevertheless. A base path that is one of our own says nothing about who removed it.
    """
    found = []
    for path in paths:
        own = path.split("/{")[0].rstrip("/")
        if own and (base + "/").startswith(own + "/"):
            return None
        if own.startswith(base + "/"):
            found.append(own)
    return found
