"""The commands of ./connect: what each of them needs installed, and what it then becomes.

Uses the standard library only.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from . import children
from . import help as explaining
from .environment import Environment, SetUpFailed, alone
from .place import NoPlace, mirror, place, place_of
from .startable import CannotStart, WrongSettings, ensure_startable

ROOT = Path(__file__).resolve().parents[1]
PRINTING = ("schema", "openapi", "statements", "settings", "manual")
COPYING = ("backup", "restore")
SERVICE = (
    *("run", "migrate", "token", "organization", "seed"),
    *PRINTING,
    *COPYING,
    *("doctor", "erase", "move"),
    *("healthcheck", "completion"),
)
# Any of them, and the service sends traces: `requirements/traces.txt`.
TRACES = ("CONNECT_OTLP_ENDPOINT", "CONNECT_OTLP_ENDPOINT_FILE")
CHECKS = (
    ("ruff", "check", ".", "connect"),
    ("ruff", "format", "--check", ".", "connect"),
    ("mypy",),
    ("lint-imports",),
    ("hadolint", "Dockerfile"),
    ("python", "-m", "pytest", "tests/house"),
)
# Scripts for the completion of shells set it.
COMPLETING = "_CONNECT_COMPLETE"
CONTINUES = "interrupted; the next run continues from here"
USAGE = """\
usage: ./connect COMMAND [arguments]

  run [--host H] [--port N] [--workers N]
                              start the service
  test [pytest arguments]     run the tests
  check                       run linters, the type checker and the tests of the house rules
  token COMMAND               create, list, revoke or import API tokens
  organization COMMAND        list, create, disable or enable organizations
  seed --appointments N       make an organization with an invented agenda
  migrate                     migrate the database to this release
  backup PATH                 copy the database while it is used, and verify the copy
  restore PATH                put a backup in the place of the database
  doctor [--json]             look for what is wrong, and say what to do
  erase --unique-id X         erase one person: name, identifier and links
  move --to URL               move a database from a file to a PostgreSQL server
  schema, openapi [FILE]      print the GraphQL schema, the OpenAPI description
  statements [FILE]           print the precompiled SQL statements
  settings [FILE]             print the README's table of settings
  manual [FILE]               print the help of all commands
  completion SHELL            print a script for bash, zsh or fish
  healthcheck                 ask the running service whether it is ready
  build [--wheel]             build the explorer, or the wheel that operators install
  bench [arguments]           measure against other servers
  abuse [arguments]           attack a test server and report what each attack cost it
  faults [arguments]          kill and break test servers under load and report what was lost

`./connect COMMAND --help` explains a command, `--version` prints the version; neither installs,
runs or writes anything. Every command first installs what it needs, and shows the progress of
long steps.
"""


def main(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit status: 1 for failure, 2 for an unknown command."""
    if COMPLETING in os.environ:
        return complete()
    explained = explaining.answer(arguments, USAGE, (*SERVICE, *COMMANDS))
    if explained is not None:
        return explained
    command = arguments[0]
    if command in (*PRINTING, *COPYING, "doctor", "build"):
        arguments = [command, *map(from_here, arguments[1:])]
    os.chdir(ROOT)
    try:
        if command in SERVICE:
            return serve(arguments)
        return COMMANDS[command](arguments[1:])
    except (SetUpFailed, NoPlace, CannotStart) as failure:
        say(str(failure))
        return 2 if isinstance(failure, WrongSettings) else 1
    except OSError as problem:
        say(f"the set-up failed: {children.told(problem)}")
        return 1
    except KeyboardInterrupt:
        say(CONTINUES)
        return 130
    except SystemExit:
        say(CONTINUES)
        raise


def complete() -> int:
    """Lets the service answer a shell that completes a line; nothing where it is not set up."""
    os.chdir(ROOT)
    with suppress(NoPlace):
        for where in (ROOT, place_of(ROOT)):
            environment = Environment(ROOT, ".venv", say, where)
            if environment.is_ready("run"):
                become(environment.python, "gateway.cli")
    return 0


def from_here(argument: str) -> str:
    """Returns the path of a file as it is meant where the command was typed; options stay."""
    path = argument.removeprefix("--backups=")
    # Joined as text, because a slash at the end says that a folder is meant.
    there = os.path.join(Path.cwd(), path)  # noqa: PTH118
    return argument if path.startswith("-") else argument.removesuffix(path) + there


def say(line: str) -> None:
    """Writes a line to standard error: standard output belongs to the command."""
    sys.stderr.write(f"connect: {line}\n")
    sys.stderr.flush()


def environment_of(folder: str, name: str) -> Environment:
    """Returns the environment for `requirements/NAME.txt`: where it is, or where it can be made."""
    made = Environment(ROOT, folder, say)
    return made if made.is_ready(name) else Environment(ROOT, folder, say, place(ROOT))


def python_with(name: str, folder: str = ".venv") -> Path:
    """Returns an interpreter with the packages of `requirements/NAME.txt`."""
    return environment_of(folder, name).ensure(name)


def become(python: Path, *arguments: str) -> NoReturn:
    """Replaces this process with `python -m`, so that signals and exit status are the command's."""
    # Without cached bytecode every start would compile the sources anew: a quarter of its time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # The service, and the workers that it starts, are found in the current folder: the checkout.
    os.environ.pop("PYTHONSAFEPATH", None)
    if ROOT not in python.parents:
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(python.parents[2] / "bytecode"))
    os.execv(python, [str(python), "-m", *arguments])  # noqa: S606  (ours)


def become_service(python: Path, *arguments: str) -> NoReturn:
    """Becomes a command of the service; signals that come on the way wait until it obeys them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGHUP})
    become(python, "gateway.cli", *arguments)


def sends_traces(environment: Mapping[str, str]) -> bool:
    """Whether the service needs the packages for traces: the setting may be read from a file."""
    return any(environment.get(name) for name in TRACES)


def serve(arguments: Sequence[str]) -> int:
    """Runs a command of the service itself."""
    packages = "traces" if sends_traces(os.environ) else "run"
    environment = environment_of(".venv", packages)
    if arguments[0] == "run":
        if not environment.is_ready(packages):
            ensure_startable(arguments[1:])
        build_explorer(environment.ensure(packages))
    become_service(environment.ensure(packages), *arguments)


def test(arguments: Sequence[str]) -> int:
    """Runs the tests; all of them unless the arguments select some."""
    python = python_with("dev")
    build_explorer(python)
    become(python, "pytest", *(arguments or ["tests"]))


def check(arguments: Sequence[str]) -> int:
    """Runs every check, even if an earlier one fails; returns 1 when any failed."""
    python = python_with("dev")
    failed = []
    for program, *rest in CHECKS:
        say(" ".join([program, *rest]))
        if subprocess.call([str(python.with_name(program)), *rest]) != 0:  # noqa: S603
            failed.append(" ".join([program, *rest[:1]]))
    from . import frontend

    say("types of the explorer")
    if not frontend.check(ROOT, python, say):
        failed.append("types of the explorer")
    say(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def bench(arguments: Sequence[str]) -> int:
    """Runs the benchmark in a separate environment."""
    become(python_with("bench", ".venv-bench"), "bench", *arguments)


def abuse(arguments: Sequence[str]) -> int:
    """Attacks a test server beside a polite client; returns 1 when a limit was exceeded."""
    become(python_with("dev"), "tests.abuse", *arguments)


def faults(arguments: Sequence[str]) -> int:
    """Kills and breaks real processes under write load; returns 1 when a promise did not hold."""
    become(python_with("dev"), "tests.faults", *arguments)


def build(arguments: Sequence[str]) -> int:
    """Builds the explorer, or the wheel; returns 1 when that failed, 2 for wrong arguments."""
    from . import wheel

    if {"-h", "--help"} & set(arguments):
        return explaining.show(wheel.USAGE)
    try:
        folder = wheel.wanted(arguments)
    except wheel.WrongArguments as wrong:
        say(str(wrong))
        sys.stderr.write(wheel.USAGE)
        return 2
    if folder is None:
        return 0 if build_explorer(python_with("run")) else 1
    python = python_with("build", ".venv-build")
    with alone(ROOT, say):
        return 0 if wheel.build(ROOT, python, folder, say) else 1


def build_explorer(python: Path) -> bool:
    """Builds the explorer if its sources changed; reports a failure and returns False."""
    from . import frontend

    try:
        source, static = frontend.folders(ROOT)
        if frontend.read(static / frontend.STAMP) == frontend.fingerprint(source):
            return True
        where = place(ROOT)
        with alone(where, say):
            mirror(ROOT, where)
            return frontend.build(where, python, say)
    except Exception as problem:
        # The API works without the explorer, so its build must not keep the gateway from starting.
        say(f"the explorer was not built: {problem}")
        return False


COMMANDS = {
    "test": test,
    "check": check,
    "bench": bench,
    "abuse": abuse,
    "faults": faults,
    "build": build,
}
