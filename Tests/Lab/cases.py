"""What the tests of the lab share: a folder each, and one fleet a module."""

import shutil
import tempfile
import unittest
from pathlib import Path

from Lab import enclosure, parts
from Lab.children import finish, measure
from Lab.daemon import Daemon
from Lab.fleet import Fleet
from Lab.namespaces import unique


class Case(unittest.TestCase):
    """A test with a folder of its own, gone at its end."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="subnet-sd-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_subnet_sd(self, *arguments, status=0, timeout=60, prefix=(), **options):
        """One command of the program to its end; `prefix` is a command that runs it, such as setpriv."""
        return finish([*prefix, parts.daemon(), *arguments], timeout=timeout, status=status, **options)

    def measure_subnet_sd(self, *arguments, **options):
        """Likewise, with the memory and processor time it took."""
        return measure([parts.daemon(), *arguments], **options)

    def daemon(self, config, folder=".", **options):
        """A daemon, not started yet, that ends with the test."""
        daemon = Daemon(self.folder / folder, config, **options)
        self.addCleanup(daemon.end)
        return daemon


class FleetCase(Case):
    """Tests that share one fleet, all silent again before each."""

    @classmethod
    def setUpClass(cls):
        if not enclosure.entered():
            raise unittest.SkipTest("needs the enclosure: run `packaging/test`, or `python3 -m Lab` as root")
        cls.fleet = Fleet(unique(cls.__name__.lower()[:12]))
        cls.addClassCleanup(cls.fleet.end)

    def setUp(self):
        super().setUp()
        self.fleet.reset()

    def daemon(self, config, **options):
        return super().daemon(config, **{"namespace": self.fleet.near, **options})
