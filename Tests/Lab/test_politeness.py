"""What the network feels: a smooth rate, a scan that is spread over its interval, a neighbour table that does not overflow."""

import json
import random
import re
import threading
from pathlib import Path

from Lab import target_file
from Lab.cases import Case, FleetCase
from Lab.daemon import config
from Lab.events import ask_until
from Lab.fleet import endpoints
from Lab.lan import Lan
from Lab.namespaces import unique
from Lab.packets import Beat
from Lab.parts import needs_lab


@needs_lab()
class Rate(FleetCase):
    ALONE = True

    def beat(self):
        beat = Beat(self.fleet.near, self.fleet.link.device)
        self.addCleanup(beat.end)
        return beat

    def check_smooth(self, sweep):
        beat = self.beat()
        path = self.folder / "config.yml"
        path.write_text(json.dumps(config(["10.82.0.0/19"], rate=2000, sweep=sweep)))
        self.run_subnet_sd("scan", "--config", str(path), namespace=self.fleet.near)
        times = beat.end()
        self.assertEqual(len(times), 8190)
        self.assertLessEqual(beat.most(0.01), 40, "more than twice the rate in ten milliseconds")
        self.assertLessEqual(beat.most(1), 2020, "more than the rate in a second")
        self.assertGreater(8190 / (times[-1] - times[0]), 1800, "slower than the rate")

    def test_connections(self):
        """At 2,000 a second no ten milliseconds see more than 40 attempts, and no second more than 2,020."""
        self.check_smooth("connect")

    def test_syns(self):
        """Nor more SYNs."""
        self.check_smooth("syn")

    def check_spread(self, sweep):
        first = self.beat()
        daemon = self.daemon(config(["10.82.0.0/23"], scan_interval="6s", spread=True, sweep=sweep)).start()
        daemon.wait_scans(1, since=0)
        times = first.end()
        self.assertLess(times[-1] - times[0], 2, "the first scan is waited for")
        beat = self.beat()
        daemon.wait_scans(1)
        # The next one may have begun.
        times = beat.end(within=5.7)
        self.assertEqual(len(times), 510)
        self.assertGreater(times[-1] - times[0], 5.1)
        # 94 a second.
        self.assertLessEqual(beat.most(1), 125)
        self.assertLessEqual(beat.most(0.1), 24)

    def test_spread(self):
        """With `spread: true` 510 attempts of a scan each 6 s are 5.4 seconds long, evenly, but for the first scan."""
        self.check_spread("connect")

    def test_spread_syns(self):
        """So are SYNs."""
        self.check_spread("syn")

    def test_spread_without_network(self):
        """A scan that could try nothing is not the first: the one after it is not stretched either."""
        self.fleet.link.cut()
        self.addCleanup(self.fleet.link.mend)
        daemon = self.daemon(config(["10.82.0.0/23"], scan_interval="4s", spread=True)).start()
        daemon.wait_scans(1, since=0)
        self.fleet.link.mend()
        beat = self.beat()
        daemon.wait_scans(1)
        times = beat.end()
        self.assertEqual(len(times), 510)
        self.assertLess(times[-1] - times[0], 2)


def overflows():
    """How often the neighbour table was full since the machine has started, by the kernel's own count."""
    head, *lines = Path("/proc/net/stat/arp_cache").read_text().splitlines()
    column = head.split().index("table_fulls")
    return sum(int(line.split()[column], 16) for line in lines)


class Samples:
    """Looks at a number again and again, on a thread of its own, and keeps the largest."""

    def __init__(self, look):
        self.most = 0
        self._ended = threading.Event()

        def run():
            while not self._ended.wait(0.05):
                self.most = max(self.most, look())

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def end(self):
        self._ended.set()
        self._thread.join()
        return self.most


@needs_lab()
class AttachedNetwork(Case):
    """An attached /20 with 60 live hosts in it."""

    ALONE = True

    @classmethod
    def setUpClass(cls):
        numbers = random.Random(20).sample(range(2, 4094), 60)
        cls.live = [f"10.97.{number >> 8}.{number & 255}" for number in numbers]
        cls.lan = Lan(unique("lan"), "10.97.0.0/20", "10.97.0.1", cls.live)
        cls.addClassCleanup(cls.lan.end)

    def setUp(self):
        super().setUp()
        # What the test before has left in the table is another program's.
        ask_until(lambda: self.lan.waiting() == 0, "no neighbour is waited for")

    def scan(self, prefix, **settings):
        """What is found; and the scan's seconds, and the most neighbours at a time that were waited for."""
        path = self.folder / "config.yml"
        path.write_text(json.dumps(config([prefix], **settings)))
        before, waiting = overflows(), Samples(self.lan.waiting)
        try:
            done = self.run_subnet_sd("scan", "--config", str(path), "--format", "json", timeout=120,
                                      namespace=self.lan.near)
        finally:
            most = waiting.end()
        self.assertEqual(overflows() - before, 0, "the neighbour table was full")
        return target_file.listed(target_file.parse_json(done.output)), done.elapsed, most

    def test_large(self):
        """An attached /20 is scanned without filling the neighbour table, however high the rate, and each live host is found."""
        found, elapsed, most = self.scan("10.97.0.0/20", rate=1_000_000, concurrency=4096)
        print(f"     a /20 in {elapsed:.1f} s, at most {most} of 1024 entries", flush=True)
        self.assertEqual(found, endpoints(self.live))
        self.assertLessEqual(most, 512)
        self.assertLess(elapsed, 45)

    def test_syn(self):
        """Nor is it filled with `sweep: syn`: who is attached is connected to."""
        found, _, _ = self.scan("10.97.0.0/21", rate=1_000_000, sweep="syn")
        self.assertEqual(found, {name for name in endpoints(self.live) if int(name.split(".")[2]) < 8})

    def test_small(self):
        """An attached /24, which fits, is scanned at the rate: 254 addresses at 1,000 a second."""
        found, elapsed, _ = self.scan("10.97.3.0/24")
        print(f"     a /24 in {elapsed:.2f} s", flush=True)
        self.assertEqual(found, {name for name in endpoints(self.live) if int(name.split(".")[2]) == 3})
        # 0.25 s to send, 0.3 s to wait for the last, 0.9 s where new hosts drop what is sent to their ports of printers.
        self.assertLess(elapsed, 2.5)

    def test_ports(self):
        """Nor do more ports slow it down: an address has one entry."""
        found, elapsed, _ = self.scan("10.97.4.0/24", rate=5000, job_ports=[9100, 9117, 9118, 9119])
        self.assertEqual(found, {name for name in endpoints(self.live) if int(name.split(".")[2]) == 4})
        self.assertLess(elapsed, 2.5)

    def test_again_and_again(self):
        """Nor do scans in a row: those of a /24 each second take less than a second."""
        daemon = self.daemon(config(["10.97.5.0/24"], scan_interval="1s", rate=5000), namespace=self.lan.near).start()
        position = daemon.wait_scans(2)
        daemon.wait_scans(4, since=position)
        seconds = [float(re.search(r"endpoints in ([\d.]+) s", line)[1]) for line in daemon.said("endpoints in")]
        self.assertLess(max(seconds[1:]), 1)

    def test_broadcast_in_between(self):
        """The broadcast address of an attached network inside of a larger range is no host and no failure, by SYN neither."""
        self.lan.near.ip("route", "add", "10.97.16.0/20", "via", self.live[0])
        self.addCleanup(self.lan.near.ip, "route", "del", "10.97.16.0/20", "via", self.live[0])
        for sweep in ("connect", "syn"):
            with self.subTest(sweep=sweep):
                path = self.folder / "config.yml"
                path.write_text(json.dumps(config(["10.97.15.250-10.97.16.5"], sweep=sweep)))
                done = self.run_subnet_sd("scan", "--config", str(path), namespace=self.lan.near)
                self.assertIn("12 of 12 endpoints", done.error)
                self.assertIn("1 unreachable", done.error)
