"""What may go wrong around the daemon: each is survived, said, and over when its cause is."""

import os
import shutil
import subprocess
import threading

from Lab import mounts, parts
from Lab.cases import FleetCase
from Lab.daemon import COMPLETE, INCOMPLETE, config
from Lab.fleet import endpoints
from Lab.parts import needs_lab

NOBODY = 65534


class FaultCase(FleetCase):
    """A daemon that knows three targets; the fourth shows whether its file is still true."""

    RANGE = "10.84.0.0/24"
    LIVE = ["10.84.0.3", "10.84.0.7", "10.84.0.200"]
    NEWCOMER = "10.84.0.77"

    def setUp(self):
        super().setUp()
        self.fleet.wake(*self.LIVE)
        self.subnet_sd = self.daemon(self.config())
        self.file = self.subnet_sd.target_file

    def config(self, **settings):
        return config([self.RANGE], **{"scan_interval": "1s", "rate": 5000, "connect_timeout": "200ms",
                                       "remove_after": "0s", **settings})

    def known(self):
        """Start, and know the three."""
        self.subnet_sd.start().wait_listed(endpoints(self.LIVE))

    def assert_fault(self, sentence, before=None):
        """The newcomer cannot be published; the log says why, once; the old file stands."""
        before = self.file.read_bytes() if before is None else before
        since = self.subnet_sd.lines.count()
        self.fleet.wake(self.NEWCOMER)
        self.subnet_sd.wait_line(sentence, since=since)
        self.subnet_sd.settle()
        self.assertEqual(len(self.subnet_sd.said(sentence, since)), 1, "an error is logged once, not at each scan")
        if self.file.exists():
            self.assertEqual(self.file.read_bytes(), before)
        self.assertTrue(any(notice.fields["STATUS"] for notice in self.subnet_sd.notify.said("STATUS")))

    def assert_recovers(self):
        """With the cause gone the next scan publishes all four."""
        self.subnet_sd.settle()
        self.assertEqual(self.subnet_sd.listed(), endpoints([*self.LIVE, self.NEWCOMER]))
        self.assertFalse(list(self.file.parent.glob(".*.tmp")))


@needs_lab()
class FileFaults(FaultCase):
    def test_full_disk(self):
        """A full disk leaves the old file whole; with room again the file is true again."""
        disk = mounts.SmallDisk(self.file.parent)
        self.addCleanup(disk.end)
        self.known()
        with disk.full():
            self.assert_fault(r"No space left on device; make room")
        self.assert_recovers()

    def test_read_only(self):
        """A file system that turns read-only leaves the old file; writable again, the file is true again."""
        disk = mounts.SmallDisk(self.file.parent)
        self.addCleanup(disk.end)
        self.known()
        with disk.read_only():
            self.assert_fault(r"Read-only file system; under systemd, add 'ReadWritePaths=")
        self.assert_recovers()

    def test_directory_missing(self):
        """A directory that is removed is named; back again, it gets its file with all targets."""
        self.known()
        before = self.file.read_bytes()
        shutil.rmtree(self.file.parent)
        self.assert_fault(rf"No such file or directory; create the directory '{self.file.parent}'", before)
        self.file.parent.mkdir()
        self.assert_recovers()

    def test_bind_mounted(self):
        """A file that is a mount of its own, as in a container, is named as that; unmounted, it is replaced."""
        self.known()
        mounts.mount("--bind", self.file, self.file)
        self.addCleanup(mounts.unmount, self.file)
        self.assert_fault(r"Device or resource busy; .*mount its directory")
        mounts.unmount(self.file)
        self.assert_recovers()

    def test_bind_mounted_at_start(self):
        """So it is at the start, before anything has to be replaced."""
        self.file.parent.mkdir(parents=True)
        self.file.write_text("[]\n")
        mounts.mount("--bind", self.file, self.file)
        self.addCleanup(mounts.unmount, self.file)
        self.subnet_sd.start()
        self.subnet_sd.wait_line(r"Device or resource busy; .*mount its directory")
        mounts.unmount(self.file)
        self.fleet.wake(self.NEWCOMER)
        self.assert_recovers()

    def test_foreign_file(self):
        """A file that somebody else wrote, with targets of its own, is not replaced; moved away, it makes room."""
        self.file.parent.mkdir(parents=True)
        foreign = '- targets: ["10.99.0.1:9100", "10.84.0.3:9100"]\n  labels: {team: "db"}\n'
        self.file.write_text(foreign)
        self.subnet_sd.start()
        self.subnet_sd.wait_line(r"lists 1 target that this job did not write .*10\.99\.0\.1:9100.*not replaced")
        self.subnet_sd.settle()
        self.assertEqual(self.file.read_text(), foreign)
        self.file.unlink()
        self.subnet_sd.wait_listed(endpoints(self.LIVE))

    def test_foreign_file_later(self):
        """Nor is one that is put there while the daemon runs."""
        self.known()
        foreign = '[{"targets": ["db.example:9104"], "labels": {}}]\n'
        self.file.write_text(foreign)
        self.assert_fault(r"lists 1 target that this job did not write", foreign.encode())
        self.file.unlink()
        self.assert_recovers()

    def test_predecessors_file(self):
        """The file that a script kept for the same range is taken over: its silent target stays listed."""
        self.file.parent.mkdir(parents=True)
        self.file.write_text(
            '- targets:\n  - 10.84.0.3:9100\n  - 10.84.0.9:9100\n  labels:\n    subnet: "10.84.0"\n')
        self.subnet_sd.configure(self.config(remove_after="1h"))
        self.subnet_sd.start().settle()
        self.assertEqual(self.subnet_sd.listed(), endpoints([*self.LIVE, "10.84.0.9"]))

    def test_no_target_file(self):
        """Something that is no target file is named with its place, and not replaced."""
        self.file.parent.mkdir(parents=True)
        self.file.write_text("targets: [what is this\n")
        self.subnet_sd.start()
        self.subnet_sd.wait_line(r"service_discovery\.yml:\d+:\d+: .*not replaced")
        self.subnet_sd.settle()
        self.assertEqual(self.file.read_text(), "targets: [what is this\n")
        self.file.unlink()
        self.subnet_sd.wait_listed(endpoints(self.LIVE))


@needs_lab()
class OrdinaryUser(FaultCase):
    def setUp(self):
        super().setUp()
        # Neither the tests' folder nor the checkout need be open to another user.
        self.folder.chmod(0o755)
        binary = self.folder / "subnet-sd"
        shutil.copy(parts.daemon(), binary)
        self.subnet_sd.state.chmod(0o755)
        self.subnet_sd.runtime.mkdir()
        for folder in (self.subnet_sd.state, self.subnet_sd.runtime):
            shutil.chown(folder, NOBODY, NOBODY)
        self.subnet_sd.prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                                 "--pdeathsig", "KILL", "--"]
        self.subnet_sd.program = str(binary)

    def test_unwritable(self):
        """A directory that may not be written is named with who must be let in; let in, the file is true again."""
        self.known()
        self.file.parent.chmod(0o555)
        self.assert_fault(r"Permission denied; let the user of the daemon read, write and search the directory")
        self.file.parent.chmod(0o755)
        self.assert_recovers()

    def test_unreadable(self):
        """So is a file that may not be read."""
        self.known()
        self.subnet_sd.stop()
        shutil.chown(self.file, 0, 0)
        self.file.chmod(0o600)
        self.subnet_sd.start()
        self.subnet_sd.wait_line(r"Permission denied; let the user of the daemon read the file")
        self.file.chmod(0o644)
        self.fleet.wake(self.NEWCOMER)
        self.assert_recovers()


@needs_lab()
class NetworkFaults(FaultCase):
    def assert_nothing_lost(self):
        """Scans are incomplete; even with remove_after 0s nobody is silent, nobody leaves."""
        since = self.subnet_sd.lines.count()
        self.subnet_sd.wait_scans(3, kind=INCOMPLETE)
        self.assertFalse(self.subnet_sd.said(r"is silent|is gone", since))
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.LIVE))
        self.assertIn("incomplete", self.subnet_sd.notify.said("STATUS")[-1].fields["STATUS"])

    def test_link_down(self):
        """With the link down scans are incomplete and nothing is silent; up again, all goes on."""
        self.known()
        self.addCleanup(self.fleet.link.mend)
        self.fleet.link.cut()
        self.subnet_sd.wait_line(INCOMPLETE)
        self.assert_nothing_lost()
        self.fleet.link.mend()
        self.fleet.wake(self.NEWCOMER)
        self.subnet_sd.wait_scans(1, kind=COMPLETE)
        self.assert_recovers()

    def test_link_down_at_start(self):
        """A start without a network keeps what the file lists."""
        self.known()
        self.subnet_sd.stop()
        self.addCleanup(self.fleet.link.mend)
        self.fleet.link.cut()
        self.subnet_sd.start()
        self.assert_nothing_lost()
        self.fleet.link.mend()
        self.fleet.wake(self.NEWCOMER)
        self.subnet_sd.wait_scans(1, kind=COMPLETE)
        self.assert_recovers()

    def wait_sockets(self, count):
        """Wait until the daemon has so many sockets."""
        for _ in range(200):
            links = [os.readlink(path) for path in (self.subnet_sd.proc / "fd").iterdir() if path.is_symlink()]
            if sum(link.startswith("socket:") for link in links) >= count:
                return
            threading.Event().wait(0.01)
        self.fail(f"never {count} sockets")

    def test_link_down_within_a_scan(self):
        """A link that goes down in the middle of a scan makes that scan incomplete."""
        self.subnet_sd.configure(self.config(rate=100))  # 2.5 s a scan
        self.known()
        position = self.subnet_sd.wait_scans(1)
        self.addCleanup(self.fleet.link.mend)
        # The next scan begins at once, as this one took longer than the interval; it is under way when it has some
        # twenty attempts in flight, of the thirty that it comes to.
        self.wait_sockets(20)
        self.fleet.link.cut()
        _, line = self.subnet_sd.wait_line(f"{COMPLETE}|{INCOMPLETE}", since=position)
        self.assertRegex(line, INCOMPLETE)
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.LIVE))

    def test_address_lost_within_a_scan(self):
        """An address of this machine that is taken away in the middle of a scan makes that scan incomplete, though there
        is another way to go on: the answers that were under way went to nobody."""
        near = self.fleet.near
        other = "192.0.2.253"
        near.ip("address", "add", f"{other}/32", "dev", self.fleet.link.device)
        near.ip("route", "replace", "10.0.0.0/8", "via", self.fleet.link.next_hop, "src", other)
        self.fleet.far.ip("route", "add", other, "via", "192.0.2.1")
        self.addCleanup(self.fleet.far.ip, "route", "del", other)
        self.addCleanup(near.ip, "route", "replace", "10.0.0.0/8", "via", self.fleet.link.next_hop)
        # So many that some of the first attempts are theirs, but for one run in 20,000.
        hosts = [f"10.84.0.{octet}" for octet in range(1, 101)]
        self.fleet.wake(*hosts)
        self.subnet_sd.configure(self.config(rate=100, connect_timeout="300ms"))
        self.subnet_sd.start().wait_listed(endpoints([*hosts, *self.LIVE]))
        position = self.subnet_sd.wait_scans(1)
        self.wait_sockets(15)
        # The other way first: not for a moment is there none.
        near.ip("route", "replace", "10.0.0.0/8", "via", self.fleet.link.next_hop)
        near.ip("address", "del", f"{other}/32", "dev", self.fleet.link.device)
        _, line = self.subnet_sd.wait_line(f"{COMPLETE}|{INCOMPLETE}", since=position)
        self.assertRegex(line, rf"scan incomplete \(this machine lost its address {other}\)")
        self.assertFalse(self.subnet_sd.said(r"is silent|is gone"))
        self.subnet_sd.wait_scans(1, kind=COMPLETE)


@needs_lab("prlimit")
class DescriptorFaults(FaultCase):
    def test_few_at_start(self):
        """With few file descriptors it goes on with fewer connections at a time, says so, and finds all."""
        self.subnet_sd.prefix = ["prlimit", "--nofile=100:100", "--"]
        self.known()
        self.assertTrue(self.subnet_sd.said(r"limit of open files leaves room for \d+ connections"))
        self.subnet_sd.settle()
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.LIVE))

    def test_none_left(self):
        """When descriptors run out, scans are slower or incomplete, nobody is silent; with more, all goes on."""
        self.known()
        since = self.subnet_sd.lines.count()
        self.limit(3)  # not one more can be opened; those that are open stay
        self.subnet_sd.wait_line(INCOMPLETE, since=since, timeout=60)
        self.assertFalse(self.subnet_sd.said(r"is silent|is gone", since))
        self.assertTrue(self.subnet_sd.child.alive)
        self.limit(1024)
        self.fleet.wake(self.NEWCOMER)
        self.subnet_sd.wait_listed(endpoints([*self.LIVE, self.NEWCOMER]), timeout=60)

    def limit(self, number):
        subprocess.run(["prlimit", f"--pid={self.subnet_sd.child.pid}", f"--nofile={number}:"],
                       check=True, timeout=10)
