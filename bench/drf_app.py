"""The Django REST Framework target: the replica of `tests/oracle` on a separate file.
`serve.py` starts it; the views, serializers and indexes are the replica's."""
# mypy: disable-error-code="import-untyped,no-untyped-call"
# Django has no type annotations.

from pathlib import Path
from typing import Any

from tests.oracle.configuration import configure

PACKAGE = "tests.oracle"


def database(path: Path) -> dict[str, Any]:
    """Describe a file with durable commits, kept open between requests."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 10,
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
        },
    }


def make_tables(path: Path) -> None:
    """Run Django's own migrations and make the replica's tables."""
    configure(PACKAGE, database(path))
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)


def application(path: Path, interface: str) -> Any:
    configure(PACKAGE, database(path))
    from django.core.handlers.asgi import ASGIHandler
    from django.core.handlers.wsgi import WSGIHandler

    return ASGIHandler() if interface == "asgi" else WSGIHandler()
