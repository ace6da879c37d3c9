"""How the service came onto this machine: as a checkout with `./connect`, or as the package.

The package keeps nothing beside its modules, and what it starts must not find those of others.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Only the package has it; there the folder that holds the rooms is the package.
ENTRY = ROOT / "__main__.py"
IS_PACKAGE = ENTRY.exists()
PROGRAM = "connect" if IS_PACKAGE else "./connect"
# As a script: then the folder of the script, not the working directory, is looked through first.
COMMAND = (sys.executable, *((str(ENTRY),) if IS_PACKAGE else ("-m", "gateway.cli")))
FOLDER = "consularia-connect"


def data_folder(environment: Mapping[str, str]) -> Path:
    """Returns where the package keeps its data: after the XDG Base Directory Specification.

    A user without a home, which services may run as, gets the folder of the machine.
    """
    base = environment.get("XDG_DATA_HOME", "")
    if os.path.isabs(base):  # noqa: PTH117  (another one is to be ignored)
        return Path(base) / FOLDER
    try:
        return Path.home() / ".local" / "share" / FOLDER
    except RuntimeError:
        return Path("/var/lib") / FOLDER
