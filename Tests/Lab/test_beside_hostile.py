"""Fifty exporters beside two hundred hostile endpoints of each kind that the lab has, and beside all kinds at once."""

import re
import threading

from Lab import hostile
from Lab.cases import FleetCase
from Lab.daemon import COMPLETE, SCANNED, config
from Lab.fleet import PORT, endpoints
from Lab.parts import PATIENCE, needs_lab
from Lab.web import Web


class Pulse:
    """Asks for /-/healthy without a pause from its making to its end, and keeps each answer that is not 200."""

    def __init__(self, web):
        self._web = web
        self.asked, self.bad = 0, []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ended.wait(0.05):
            try:
                answer = self._web.get("/-/healthy")
            except OSError as error:
                self.bad.append(repr(error))
                continue
            self.asked += 1
            if answer.status != 200:
                self.bad.append(f"{answer.status}: {answer.text}")

    def end(self):
        self._ended.set()
        self._thread.join(PATIENCE)


@needs_lab()
class BesideHostile(FleetCase):
    ALONE = True

    GOOD = [f"10.94.0.{number}" for number in range(1, 251, 5)]
    FEW = "10.94.1.0-10.94.1.199"
    # 16 kinds and more are told apart by the address: some 200 of each.
    MANY = "10.94.16.0/20"
    # The daemon's peak, with its page open.
    MEMORY = 100 << 20

    def setUp(self):
        super().setUp()
        self.fleet.wake(*self.GOOD)

    def begin(self, hostile_range, prefix, kind=""):
        peers = hostile.start(self.fleet.place(prefix), PORT, all_are=kind)
        self.addCleanup(peers.stop)
        daemon = self.daemon(
            config(["10.94.0.0/24", hostile_range], scan_interval="1s", connect_timeout="300ms", probe_timeout="2s",
                   web={"listen_address": "127.0.0.1:19100"}), folder=kind.replace(" ", "-") or "all").start()
        return peers, daemon

    def judge(self, daemon, scans, timeout):
        """Each of so many scans is complete and has found all, or says that it is incomplete. Returns how many were not."""
        pulse = Pulse(Web(namespace=self.fleet.near))
        self.addCleanup(pulse.end)
        position, incomplete = 0, 0
        for _ in range(scans):
            position, line = daemon.wait_line(SCANNED, timeout, position)
            position += 1
            incomplete += not re.search(COMPLETE, line)
            if re.search(COMPLETE, line):
                self.assertEqual(daemon.listed(), endpoints(self.GOOD), line)
        pulse.end()
        self.assertEqual(pulse.bad, [])
        self.assertGreater(pulse.asked, 0)
        peak = daemon.child.memory("VmHWM")
        self.assertLess(peak, self.MEMORY)
        # Nothing that a peer did was taken for the silence of an exporter.
        self.assertEqual(daemon.said("is silent|no longer answers"), [])
        return incomplete, peak

    def test_each_kind(self):
        """Beside 200 hostile endpoints of a kind each scan finds all 50 exporters or says that it is incomplete; /-/healthy stays 200, in 100 MiB."""
        for kind in hostile.KINDS:
            with self.subTest(kind):
                peers, daemon = self.begin(self.FEW, "10.94.1.0/24", kind)
                incomplete, peak = self.judge(daemon, 2, 60)
                print(f"     {kind}: {incomplete} of 2 scans incomplete, peak {peak / (1 << 20):.1f} MiB", flush=True)
                daemon.stop()
                peers.stop()

    def test_all_kinds(self):
        """So it is beside 200 of each kind at once."""
        peers, daemon = self.begin(self.MANY, self.MANY)
        incomplete, peak = self.judge(daemon, 3, 120)
        print(f"     all kinds: {incomplete} of 3 scans incomplete, peak {peak / (1 << 20):.1f} MiB", flush=True)
