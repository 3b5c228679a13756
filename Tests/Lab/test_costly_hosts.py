"""Hosts whose answers cost much: processor time by their pieces, memory by their certificates. They cost others nothing."""

import random
import re

from Lab import hostile
from Lab.cases import FleetCase
from Lab.daemon import COMPLETE, SCANNED, config
from Lab.fleet import PORT, addresses, endpoints
from Lab.parts import needs_lab
from Lab.test_many_hostile import HostileCase
from Lab.test_odd_hosts import refused
from Lab.test_web import ON
from Lab.web import Web

MEBIBYTE = 1 << 20


@needs_lab()
class CostlyHosts(FleetCase):
    """50 exporters, and costly hosts of one kind."""

    ALONE = True
    GOOD, HOSTILE = "10.92.0.0/24", "10.92.8.0/24"
    PATIENCE = 10  # seconds of the watchdog

    def setUp(self):
        super().setUp()
        self.live = addresses("10.92.0", 50, random.Random(50))
        self.fleet.wake(*self.live)

    def assert_harmless(self, kind, count, **settings):
        """In three scans whoever is honest is found and never called silent, unless the scan says that it is incomplete."""
        child = hostile.start(self.fleet.place(self.HOSTILE), PORT, all_are=kind)
        self.addCleanup(child.stop)
        web = Web(namespace=self.fleet.near)
        daemon = self.daemon(config([self.GOOD, f"10.92.8.1-10.92.8.{count}"], web=ON, scan_interval="1s", **settings),
                             folder=kind)
        daemon.start(WATCHDOG_USEC=str(self.PATIENCE * 1_000_000))
        ends, position = [], 0
        for _ in range(3):
            self.assertEqual(web.get("/-/healthy").status, 200)
            position, line = daemon.wait_line(SCANNED, 120, position)
            position += 1
            is_complete = bool(re.search(COMPLETE, line))
            ends.append("complete" if is_complete else "incomplete")
            if is_complete:
                daemon.wait_listed(endpoints(self.live))
                self.assertFalse(endpoints(self.live) & refused(daemon).keys())
        targets, _ = daemon.targets()
        self.assertEqual({target["state"] for target in targets.values()} - {"up"}, set())
        fed = [notice.time for notice in daemon.notify.said("WATCHDOG")]
        self.assertTrue(all(later - earlier < self.PATIENCE for earlier, later in zip(fed, fed[1:])), fed)
        peak = daemon.child.memory("VmHWM")
        self.assertLess(peak, 100 * MEBIBYTE)
        daemon.stop()
        child.stop()
        print(f"     {count} of '{kind}': {len(targets)} of 50 found, scans {', '.join(ends)}; peak {peak / MEBIBYTE:.1f} MiB",
              flush=True)
        return ends

    def test_few_pages(self):
        """Beside five pages of an error in chunks of a byte all are found in scans that are complete."""
        self.assertEqual(self.assert_harmless("a page in chunks of a byte", 5), ["complete"] * 3)

    def test_many_pages(self):
        """Beside 200 of them nothing is judged that was not heard."""
        self.assert_harmless("a page in chunks of a byte", 200)

    def test_many_expositions(self):
        """Nor beside 200 expositions without an end in chunks of a byte."""
        self.assert_harmless("an exposition in chunks of a byte", 200)

    def test_many_records(self):
        """Nor beside 200 TLS handshakes in records of a byte."""
        self.assert_harmless("TLS records of a byte", 200)

    def test_many_chains(self):
        """Nor beside 200 chains of certificates that stall, whatever their length."""
        for kind in ("a chain that stalls", "a long handshake that stalls", "a usual handshake that stalls"):
            with self.subTest(kind):
                self.assert_harmless(kind, 200)


@needs_lab()
class HandshakeMemory(HostileCase):
    """1,024 endpoints that send certificates, and then nothing more."""

    def test_stalling(self):
        """Chains of 100 KB, and handshakes of all that is read, take less than 80 MiB in all."""
        for kind in ("a chain that stalls", "a long handshake that stalls", "a usual handshake that stalls"):
            with self.subTest(kind):
                child = hostile.start(self.fleet.place(self.HOSTILE), PORT, all_are=kind)
                daemon = self.daemon(
                    config(["10.92.8.0/22"], concurrency=4096, rate=20000, job_scheme="https",
                           job_tls_config={"insecure_skip_verify": True}), folder=kind).start()
                daemon.wait_scans(1, since=0, timeout=120)
                peak = daemon.child.memory("VmHWM")
                print(f"     1,024 of '{kind}': peak {peak / MEBIBYTE:.1f} MiB", flush=True)
                self.assertLess(peak, 80 * MEBIBYTE)
                daemon.stop()
                child.stop()
