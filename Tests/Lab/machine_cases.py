"""What the tests under a real systemd share: a booted machine over a fleet, and what its administrator does and sees."""

import json
import re
import tempfile
import unittest
from pathlib import Path

from Lab import parts
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import endpoints
from Lab.machine import Machine
from Lab.parts import ROOT, needs_lab

SERVICE = "subnet-sd.service"
SOCKET = "subnet-sd.socket"
TARGETS = "/var/lib/subnet-sd/file_sd/service_discovery.yml"
EXAMPLES = "/usr/share/doc/subnet-sd/examples"


needs_package = unittest.skipUnless(parts.package(), "needs the Debian package: run packaging/build-deb")


def needs_machine(test):
    """What every test with a machine needs."""
    return needs_lab("systemd-nspawn", "debootstrap")(needs_package(test))


class MachineCase(FleetCase):
    """A machine of a class's own, with some live hosts around it."""

    # Two machines at a time would make control groups of the same names in one place.
    TOGETHER = "machines"
    SUITE = "bookworm"
    RANGE = "10.86.0.0/24"
    LIVE = [f"10.86.0.{octet}" for octet in (3, 7, 11, 200)]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine = Machine(tempfile.mkdtemp(prefix="machine-"), cls.fleet.near, cls.SUITE)
        cls.addClassCleanup(cls.machine.end)

    @classmethod
    def install_package(cls, package):
        """`apt install ./subnet-sd.deb`; the machine has no network to fetch anything from."""
        cls.machine.install(package, f"/root/{Path(package).name}", 0o644)
        return cls.machine.run("apt-get", "install", "-y", f"/root/{Path(package).name}", timeout=120)

    @classmethod
    def settings(cls, **settings):
        return config([cls.RANGE], **{"scan_interval": "1s", "rate": 5000, **settings})

    @classmethod
    def configure(cls, settings):
        text = settings if isinstance(settings, str) else json.dumps(settings, indent=1) + "\n"
        cls.machine.write("/etc/subnet-sd/config.yml", text)

    @classmethod
    def let_prometheus_read(cls, path=TARGETS):
        cls.machine.write("/etc/prometheus/prometheus.yml", json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "scrape_configs": [{"job_name": "node", "file_sd_configs": [{"files": [path]}]}]}))

    def systemctl(self, *arguments, status=0):
        return self.machine.run("systemctl", *arguments, status=status)

    def restart(self):
        """More often, with all tests together, than the unit allows."""
        self.systemctl("reset-failed", SERVICE)
        self.systemctl("restart", SERVICE)

    def property(self, name, unit=SERVICE):
        return self.machine.property(unit, name)

    def drop_in(self, name, text):
        """A drop-in of the administrator's, gone with the test."""
        path = f"/etc/systemd/system/{SERVICE}.d/{name}.conf"
        self.machine.write(path, text)
        self.addCleanup(self.systemctl, "daemon-reload")
        self.addCleanup(self.machine.remove, path)
        self.systemctl("daemon-reload")

    def example(self, name):
        """The text of an example that the package brings."""
        return self.machine.read(f"{EXAMPLES}/systemd/{name}")

    def listed(self, path=TARGETS):
        text = self.machine.read(path)
        return set(re.findall(r'"([\d.]+:\d+)"', text or ""))

    def wait_listed(self, hosts, path=TARGETS):
        self.machine.wait(lambda: self.listed(path) == endpoints(hosts), what=f"{len(hosts)} targets in {path}")

    def wait_active(self):
        self.machine.wait(lambda: self.property("ActiveState") == "active", 60, "active")

    def entries(self, **fields):
        return self.machine.journal(SERVICE, *(f"{key}={value}" for key, value in fields.items()))

    def says(self, pattern):
        expression = re.compile(pattern)
        return [entry for entry in self.entries() if expression.search(str(entry.get("MESSAGE")))]

    def assert_explained(self):
        """Below each entry `journalctl -x` has put what the entry has: no name of a field stands for its value."""
        self.machine.run("journalctl", "--sync")
        shown = self.machine.run("journalctl", "-x", "--no-pager", "-u", SERVICE).output
        texts = [line for line in shown.splitlines() if line.startswith("\u2591\u2591")]
        self.assertTrue(texts)
        self.assertEqual([line for line in texts if "SUBNET_SD_" in line or "@" in line], [])

    def wait_scraped(self, hosts):
        """Debian's Prometheus, another user, reads the file and scrapes the targets."""
        self.systemctl("restart", "prometheus.service")

        def up():
            done = self.machine.run("curl", "-sS", "http://127.0.0.1:9090/api/v1/query?query=up", status=None)
            if not done.output.startswith("{"):
                return {}  # not ready yet
            result = json.loads(done.output)["data"]["result"]
            values = {series["metric"]["instance"]: series["value"][1] for series in result}
            # What Debian's own configuration scraped before stays visible for five minutes.
            return {instance: value for instance, value in values.items() if not instance.startswith("localhost:")}

        wanted = dict.fromkeys(endpoints(hosts), "1")
        try:
            self.machine.wait(lambda: up() == wanted, what="up == 1 for all")
        except AssertionError as error:
            raise AssertionError(f"{error}: {up()}") from error


def unit_file(name):
    return (ROOT / "systemd" / name).read_text()
