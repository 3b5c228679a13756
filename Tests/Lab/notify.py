"""The service manager's end of the notify protocol: a private datagram socket."""

import os
import socket
import threading
import time
from dataclasses import dataclass

from Lab.events import Events


@dataclass
class Notice:
    """One datagram: its assignments and when it came (CLOCK_MONOTONIC)."""

    time: float
    fields: dict

    def __str__(self):
        return " ".join(f"{key}={value}" for key, value in self.fields.items())


class NotifySocket:
    """Collects what a service says of itself."""

    def __init__(self, path):
        self.path = str(path)
        self.notices = Events("notify socket")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        os.chmod(self.path, 0o777)  # the service may be another user's
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                data = self._socket.recv(65536)
            except OSError:
                return
            if not data:
                return  # woken by end()
            lines = [line.split("=", 1) for line in data.decode().splitlines() if "=" in line]
            self.notices.add(Notice(time.monotonic(), dict(lines)))

    def wait(self, key, value=None, timeout=20, since=0):
        """The position and the notice that first sets the key (to the value)."""
        def matches(notice):
            return key in notice.fields and value in (None, notice.fields[key])
        return self.notices.wait(matches, timeout, since, f"{key}={value or '…'}")

    def said(self, key, since=0):
        return [notice for notice in self.notices.all(since) if key in notice.fields]

    def end(self):
        # An empty datagram wakes recv(); closing alone would not.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self.path)
