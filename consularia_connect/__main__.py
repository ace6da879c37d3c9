"""The command `connect` of the package, `python -m consularia_connect`, and its other processes."""

import os
import sys

# Whatever else is called `gateway`, `rest`, `schema` or `db`: those in this folder come first.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

from gateway.serving import signals

signals.obey()


def main() -> None:
    """Runs the command line, as `python -m gateway.cli` does in a checkout."""
    import runpy

    runpy.run_module("gateway.cli", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
