"""What kind of file system a folder is on, where the system says so."""

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
# SQLite needs locks and shared memory that these do not have, or have only at times.
NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "ceph", "glusterfs", "lustre"),
        *("9p", "davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone"),
        *("fuse.davfs2", "fuse.mergerfs", "ocfs2", "gfs2", "beegfs", "vboxsf", "fuse.gcsfuse"),
    }
)
MEMORY = frozenset({"tmpfs", "ramfs"})


def kind_of(folder: Path, mounts: str | None = None) -> str:
    """Returns the kind of the file system that holds a folder, such as `ext4`; empty if unknown."""
    try:
        lines = (MOUNTS.read_text(errors="replace") if mounts is None else mounts).splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        point = Path(_plain(fields[4]))
        # Later ones lie over those of the same place.
        if folder.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split()[0]
    return kind


def _plain(text: str) -> str:
    """Returns a path as it is: the kernel writes spaces and backslashes as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
