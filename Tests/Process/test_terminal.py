"""What a person at a terminal sees."""

import os
import pty
import re
import signal
import termios
import threading

from Lab import parts
from Lab.children import Child
from Process.cases import LoopbackCase


class Terminal(LoopbackCase):
    def scan_at_terminal(self, *arguments, **options):
        return self.at_terminal("scan", self.RANGE, "--port", str(self.port), *arguments, **options)

    def at_terminal(self, *arguments, out=True, error=True, until=None, size=None, **environment):
        """What appears on a terminal that has the program's stdout or stderr; what is not on it is dropped. To its end,
        or until something has appeared, upon which it is interrupted."""
        leader, follower = pty.openpty()
        if size:
            termios.tcsetwinsize(follower, size)
        appeared = threading.Event()
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
                if until and until(b"".join(chunks).decode(errors="replace")):
                    appeared.set()

        redirect = ("" if out else " >/dev/null") + (" 2>&0" if error else " 2>/dev/null")
        # The terminal is stdin and stdout; bash leads stderr there too.
        child = Child(
            ["bash", "-c", f'exec "$@"{redirect}', "bash", parts.daemon(), *arguments],
            stdin=follower, stdout=follower,
            env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": "80", **environment})
        os.close(follower)
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            if until:
                self.assertTrue(appeared.wait(30), b"".join(chunks).decode(errors="replace"))
                child.signal(signal.SIGINT)
            self.assertEqual(child.wait(30), -signal.SIGINT if until else 0)
        finally:
            child.stop()
        reader.join(5)
        os.close(leader)
        return b"".join(chunks).decode(errors="replace")

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

    def test_watch(self):
        """`targets --watch` draws again and again, within the terminal, also while there is no daemon; not into a pipe."""
        self.exporters(*range(1, 21))
        daemon = self.daemon(self.config()).start()
        daemon.wait_listed(self.endpoints(*range(1, 21)))
        runtime = ["--runtime-directory", str(daemon.runtime)]

        def draws(shown):
            return shown.replace("\x1b[2J", "").split("\x1b[H")[1:]

        shown = self.at_terminal("targets", "--watch", *runtime, size=(8, 50), until=lambda shown: len(draws(shown)) > 2)
        for drawn in draws(shown)[:2]:
            lines = [line.removesuffix("\x1b[K") for line in drawn.split("\r\n")]
            self.assertRegex(lines[0], r"^subnet-sd targets, \d\d:\d\d:\d\d: 20 rows$")
            self.assertRegex(lines[2], "^TARGET +JOB ")
            self.assertRegex(lines[6], r"^… \d+ lines more$")
            self.assertEqual(lines[7], "\x1b[J")
            self.assertLessEqual(max(map(len, lines[:7])), 50)
        daemon.stop()
        self.at_terminal("targets", "--watch", *runtime, until=lambda shown: "not running" in shown and len(draws(shown)) > 1)
        for options in (), ("--format", "json"):
            self.assertIn("--watch", self.run_subnet_sd("targets", "--watch", *options, *runtime, status=64).error)
