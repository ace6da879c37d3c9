"""Removes a folder and ends the server in it when the process that started them is gone.

A shell of its own waits for the end of its standard input, which comes however that process ended: with
its last line, by Ctrl+C or by kill -9.
"""

import subprocess
from pathlib import Path

# The first line of a pid file is the process; a server that stopped has removed its file.
SCRIPT = """
read -r _
for file in "$1"/data/postmaster.pid "$1"/pgbouncer.pid; do
    [ -f "$file" ] || continue
    pid=$(head -n 1 "$file")
    kill -QUIT "$pid" 2>/dev/null
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null
done
rm -rf "$1"
"""


class Janitor:
    """Watches over one folder."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", SCRIPT, "janitor", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # Ctrl+C goes to everybody in the terminal's group.
            start_new_session=True,
        )

    def clean(self) -> None:
        """Lets it clean up now, and waits for that."""
        self._process.communicate(timeout=30)
