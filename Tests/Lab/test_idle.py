"""What the daemon costs while nothing happens, and what a scan costs."""

import os
import random
import re

from Lab import parts
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import addresses, endpoints
from Lab.parts import needs_lab
from Lab.web import Web

WEB = {"listen_address": "127.0.0.1:19100"}
MIB = 2**20


@needs_lab()
class Idle(FleetCase):
    ALONE = True

    def start(self, hosts, ranges, environment=None, **settings):
        """A daemon that has found the hosts."""
        self.fleet.wake(*hosts)
        subnet_sd = self.daemon(config(ranges, web=WEB, **settings)).start(**(environment or {}))
        subnet_sd.wait_listed(endpoints(hosts), timeout=parts.PATIENCE * 4)
        subnet_sd.wait_scans(1, since=0)
        return subnet_sd

    def test_memory(self):
        """With a thousand targets and HTTP, less than 20 MiB are in memory between scans, 4 of them its own."""
        if "/debug/" in parts.daemon():
            self.skipTest("of the release only")
        hosts = addresses("10.91", 1000, random.Random(1000))
        subnet_sd = self.start(hosts, ["10.91.0.0/16"], scan_interval="1h", rate=50000, concurrency=4096)
        self.wait_quiet(subnet_sd)
        total, own = subnet_sd.child.memory(), subnet_sd.child.memory("RssAnon")
        print(f"     {total / MIB:.1f} MiB, {own / MIB:.1f} of them its own", flush=True)
        self.assertLess(total, 20 * MIB)
        self.assertLess(own, 4 * MIB)

    def test_asleep(self):
        """Between scans no thread wakes up, whoever was answered before, and when HTTP is turned off."""
        subnet_sd = self.start(["10.92.0.7"], ["10.92.0.0/24"], scan_interval="1h")
        self.assertEqual(Web(namespace=self.fleet.near).get("/").status, 200)
        self.assertEqual(len(subnet_sd.targets()[0]), 1)
        subnet_sd.configure(config(["10.92.0.0/24"], scan_interval="1h"))
        subnet_sd.reloaded()
        self.wait_quiet(subnet_sd)

    def test_watchdog(self):
        """The watchdog is fed by two threads, each woken once or twice."""
        subnet_sd = self.start(["10.92.0.7"], ["10.92.0.0/24"], {"WATCHDOG_USEC": "6000000"}, scan_interval="1h")
        notices = subnet_sd.notify
        position, _ = notices.wait("WATCHDOG", "1", since=notices.notices.count())
        before = switches(subnet_sd.proc)
        for _ in range(5):
            position, _ = notices.wait("WATCHDOG", "1", since=position + 1)
        woken = sum(count - before.get(thread, 0) for thread, count in switches(subnet_sd.proc).items())
        print(f"     woken {woken} times for 5 meals", flush=True)
        self.assertLessEqual(woken, 3 * 5)

    def test_scan(self):
        """A scan of 891 addresses, of which 297 live, takes less than 200 ms of processor time."""
        if "/debug/" in parts.daemon():
            self.skipTest("of the release only")
        everyone = [f"10.93.{third}.{fourth}" for third in range(1, 10) for fourth in range(1, 100)]
        hosts = random.Random(297).sample(everyone, 297)
        ranges = [f"10.93.{third}.1-10.93.{third}.99" for third in range(1, 10)]
        subnet_sd = self.start(hosts, ranges, scan_interval="1s", rate=20000)
        before, scans = processor_time(subnet_sd.proc), 20
        subnet_sd.wait_scans(scans)
        cost = (processor_time(subnet_sd.proc) - before) / scans
        print(f"     {cost * 1000:.0f} ms a scan", flush=True)
        # Some 50, and on a slow machine twice that: the fleet's side of the network counts, too.
        self.assertLess(cost, 0.2)

    def wait_quiet(self, subnet_sd):
        """Wait until no thread has been woken for ten seconds; threads that had work may end some seconds after it."""
        seen = switches(subnet_sd.proc)
        for _ in range(4):
            self.assertFalse(subnet_sd.child.ended.wait(10), "it has ended")
            before, seen = seen, switches(subnet_sd.proc)
            if seen == before:
                return
        self.fail(f"threads and how often they slept, ten seconds apart: {before}, then {seen}")


def switches(proc):
    """How often each thread has gone to sleep."""
    counts = {}
    for task in (proc / "task").iterdir():
        try:
            status = (task / "status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended
        counts[task.name] = int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)$", status, re.MULTILINE)[1])
    return counts


def processor_time(proc):
    """Seconds of processor time so far, all threads and the kernel's work for them."""
    user, system = (proc / "stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

