"""Reads of a collector's answer what an answer needs: one without an end costs little."""

import time
from io import BytesIO
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse

# An answer names at most what was not taken, and why. It is not decompressed.
MOST_BYTES = 65_536
MOST_SECONDS = 10.0


class Brief(HTTPAdapter):
    """Sends requests, and reads no more than the beginning of their answers."""

    def send(self, *given: Any, **options: Any) -> requests.Response:
        """Returns the answer with as much of its body as came within `MOST_SECONDS`."""
        response = super().send(*given, **options)
        response.raw = BytesIO(_beginning(response.raw))
        return response


def _beginning(body: BaseHTTPResponse) -> bytes:
    found, deadline = b"", time.monotonic() + MOST_SECONDS
    try:
        while len(found) < MOST_BYTES and time.monotonic() < deadline:
            part = body.read1(MOST_BYTES - len(found), decode_content=False)
            if not part:
                body.release_conn()
                break
            found += part
    finally:
        # What has been read to its end has given its connection back.
        body.close()
    return found


def session() -> requests.Session:
    """Returns a session that reads brief answers only."""
    brief = requests.Session()
    for scheme in ("http://", "https://"):
        brief.mount(scheme, Brief())
    return brief
