"""What a person at a terminal sees."""

import os
import pty
import re
import threading

from Lab import parts
from Lab.children import Child
from Process.cases import LoopbackCase


class Terminal(LoopbackCase):
    def scan_at_terminal(self, *arguments, out=True, error=True, **environment):
        """What appears on a terminal that has the program's stdout or stderr; what is not on it is dropped."""
        leader, follower = pty.openpty()
        chunks = []

        def read():
            while True:
                try:
                    chunk = os.read(leader, 65536)
                except OSError:
                    return  # the last writer is gone
                if not chunk:
                    return
                chunks.append(chunk)

        redirect = ("" if out else " >/dev/null") + (" 2>&0" if error else " 2>/dev/null")
        # The terminal is stdin and stdout; bash leads stderr there too.
        child = Child(
            ["bash", "-c", f'exec "$@"{redirect}', "bash", parts.daemon(), "scan", self.RANGE,
             "--port", str(self.port), *arguments],
            stdin=follower, stdout=follower,
            env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": "80", **environment})
        os.close(follower)
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            self.assertEqual(child.wait(30), 0)
        finally:
            child.stop()
        reader.join(5)
        os.close(leader)
        return b"".join(chunks).decode()

    def test_table(self):
        """On a terminal the result is a table."""
        self.exporters(3, 7)
        shown = self.scan_at_terminal(error=False)
        self.assertNotIn("- targets:", shown)
        self.assertEqual(len(re.findall(r"host-127-83-0-[37]", shown)), 2, shown)

    def test_progress(self):
        """Progress is on stderr, and only if that is a terminal; it is gone when the scan is done."""
        self.exporters(3)
        shown = self.scan_at_terminal(out=False)
        self.assertIn("\r", shown)
        last = re.split(r"\r|\n", shown.rstrip("\r\n"))[-1]
        self.assertNotRegex(last, r"\d+ ?%.*[█#=]", "the bar is left on the screen")
        self.assertEqual(self.scan(*()).error.count("\r"), 0)

    def test_no_color(self):
        """With NO_COLOR nothing is coloured, nor with TERM=dumb."""
        self.exporters(3)
        for variable in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            with self.subTest(**variable):
                self.assertNotRegex(self.scan_at_terminal(**variable), "\x1b\\[[0-9;]*[1-9][0-9;]*m")
