"""inotify on one directory: every event in it, in order."""

import ctypes
import os
import select
import struct
import threading

from Lab.events import Events

MODIFY, ATTRIB, CLOSE_WRITE, MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x2, 0x4, 0x8, 0x40, 0x80, 0x100, 0x200
OVERFLOW = 0x4000
# Reading is no change.
CHANGES = MODIFY | ATTRIB | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE
_NAMES = {MODIFY: "modify", ATTRIB: "attrib", CLOSE_WRITE: "close", MOVED_FROM: "from", MOVED_TO: "to",
          CREATE: "create", DELETE: "delete", OVERFLOW: "overflow"}

_libc = ctypes.CDLL(None, use_errno=True)


class Watch:
    """Collects `(mask, name)` events; calls `seen(mask, name)` in its own thread at each, at once."""

    def __init__(self, directory, seen=None):
        self.events = Events(f"inotify of {directory}")
        self._seen = seen
        self._descriptor = _libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._descriptor < 0 or _libc.inotify_add_watch(
                self._descriptor, os.fsencode(directory), CHANGES) < 0:
            raise OSError(ctypes.get_errno(), f"inotify of {directory}")
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while True:
            ready, _, _ = select.select([self._descriptor, self._wake_read], [], [])
            if self._descriptor in ready:
                self._read()
            elif self._wake_read in ready:
                return

    def _read(self):
        data = os.read(self._descriptor, 1 << 16)
        while data:
            _, mask, _, length = struct.unpack_from("iIII", data)
            name = data[16:16 + length].rstrip(b"\0").decode()
            data = data[16 + length:]
            event = (mask, name)
            if self._seen:
                self._seen(*event)
            self.events.add(event)

    def end(self):
        """Everything that happened before this call has been seen when it returns."""
        os.write(self._wake_write, b".")
        self._thread.join()
        for descriptor in (self._descriptor, self._wake_read, self._wake_write):
            os.close(descriptor)
        self.events.end()


def say(event):
    mask, name = event
    return f"{'+'.join(word for bit, word in _NAMES.items() if mask & bit)} {name}"
