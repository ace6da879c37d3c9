"""`run`, `healthcheck`, and the commands by which `run` starts other processes."""

from pathlib import Path

import click

from ...settings import SETTINGS, values
from .. import starting
from ..terminal.command import Command, program
from ..terminal.output import complain, write
from ..terminal.values import Read
from .given import settings

PORT = Read("port", values.port)
WORKERS = Read("number", SETTINGS["CONNECT_WORKERS"].read)


@click.command(cls=Command, examples=["run", "run --host 0.0.0.0 --port 8080 --workers 4"])
@click.option("--host", metavar="H", help="where to listen, instead of CONNECT_HOST")
@click.option("--port", metavar="N", type=PORT, help="instead of CONNECT_PORT; 0 picks a free one")
@click.option("--workers", metavar="N", type=WORKERS, help="processes, instead of CONNECT_WORKERS")
def run(host: str | None, port: int | None, workers: int | None) -> int:
    """Migrate the database, then serve until stopped.

    The first start makes a demo, unless CONNECT_DATABASE_URL is set. Ctrl+C or SIGTERM stops it:
    what was begun is answered first, for at most ten seconds. SIGHUP renews several workers.
    """
    given = settings()
    given = given.at(
        given.host if host is None else host,
        given.port if port is None else port,
    )
    if (workers or given.workers) > 1:
        from .. import supervise

        return supervise.supervise(given.with_workers(workers), program())
    with starting.light_imports():
        from .. import run as cli_run
    return cli_run.run(given, program())


@click.command(cls=Command, examples=["healthcheck", "healthcheck --port 8080"])
@click.option("--host", metavar="H", help="where it listens, instead of CONNECT_HOST")
@click.option("--port", metavar="N", type=PORT, help="its port, instead of CONNECT_PORT")
def healthcheck(host: str | None, port: int | None) -> int:
    """Ask the server of these settings whether it is ready.

    Prints nothing when it is. Otherwise the exit status is 1, and the reason is said.
    """
    from .. import healthcheck as cli_health

    given = settings()
    given = given.at(
        given.host if host is None else host,
        given.port if port is None else port,
    )
    problem = cli_health.problem(given)
    if problem is None:
        return 0
    complain(problem.message)
    return 1


@click.command(cls=Command, hidden=True)
@click.option("--host", required=True)
@click.option("--port", type=int, required=True)
def prepare(host: str, port: int) -> int:
    """Make the database ready, and print what `run` prints; for `run` with several workers."""
    given = settings()
    with starting.light_imports():
        from .. import run as cli_run
    from ...logs import configure, unsaid

    # The workers say the same once they serve.
    configure(given.log_level, given.log_format, is_held=True)
    with unsaid():
        text = cli_run.prepare(given.at(host, port), program())[1]
    write(text)
    return 0


@click.command(cls=Command, hidden=True)
@click.option("--host", required=True)
@click.option("--port", type=int, required=True)
@click.option("--workers", type=int, required=True)
@click.option("--number", type=int, required=True)
@click.option("--folder", type=Path, required=True)
@click.option("--listener", type=int, required=True)
@click.option("--control", type=int, required=True)
def worker(
    host: str, port: int, workers: int, number: int, folder: Path, listener: int, control: int
) -> int:
    """Serve as one of several; for `run` with several workers."""
    given = settings()
    with starting.light_imports():
        from .. import run as cli_run
    from ...crew import Crew

    crew = Crew(folder, number, workers)
    return cli_run.work(given.at(host, port), crew, listener, control)


COMMANDS = (run, healthcheck, prepare, worker)
