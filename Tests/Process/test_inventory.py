"""The stored inventory: what cannot be used is set aside, and costs no target."""

from Lab import inventory
from Process.cases import LoopbackCase


class StoredInventory(LoopbackCase):
    def setUp(self):
        super().setUp()
        self.servers = self.exporters(3, 7)
        self.subnet_sd = self.daemon(self.config()).start()
        self.subnet_sd.wait_listed(self.endpoints(3, 7))
        self.subnet_sd.stop()
        self.file = self.subnet_sd.state / "inventory"
        self.good = self.file.read_bytes()

    def assert_set_aside(self, reason, data):
        """It is kept under another name, one warning says why, and the targets are those of the target file."""
        self.file.write_bytes(data)
        self.subnet_sd.start()
        self.subnet_sd.wait_line(rf"^<4>the inventory '.*' is not used: {reason}; it is kept as '.*unusable-\d+', "
                                 "and the target files are the start")
        self.assertEqual(self.subnet_sd.listed(), self.endpoints(3, 7))
        self.subnet_sd.wait_scans(1, since=0)
        self.assertFalse(self.subnet_sd.said("is new|is gone"))
        self.assertEqual(self.subnet_sd.listed(), self.endpoints(3, 7))
        [name] = self.subnet_sd.unusable()
        self.assertEqual((self.subnet_sd.state / name).read_bytes(), data)
        self.assertEqual(self.subnet_sd.inventory().targets, self.endpoints(3, 7))
        self.subnet_sd.stop()
        (self.subnet_sd.state / name).unlink()

    def test_whole(self):
        """It says what the strict reader of the tests reads, and is for the daemon's group alone."""
        job = inventory.parse(self.good).jobs["node"]
        self.assertEqual(job.target_file, self.subnet_sd.target_file.name)
        self.assertEqual({endpoint: target.nodename for endpoint, target in job.targets.items()},
                         {server.endpoint: server.nodename for server in self.servers})
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o640)

    def test_damaged(self):
        """One that is damaged anywhere is set aside, and no target is lost."""
        middle = len(self.good) // 2
        flipped = bytes([*self.good[:middle], self.good[middle] ^ 4, *self.good[middle + 1:]])
        for data in (flipped, self.good[:-1], self.good[:middle], self.good + self.good[-1:]):
            with self.subTest(data[-30:]):
                self.assert_set_aside("it is damaged: its checksum does not fit", data)
        self.assert_set_aside("it is no inventory of subnet-sd", b"")

    def test_newer(self):
        """One of a later version is set aside."""
        lines = self.good.splitlines()[:-1]
        self.assert_set_aside("a later subnet-sd wrote it, in version 999 of the format",
                              inventory.sealed([b"subnet-sd inventory 999", *lines[1:]]))

    def test_wrong_line(self):
        """One with a line that means nothing, rightly sealed, is set aside."""
        lines = self.good.splitlines()[:-1]
        self.assert_set_aside("line 3 is wrong", inventory.sealed([*lines[:2], b"target\t127.83.0.3", *lines[3:]]))

    def test_missing(self):
        """Without one the target file is the start."""
        self.file.unlink()
        self.servers[1].end()
        self.subnet_sd.start().wait_scans(1, since=0, kind="2 targets, 1 of them silent")
        self.assertFalse(self.subnet_sd.said("is new"))
        self.assertEqual(self.subnet_sd.listed(), self.endpoints(3, 7))
