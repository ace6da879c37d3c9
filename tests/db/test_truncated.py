"""A file that is cut off under a process that has read all of it: an error, never a bus error."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = """
import asyncio, os, sys, traceback
from pathlib import Path
from db.engine import DatabaseUnavailable
from db.sqlite import SqliteDatabase
from tests.db.test_reads_heal import read
from tests.db.test_writes_heal import add_many

async def main(path):
    database = await SqliteDatabase.open(path)
    await add_many(database, 2_000)
    await database._writer._connection.empty_log()
    for connection in database._readers._connections:
        connection.raw.execute("SELECT sum(length(name)) FROM organization").fetchall()
        connection.raw.execute("PRAGMA shrink_memory")
    os.truncate(path, 8_192)
    for _ in range(8):
        try:
            print(await read(database), flush=True)
        except DatabaseUnavailable:
            print("unavailable", flush=True)

try:
    asyncio.run(main(Path(sys.argv[1])))
except BaseException:
    traceback.print_exc()
finally:
    os._exit(0)  # The threads of what is still open would keep the process.
"""


def test_a_file_that_is_cut_off_is_an_error_and_not_a_bus_error(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()) == (0, ["unavailable"] * 8), done.stderr
