"""Programs that the set-up starts, none of which outlives it, and what their failures mean.

Uses the standard library only.
"""

import errno
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

END_SECONDS = 3.0
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
SIZE = "about 700 MB for everything that a first start installs"
# What pip, npm and Python's own modules say, and what to do about it, in one line.
REASONS = (
    (
        r"No space left on device|ENOSPC|Disk quota exceeded|EDQUOT",
        f"the disk of {{folder}} is full: make room, {SIZE}, and start again",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|self.signed certificate"
        r"|SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|unable to (verify|get local issuer)",
        "the certificate of the package index is signed by an authority unknown here, such as a "
        "proxy's: name its file in PIP_CERT=/path/ca.pem for Python's packages, and in "
        "NODE_EXTRA_CA_CERTS=/path/ca.pem (or npm's own `cafile`) for npm's",
    ),
    (
        r"407 Proxy|Proxy Authentication Required|ProxyError|Cannot connect to proxy",
        "the proxy does not answer or let it through: look at HTTPS_PROXY=http://user:password@host:port",
    ),
    (
        r"NewConnectionError|Failed to establish a new connection|ConnectTimeout|Read timed out"
        r"|Name or service not known|name resolution|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT"
        r"|ENETUNREACH|ECONNRESET|Network is unreachable",
        "the package index cannot be reached: look at the network, and at HTTPS_PROXY, or name a "
        "mirror in PIP_INDEX_URL (for npm in npm_config_registry)",
    ),
    (
        r"No matching distribution found",
        "the package index has not all that is needed: unset PIP_NO_INDEX, or name a whole one in "
        "PIP_INDEX_URL, or a folder of packages in PIP_FIND_LINKS",
    ),
    (
        r"Read-only file system|EROFS|Permission denied|EACCES",
        "{folder} cannot be written by this user",
    ),
)


@contextmanager
def started(
    command: Sequence[str | Path], folder: Path, output: int | IO[bytes], **others: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """Runs a program for as long as the block runs, then ends it with everything it started.

    `others` are variables of its environment.
    """
    # Kept back while it starts: a signal in between would leave it behind.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        process = subprocess.Popen(  # noqa: S603  (ours)
            command,
            cwd=folder,
            env=environment(others),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A group of its own, which ends as one.
            start_new_session=True,
            # If this process is killed, the lock of the set-up stays with what it has left behind.
            close_fds=False,
            preexec_fn=_obey,  # noqa: PLW1509  (there are no threads)
        )
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            yield process
        finally:
            end(process)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _obey() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def environment(others: Mapping[str, str]) -> dict[str, str]:
    """Returns this process's environment with `others`; an authority given to pip is npm's, too."""
    given = {**os.environ, **others}
    if given.get("PIP_CERT"):
        given.setdefault("NODE_EXTRA_CA_CERTS", given["PIP_CERT"])
    return given


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ends a program and what it started: asks first, kills after three seconds."""
    if process.poll() is None:
        _signal(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def reason(said: str, folder: Path) -> str | None:
    """Returns in one line why a program failed and what to do; None if that is unknown."""
    for pattern, text in REASONS:
        if re.search(pattern, said, re.IGNORECASE):
            return text.format(folder=folder)
    return None


def told(problem: OSError) -> str:
    """Returns in one line what an error of the system means, and what to do if that is known."""
    folder = Path(problem.filename).parent if problem.filename else Path.cwd()
    is_full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
    return (is_full and reason(str(problem), folder)) or str(problem)
