"""Passwords from a file such as `~/.pgpass`, read anew for each connection.

The driver reads such files, too, but leaves the backslashes before colons and backslashes in.
"""

import re
import stat
from pathlib import Path
from typing import NamedTuple

# Up to the next colon; a backslash takes the next character as it is.
FIELD = re.compile(r"((?:[^:\\]|\\.)*\\?)(:|$)")


class Login(NamedTuple):
    """Whose password is looked for, and where."""

    file: Path
    host: str
    port: str
    database: str
    user: str

    def is_open_to_others(self) -> bool:
        """Whether other users may read the file, which is then not used, as by libpq."""
        try:
            return bool(self.file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
        except OSError:
            return False

    def explained(self) -> str:
        """Returns whether the file had a password, in words; for who was refused."""
        where = f"{self.host}:{self.port}:{self.database}:{self.user}"
        if not self.file.is_file():
            return f"there is none in the URL, and {self.file} does not exist"
        if self.is_open_to_others():
            return f"{self.file} is not used while others may read it: chmod 600 {self.file}"
        if self.password() is None:
            return f"there is none in the URL, and {self.file} has no line for {where}"
        return f"it came from {self.file}, whose line for {where} was used"

    def password(self) -> str | None:
        """Returns the first password that fits; None when there is no file, or it is not private.

        As libpq does, and the driver, which then warns about the file.
        """
        try:
            if self.is_open_to_others():
                return None
            lines = self.file.read_text().splitlines()
        except (OSError, UnicodeDecodeError):
            return None
        return next((found for line in lines if (found := self._read(line)) is not None), None)

    def _read(self, line: str) -> str | None:
        if line.startswith("#"):
            return None
        fields = _fields(line)
        if len(fields) < 5:
            return None
        # Sockets of the machine go by the name of the machine, too.
        hosts = {self.host, "localhost"} if self.host.startswith("/") else {self.host}
        wanted = (hosts, {self.port}, {self.database}, {self.user})
        fits = all(
            field == "*" or field in known for field, known in zip(fields[:4], wanted, strict=True)
        )
        return fields[4] if fits else None


def _fields(line: str) -> list[str]:
    fields = []
    for found in FIELD.finditer(line):
        fields.append(re.sub(r"\\(.)", r"\1", found[1]))
        if not found[2]:
            break
    return fields
