"""Packet loss, which a removal at the first missed answer turns into targets that come and go."""

import random

from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import addresses, endpoints
from Lab.parts import needs_lab
from Lab.watch import Watch, say


@needs_lab()
class Loss(FleetCase):
    def test_two_percent(self):
        """With 2 % of the packets lost in each direction, 20 scans lose none of 297 live targets."""
        live = [f"10.80.{n // 99 + 1}.{n % 99 + 1}" for n in random.Random(297).sample(range(891), 297)]
        self.fleet.wake(*live)
        self.fleet.lose(2)
        daemon = self.daemon(config(["10.80.1-9.1-99"], scan_interval="1s", rate=20000)).start()
        # The set of targets only grows. It is looked at whenever the file is replaced.
        listed, position = set(), 0
        by_scan = []
        for _ in range(20):
            position = daemon.wait_scans(1, since=position, timeout=30)
            now = daemon.listed()
            self.assertLessEqual(listed, now, "a live target has left the file")
            listed = now
            by_scan.append(len(listed))
        self.assertFalse(daemon.said("is gone"))
        # A handshake fails with 1 - 0.98² = 4 %: a new host is missed twice in a row with 0.16 %, so after two scans
        # at most 4 of 297 are missing (but for one run in 7,000), and none after five (one in 35,000). A scan is
        # published after its line, hence the next position.
        self.assertGreaterEqual(by_scan[2], 293, by_scan)
        self.assertEqual(by_scan[5], 297, by_scan)
        self.assertEqual(listed, endpoints(live))


@needs_lab()
class LongLoss(FleetCase):
    def test_five_percent(self):
        """With 5 % lost over 20 scans, more than a minute, no one of 300 live targets is ever absent, and their file is not rewritten."""
        live = [f"10.80.{n // 99 + 1}.{n % 99 + 1}" for n in random.Random(300).sample(range(891), 300)]
        self.fleet.wake(*live)
        self.fleet.lose(5)
        daemon = self.daemon(config(["10.80.1-9.1-99"], scan_interval="2s", rate=20000)).start()
        daemon.wait_listed(endpoints(live), timeout=60)
        # From here on nothing is new, and what a scan misses stays: the file is as it is.
        watch, text = Watch(daemon.target_file.parent), daemon.target_file.read_bytes()
        self.addCleanup(watch.end)
        # A scan in which a target is tried again takes up to four seconds.
        daemon.wait_scans(20, since=0, timeout=20)
        self.assertFalse(daemon.said("is gone|hold"))
        self.assertEqual([say(event) for event in watch.events.all()], [], "the file was touched")
        self.assertEqual(daemon.target_file.read_bytes(), text)
        # A handshake and its two tries again fail with 1 - 0.95² = 9.75 % each: some target falls silent now and then.
        self.assertTrue(daemon.said("is silent"), "no loss at all")


@needs_lab()
class HeavyLoss(FleetCase):
    def test_twenty_percent(self):
        """With 20 % lost, targets fall silent and come back, and none leaves."""
        live = addresses("10.80.1", 100, random.Random(20))
        self.fleet.wake(*live)
        daemon = self.daemon(config(["10.80.1.0/24"], scan_interval="1s", rate=20000)).start()
        daemon.wait_listed(endpoints(live))
        self.fleet.lose(20)
        daemon.wait_scans(8, timeout=60)
        self.assertEqual(daemon.listed(), endpoints(live))
        self.fleet.lose(0)
        daemon.wait_line(r"\b100 targets;", since=daemon.lines.count())
