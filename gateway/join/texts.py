"""The texts that scripts need, one file for each language, under a name that tells its content."""

import hashlib
from functools import cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from rest.wire.answer import render
from rest.wire.media import quality

from ..docs import checked
from ..languages.language import language
from ..languages.tags import SOURCE, tags

FOLDER = "/join/assets/words"
KEPT = "public, max-age=31536000, immutable"


def path_of(tag: str) -> str | None:
    """Returns the path of a language's texts; None for English, which scripts are written in."""
    return None if tag == SOURCE else f"{FOLDER}/{name_of(tag)}"


@cache
def name_of(tag: str) -> str:
    """Returns the name of a language's file, which changes with the texts."""
    return f"{tag}.{hashlib.sha256(content_of(tag)).hexdigest()[:16]}.json"


@cache
def content_of(tag: str) -> bytes:
    """Returns the texts of a language as JSON."""
    return render(language(tag).for_scripts, 0)


@cache
def packed_content_of(tag: str) -> bytes:
    """Returns the texts of a language, compressed."""
    import gzip

    return gzip.compress(content_of(tag), mtime=0)


def answer(request: Request) -> Response:
    """Answers with the texts of a language.

    Where releases run side by side, a page may ask for a name of the other one: it gets these
    texts, but does not keep them. What they lack stays English.
    """
    name = str(request.path_params["name"])
    tag = name.partition(".")[0]
    if tag == SOURCE or tag not in tags() or not name.endswith(".json"):
        return PlainTextResponse("There is no such file.", 404)
    is_packed = quality(request.headers.get("accept-encoding", ""), "gzip") > 0
    body = packed_content_of(tag) if is_packed else content_of(tag)
    headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if is_packed else {})
    response = checked(Response(body, media_type="application/json"), headers)
    if name == name_of(tag):
        response.headers["Cache-Control"] = KEPT
    return response
