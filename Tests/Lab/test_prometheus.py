"""The target file, read by a real Prometheus."""

import random
import time

from Lab import prometheus, target_file
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import addresses, endpoints
from Lab.parts import needs_lab
from Lab.prometheus import Prometheus

INTERVAL = 2


@needs_lab("prometheus", "promtool")
class WithPrometheus(FleetCase):
    RANGE = "10.81.0.0/24"

    def setUp(self):
        super().setUp()
        hosts = addresses("10.81.0", 21, random.Random(81))
        self.newcomer, self.live = hosts[0], hosts[1:]
        self.fleet.wake(*self.live)

    def start(self, form="yml", **settings):
        job = {"job_labels": {"env": "lab"}, "job_target_file": f"targets.{form}"}
        self.subnet_sd = self.daemon(
            config([self.RANGE], scan_interval=f"{INTERVAL}s", rate=5000, **job, **settings),
            target_file=f"targets.{form}").start()
        self.subnet_sd.wait_listed(endpoints(self.live))
        self.prometheus = Prometheus(self.folder, [self.subnet_sd.target_file], self.fleet.near)
        self.addCleanup(self.prometheus.end)
        self.prometheus.wait_up(self.all_up())

    def all_up(self, *others):
        return {target: 1 for target in endpoints([*self.live, *others])}

    def test_scrapes_all(self):
        """Each target is scraped, with the job's labels, and no meta label stays."""
        self.start()
        series = self.prometheus.query("up")
        self.assertEqual({labels["env"] for labels, _ in series}, {"lab"})
        self.assertFalse([labels for labels, _ in series if any(name.startswith("__meta") for name in labels)])
        discovered = self.prometheus.get("targets")["activeTargets"][0]["discoveredLabels"]
        self.assertEqual(discovered["__meta_subnet_sd_job"], "node")
        self.assertEqual(discovered["__meta_subnet_sd_exporter"], "node_exporter")
        self.assertEqual(discovered["__meta_subnet_sd_prefix"], self.RANGE)

    def test_json(self):
        """So it is from a JSON file."""
        self.start("json")
        groups = target_file.read(self.subnet_sd.target_file)
        self.assertEqual(groups[0].labels["env"], "lab")

    def test_promtool(self):
        """promtool finds nothing wrong with the file, empty or not."""
        self.start()
        self.assertIsNone(prometheus.check(self.subnet_sd.target_file, self.folder))
        self.subnet_sd.stop()
        self.fleet.silence(*self.live)
        # All at once, which would be held.
        empty = self.daemon(config([self.RANGE], scan_interval="1s", rate=5000, remove_after="0s", max_loss="100%"))
        empty.start().settle()
        self.assertEqual(empty.listed(), set())
        self.assertIsNone(prometheus.check(empty.target_file, self.folder))

    def test_newcomer(self):
        """A new server is scraped within one scan interval and six seconds."""
        self.start()
        begin = time.monotonic()
        self.fleet.wake(self.newcomer)
        self.prometheus.wait_up(self.all_up(self.newcomer))
        # A scan interval, the scan, five seconds of Prometheus' own delay at most, and its scrape interval.
        self.assertLess(time.monotonic() - begin, INTERVAL + 6)

    def test_linked_directory(self):
        """Prometheus sees a new server as soon by a link to the directory, such as /etc/prometheus/file_sd."""
        subnet_sd = self.daemon(config([self.RANGE], scan_interval=f"{INTERVAL}s", rate=5000)).start()
        subnet_sd.wait_listed(endpoints(self.live))
        link = self.folder / "linked"
        link.symlink_to(subnet_sd.target_file.parent)
        self.prometheus = Prometheus(self.folder, [link / subnet_sd.target_file.name], self.fleet.near)
        self.addCleanup(self.prometheus.end)
        self.prometheus.wait_up(self.all_up())
        begin = time.monotonic()
        self.fleet.wake(self.newcomer)
        self.prometheus.wait_up(self.all_up(self.newcomer))
        self.assertLess(time.monotonic() - begin, INTERVAL + 6)

    def test_silent(self):
        """A server that falls silent stays listed with up == 0, and leaves when remove_after is over, with a reason."""
        self.start(remove_after="8s")
        lost = self.live[0]
        self.fleet.silence(lost)
        begin = time.monotonic()
        others = {target: 1 for target in endpoints(self.live[1:])}
        self.prometheus.wait_up({**others, f"{lost}:9100": 0})
        self.assertIn(f"{lost}:9100", self.subnet_sd.listed())
        self.subnet_sd.wait_listed(endpoints(self.live[1:]), timeout=30)
        self.assertGreaterEqual(time.monotonic() - begin, 8)
        self.subnet_sd.wait_line(rf"{lost}:9100 is gone: silent for ")
        self.prometheus.wait_up(others)

    def test_back(self):
        """A server that comes back in time was never gone."""
        self.start(remove_after="1h")
        lost = self.live[0]
        self.fleet.silence(lost)
        self.subnet_sd.wait_line(rf"{lost}:9100 is silent: ")
        self.fleet.wake(lost)
        self.subnet_sd.wait_line(rf"{lost}:9100 is back")
        self.prometheus.wait_up(self.all_up())
        self.assertFalse(self.subnet_sd.said("is gone"))
