"""The command `connect` of the package, `python -m consularia_connect`, and its other processes."""

import runpy
import sys
from pathlib import Path


def main() -> None:
    """Runs the command line from this folder, whatever else is called `gateway`, `rest` or `db`."""
    sys.path.insert(0, str(Path(__file__).absolute().parent))
    runpy.run_module("gateway.cli", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
