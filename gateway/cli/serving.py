"""The commands that serve: their names and arguments. Each imports what it needs when it runs."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..settings import SETTINGS, Settings, values
from . import starting

if TYPE_CHECKING:
    from .operating import Add, Subparsers


def add_commands(commands: "Subparsers", add: "Add", program: str) -> None:
    """Adds `run`, and the commands by which it starts other processes."""
    run = add(commands, "run", _run, "migrate, then serve until stopped")
    run.set_defaults(program=program)
    run.add_argument("--host", metavar="H", help="where to listen, instead of CONNECT_HOST")
    run.add_argument(
        "--port", metavar="N", type=_port, help="instead of CONNECT_PORT; 0 picks a free one"
    )
    run.add_argument(
        "--workers", metavar="N", type=_workers, help="processes, instead of CONNECT_WORKERS"
    )
    _add_commands_of_the_supervisor(commands, program)


def _add_commands_of_the_supervisor(commands: "Subparsers", program: str) -> None:
    # Without help: `run` starts them when there are several workers.
    where: dict[str, type] = {"--host": str, "--port": int}
    whose: dict[str, type] = {"--workers": int, "--number": int, "--folder": str}
    handed: dict[str, type] = {"--listener": int, "--control": int}
    for name, command, options in (
        ("prepare", _prepare, where),
        ("worker", _work, where | whose | handed),
    ):
        made = commands.add_parser(name)
        made.set_defaults(command=command, program=program)
        for option, kind in options.items():
            made.add_argument(option, required=True, type=kind)


def _workers(text: str) -> int:
    try:
        return SETTINGS["CONNECT_WORKERS"].read(text)  # type: ignore[no-any-return]
    except values.InvalidValue as invalid:
        raise argparse.ArgumentTypeError(str(invalid)) from None


def _port(text: str) -> int:
    try:
        return values.port(text)
    except values.InvalidValue as invalid:
        raise argparse.ArgumentTypeError(str(invalid)) from None


def _run(given: argparse.Namespace, settings: Settings) -> int:
    settings = settings.at(
        settings.host if given.host is None else given.host,
        settings.port if given.port is None else given.port,
    )
    if (given.workers or settings.workers) > 1:
        from . import supervise

        return supervise.supervise(settings.with_workers(given.workers))
    with starting.light_imports():
        from . import run as cli_run
    return cli_run.run(settings, given.program)


def _prepare(given: argparse.Namespace, settings: Settings) -> int:
    with starting.light_imports():
        from . import run as cli_run
    from ..logs import configure, unsaid

    # The workers say the same once they serve.
    configure(settings.log_level, settings.log_format, is_held=True)
    with unsaid():
        text = cli_run.prepare(settings.at(given.host, given.port), given.program)[1]
    sys.stdout.write(text)
    return 0


def _work(given: argparse.Namespace, settings: Settings) -> int:
    with starting.light_imports():
        from . import run as cli_run
    from ..crew import Crew

    crew = Crew(Path(given.folder), given.number, given.workers)
    return cli_run.work(settings.at(given.host, given.port), crew, given.listener, given.control)
