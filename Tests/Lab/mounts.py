"""Small file systems and bind mounts for faults; the enclosure takes along what a test leaves."""

import subprocess
from contextlib import contextmanager


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True, capture_output=True, timeout=30)


def unmount(path):
    subprocess.run(["umount", "-l", str(path)], check=False, capture_output=True, timeout=30)


class SmallDisk:
    """A disk of some pages at a directory, that can be filled and made read-only."""

    SIZE = 64 << 10

    def __init__(self, path):
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        mount("-t", "tmpfs", "-o", f"size={self.SIZE},mode=755", "small-disk", path)

    @contextmanager
    def full(self):
        """Not a byte is free meanwhile."""
        filler = self.path / "filler"
        try:
            with open(filler, "wb", buffering=0) as file:
                while True:
                    file.write(b"\0" * 4096)
        except OSError:
            pass  # ENOSPC is what we are after
        try:
            yield
        finally:
            filler.unlink()

    @contextmanager
    def read_only(self):
        mount("-o", "remount,ro", self.path)
        try:
            yield
        finally:
            mount("-o", "remount,rw", self.path)

    def end(self):
        unmount(self.path)
