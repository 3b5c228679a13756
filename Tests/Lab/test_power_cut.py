"""Power cuts: what the disk has at any moment is a whole target file, and an inventory that knows its targets."""

import subprocess
import threading

from Lab import inventory, mounts, parts, target_file
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.parts import needs_lab
from Lab.watch import CLOSE_WRITE, MODIFY, MOVED_TO, Watch


@needs_lab("strace", "mkfs.ext4")
class PowerCut(FleetCase):
    LIVE = [f"10.88.0.{octet}" for octet in range(1, 31)]
    NEWCOMERS = [f"10.88.0.{octet}" for octet in (101, 102)]

    def setUp(self):
        super().setUp()
        self.fleet.wake(*self.LIVE)
        self.subnet_sd = self.daemon(self.config())
        # Each step waits before it begins, for long enough to read the disk.
        self.subnet_sd.prefix = [
            parts.program("strace"), "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,rename,renameat,renameat2",
            "-e", "inject=fsync,rename,renameat,renameat2:delay_enter=80000", "setpriv", "--pdeathsig", "KILL", "--"]
        try:
            self.disk = mounts.LoopDisk(self.folder / "disk", self.subnet_sd.state)
        except subprocess.CalledProcessError as error:
            self.skipTest(f"needs loop devices: {error.stderr.decode().strip()}")
        self.addCleanup(self.disk.end)
        self.addCleanup(self.subnet_sd.end)  # before: it has the disk open
        self.subnet_sd.target_file.parent.mkdir()
        self.cuts = []
        # All that the files have been; first they are not there.
        self.states = {path: [None] for path in (self.subnet_sd.state / "inventory", self.subnet_sd.target_file)}
        self.lock = threading.Lock()

    def config(self, **settings):
        return config(["10.88.0.0/24"], scan_interval="1s", rate=20000, connect_timeout="100ms", **settings)

    def cut(self):
        """Keep what the disk has now, and how often the target file has been replaced to its end."""
        with self.lock:
            self.cuts.append((len(self.subnet_sd.said("replaced, ")), self.disk.cut()))

    def watch(self):
        """Cut the power at each step of a replacement, and keep what the files come to be."""
        def watch(file):
            def seen(mask, name):
                if mask & MOVED_TO and name == file.name:
                    self.states[file].append(file.read_bytes())
                # Written, brought to the disk and closed, given its name.
                if mask & (MODIFY | CLOSE_WRITE | MOVED_TO):
                    self.cut()
            self.addCleanup(Watch(file.parent, seen).end)

        for file in self.states:
            watch(file)

    def replaced(self, targets):
        """Wait for the end of a replacement, and cut the power."""
        self.subnet_sd.wait_line(f"replaced, {targets} targets")
        self.cut()

    def test_at_each_step(self):
        """A power cut at any step leaves both files whole, none older than it was said to be, and no target unknown."""
        self.watch()
        self.subnet_sd.start()
        self.replaced(30)
        self.fleet.wake(self.NEWCOMERS[0])
        self.replaced(31)
        self.subnet_sd.configure(self.config(exclude=self.LIVE[:2]))
        self.subnet_sd.reload()
        self.replaced(29)
        self.fleet.wake(self.NEWCOMERS[1])
        self.subnet_sd.wait_line("replaced, 30 targets", since=self.subnet_sd.wait_line("replaced, 29")[0])
        self.cut()
        self.subnet_sd.stop()

        outcomes = set()
        for number, (replaced, data) in enumerate(self.cuts):
            with self.subTest(cut=number), self.disk.after(data, self.folder / "copy", self.folder / "after") as folder:
                outcomes.add(self.assert_whole(folder, replaced))
        # Four replacements of the target file, one more of the inventory, each with some steps that differ.
        self.assertGreaterEqual(len(self.cuts), 20)
        self.assertGreaterEqual(len(outcomes), 12, outcomes)

    def assert_whole(self, folder, replaced):
        """Both files as they were at some moment; returns which moments, and whether something was left."""
        stored, published = (
            path.read_bytes() if path.exists() else None
            for path in (folder / file.relative_to(self.subnet_sd.state) for file in self.states))
        stored_states, published_states = self.states.values()
        self.assertIn(stored, stored_states)
        self.assertIn(published, published_states[replaced:], "older than the log said")
        if published is not None:
            known = inventory.parse(stored)
            self.assertLessEqual(target_file.listed(target_file.parse_yaml(published.decode())),
                                 known.targets | known.gone, "listed, but not known")
        return stored_states.index(stored), published_states.index(published), bool(list(folder.rglob(".*.tmp")))
