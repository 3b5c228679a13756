"""`subnet-sd scan` over a whole /16, and past everything else that may answer on a port."""

import json
import random
import re

from Lab import target_file
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import PORT, addresses, endpoints
from Lab.oddities import ODDITIES, tls_context
from Lab.parts import needs_lab
from Lab.servers import Server


@needs_lab()
class ScanOfManyAddresses(FleetCase):
    """656 live hosts among 65,534 addresses, of which some hundred refuse and the rest are silent."""

    def setUp(self):
        super().setUp()
        seeded = random.Random(656)
        hosts = addresses("10.77", 656 + 400, seeded)
        self.live, self.refusing = hosts[:656], hosts[656:]
        self.fleet.wake(*self.live)
        self.fleet.refuse(*self.refusing)
        self.config = self.folder / "config.yml"
        # As fast as two cores allow: at the default rate it is a minute.
        self.config.write_text(json.dumps(config(["10.77.0.0/16"], rate=20000, concurrency=4096)))

    def scan(self, form):
        return self.run_subnet_sd("scan", "--config", str(self.config), "--format", form, timeout=90,
                                  namespace=self.fleet.near)

    def test_yaml(self):
        """A scan of a /16 finds exactly the 656 live exporters; the target file lists each once, in order."""
        groups = target_file.parse_yaml(self.scan("yaml").output)
        self.assertEqual(target_file.listed(groups), endpoints(self.live))
        order = [tuple(map(int, re.split(r"[.:]", target))) for group in groups for target in group.targets]
        self.assertEqual(order, sorted(order))

    def test_json(self):
        """So does the JSON."""
        self.assertEqual(target_file.listed(target_file.parse_json(self.scan("json").output)), endpoints(self.live))

    def test_table(self):
        """So does the table: one row each."""
        shown = re.findall(rf"\b10\.77\.\d+\.\d+(?=:{PORT}\b|\s)", self.scan("table").output)
        self.assertEqual(sorted(shown), sorted(self.live))


@needs_lab("openssl", "time")
class ScanOfOddities(FleetCase):
    RANGE = "10.79.0.0/24"

    def setUp(self):
        super().setUp()
        self.live = ["10.79.0.200", "10.79.0.201"]
        self.fleet.wake(*self.live)
        self.servers = {}
        for octet, (name, answer) in enumerate(ODDITIES.items(), 10):
            self.place(name, f"10.79.0.{octet}", answer)
        self.place("TLS on the port", "10.79.0.100", ODDITIES["401 to everything"], tls=tls_context(self.folder))

    def place(self, name, address, answer, tls=None):
        server = Server(answer, address, PORT, namespace=self.fleet.place(address), tls=tls)
        self.addCleanup(self.fleet.displace, address)
        self.addCleanup(server.end)
        self.servers[name] = server

    def test_none_is_listed(self):
        """A scan past every odd answerer lists the real exporters alone, within its time-outs and 64 MiB."""
        done = self.measure_subnet_sd("scan", self.RANGE, "--format", "yaml", namespace=self.fleet.near)
        self.assertEqual(target_file.listed(target_file.parse_yaml(done.output)), endpoints(self.live))
        # Each was really met, and once: no redirect was followed, nothing was asked twice.
        self.assertEqual({name: server.accepted for name, server in self.servers.items()},
                         dict.fromkeys(self.servers, 1))
        # 0.3 s to connect, 2 s for the exchange, and a slow machine.
        self.assertLess(done.elapsed, 6)
        self.assertLess(done.peak, 64 << 20)

    def test_by_the_daemon(self):
        """The daemon meets them scan after scan, lists none, and does not grow."""
        daemon = self.daemon(config([self.RANGE], scan_interval="1s", probe_timeout="500ms")).start()
        daemon.wait_listed(endpoints(self.live))
        daemon.wait_scans(3)
        before = daemon.child.memory()
        daemon.wait_scans(15, timeout=60)
        self.assertEqual(daemon.listed(), endpoints(self.live))
        self.assertLess(daemon.child.memory() - before, 8 << 20)
        self.assertLess(daemon.child.memory("VmHWM"), 96 << 20)
        descriptors = len(list((daemon.proc / "fd").iterdir()))
        self.assertLess(descriptors, 64, "descriptors are left open")
