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


class LoopDisk:
    """A small ext4 in a file, whose plug can be pulled: what the file has at a moment is what a power cut leaves.

    Its journal commits each second, so that a cut meets more states, and a new file whose bytes were not synced is not
    spared by `auto_da_alloc`, so that a missing fsync shows."""

    SIZE = 16 << 20

    def __init__(self, image, path):
        self.image, self.path = image, path
        with open(image, "wb") as file:
            file.truncate(self.SIZE)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True, capture_output=True, timeout=30)
        path.mkdir(parents=True, exist_ok=True)
        mount("-o", "loop,noauto_da_alloc,commit=1", image, path)

    def cut(self):
        """The bytes of the disk at one moment: read until two readings are the same."""
        for _ in range(50):
            data = self.image.read_bytes()
            if data == self.image.read_bytes():
                return data
        raise AssertionError(f"{self.image} never stands still")

    @staticmethod
    @contextmanager
    def after(data, image, path):
        """Such bytes as a disk at a directory, as it is after the next start of the machine."""
        image.write_bytes(data)
        path.mkdir(parents=True, exist_ok=True)
        mount("-o", "loop", image, path)
        try:
            yield path
        finally:
            unmount(path)

    def end(self):
        unmount(self.path)
