"""What is printed when the service starts."""

import json

from ..settings import WILDCARD_HOSTS, Settings
from .terminal.output import OutputLost, abandon, flush, remark, write


def greeting(settings: Settings, token: str | None, program: str) -> str:
    """Returns the text that is printed at startup; it shows a new token this one time."""
    url = settings.public_url
    rows = [("GraphQL", f"{url}/graphql")]
    if settings.explorer == "on":
        rows += [("Explorer", f"{url}/explorer/" + (f"#token={token}" if token else ""))]
    rows += [
        ("REST", f"{url}{settings.rest_prefix}/appointments/"),
        ("REST docs", f"{url}/docs"),
        ("Database", str(settings.database.absolute())),
        ("Token", token or f"create one with: {program} token create --organization NAME"),
    ]
    lines = ["Consularia Connect is starting; Ctrl+C stops it.", ""]
    lines += [f"  {name:<10} {value}" for name, value in rows]
    if token:
        from .demo import NAME

        lines += ["", f"The token is shown only once. It belongs to the demo “{NAME}”, where an"]
        lines += ["appointment is under way. Ask for its links, and open two of them in a browser:"]
        lines += ["", *example(url, token)]
    return "\n".join([*lines, "", ""])


def greet(text: str, program: str) -> None:
    """Prints the text; a service whose output nobody can read serves all the same, and says so."""
    try:
        write(text)
        flush()
    except OutputLost as lost:
        abandon()
        remark(f"{lost}; the service starts all the same. Make a token: `{program} token create`")


def remarks(settings: Settings) -> list[str]:
    """Returns lines on what is allowed, and hardly meant."""
    if not _is_exposed(settings.host) or settings.given_public_url:
        return []
    meant = "which other machines cannot open" if settings.host in WILDCARD_HOSTS else "over HTTP"
    return [
        f"CONNECT_HOST is {settings.host}, but CONNECT_PUBLIC_URL is not set: links will say "
        f"{settings.public_url}, {meant}. Set it to the address that clients use"
    ]


def _is_exposed(host: str) -> bool:
    """Whether other machines may reach a port there."""
    name = host.strip("[]")
    return not (name in {"localhost", "::1"} or name.startswith("127."))


def example(url: str, token: str) -> list[str]:
    """Returns a request to paste into a shell."""
    fields = "title participants { nodes { displayName role accessLink } }"
    active = "appointments(first: 1, filter: {status: [ACTIVE]})"
    query = f"{{ {active} {{ nodes {{ {fields} }} }} }}"
    return [
        f"  curl -s {url}/graphql -H 'Authorization: Bearer {token}' \\",
        f"    -H 'Content-Type: application/json' -d '{json.dumps({'query': query})}'",
    ]
