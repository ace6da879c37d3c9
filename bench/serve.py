"""Starts one of the targets that are not the gateway: `python -m bench.serve floor …`.
`processes.py` runs it as a separate process; all of them use the same uvicorn."""

import argparse
import asyncio
from pathlib import Path
from typing import Any

import uvicorn

# Both were tried on the reads of this benchmark; README.md has the numbers.
DRF_INTERFACE = "wsgi"


def floor(path: Path) -> tuple[Any, str]:
    """Return the bare application on SQLite."""
    from .floor.app import Floor

    return Floor(path), "asgi3"


def drf(path: Path) -> tuple[Any, str]:
    """Return Django REST Framework behind the quicker of Django's two handlers."""
    from .drf_app import application

    return application(path, DRF_INTERFACE), "wsgi" if DRF_INTERFACE == "wsgi" else "asgi3"


def fastapi(path: Path) -> tuple[Any, str]:
    """Return FastAPI with an async SQLModel session."""
    from .fastapi_app import app, engine_of

    app.state.engine = engine_of(path)
    return app, "asgi3"


def strawberry(path: Path) -> tuple[Any, str]:
    """Return Strawberry's own view on the floor's statements."""
    from .strawberry_app import application

    return application(path), "asgi3"


def only_tables(name: str, path: Path) -> None:
    if name == "drf":
        from .drf_app import make_tables

        make_tables(path)
        return
    from . import fastapi_app

    asyncio.run(fastapi_app.make_tables(fastapi_app.engine_of(path)))


MAKERS = {"floor": floor, "drf": drf, "fastapi": fastapi, "strawberry": strawberry}


def main() -> None:
    """Read the arguments and serve until the process is stopped."""
    parser = argparse.ArgumentParser(prog="python -m bench.serve")
    parser.add_argument("target", choices=MAKERS)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--port", type=int)
    parser.add_argument("--only-tables", action="store_true")
    arguments = parser.parse_args()
    if arguments.only_tables:
        only_tables(arguments.target, arguments.database)
        return
    application, interface = MAKERS[arguments.target](arguments.database)
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=arguments.port,
        interface=interface,  # type: ignore[arg-type]  # a literal of uvicorn's own
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
