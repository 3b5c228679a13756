"""The daemon with as many jobs as there may be, on loopback, where nobody listens."""

import time

from Lab.events import ask_until
from Lab.web import Web
from Process.cases import LoopbackCase

JOBS = 1000
PORT = 9  # discard; nobody has it
WATCHDOG = 30  # seconds, as in the unit


class ManyJobs(LoopbackCase):
    def many(self, jobs, interval="10s"):
        return {"global": {"scan_interval": interval}, "web": {"listen_address": f"unix:{self.folder}/web"},
                "scan_configs": [{"job_name": f"job-{job}", "ranges": [f"127.97.{job // 250}.{job % 250 + 1}"],
                                  "ports": [PORT], "target_file": f"{job}.yml"} for job in range(jobs)]}

    @staticmethod
    def cpu(daemon):
        """What it has used so far, in hundredths of a second."""
        user, system = (daemon.proc / "stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return int(user) + int(system)

    def scanned(self, daemon, scans):
        """Wait until so many scans have ended since the start, and no longer than they take."""
        ask_until(lambda: len(daemon.said(r"; 1 of 1 endpoints")) >= scans, f"{scans} scans", timeout=120)

    def test_a_thousand(self):
        """A thousand jobs: the watchdog is fed, health is 200, a reload and the end take no time to speak of."""
        daemon = self.daemon(self.many(JOBS))
        daemon.start(ready=False, WATCHDOG_USEC=str(WATCHDOG * 1_000_000))
        daemon.wait_ready(timeout=60)
        web = Web(f"{self.folder}/web")
        self.assertEqual(web.get("/-/healthy").status, 200)
        self.scanned(daemon, 3 * JOBS)
        self.assertEqual(web.get("/-/healthy").status, 200)
        fed = [notice.time for notice in daemon.notify.said("WATCHDOG")]
        self.assertLess(max(later - earlier for earlier, later in zip(fed, fed[1:])), WATCHDOG)
        # One a second at most, where each scan had two.
        seconds = time.monotonic() - daemon.child.started
        self.assertLess(len(daemon.notify.said("STATUS")), 10 + seconds)
        before = self.cpu(daemon)
        self.assertEqual(len(web.get("/").body.split(b'<th scope="row"')), 51)
        daemon.configure(self.many(JOBS - 1))
        daemon.reloaded()
        # A debug build on a busy machine: what was quadratic took many times as long.
        self.assertLess(self.cpu(daemon) - before, 500)
        self.assertEqual(daemon.stop(), 0)
        daemon.start(ready=False)
        daemon.wait_ready(timeout=60)
        self.assertLess(self.cpu(daemon), 1000)
        before = self.cpu(daemon)
        daemon.child.signal(15)
        self.assertEqual(daemon.child.wait(10), 0)

    def test_twice_as_many(self):
        """A scan costs the same with many jobs as with few: its share of what concerns all of them is bounded."""
        costs = []
        for jobs in (250, JOBS):
            daemon = self.daemon(self.many(jobs, interval="4s"), folder=str(jobs)).start()
            self.scanned(daemon, jobs)
            before, scans = self.cpu(daemon), len(daemon.said("1 of 1 endpoints"))
            self.scanned(daemon, scans + 2 * JOBS)
            costs.append((self.cpu(daemon) - before) / (len(daemon.said("1 of 1 endpoints")) - scans))
            daemon.end()
        self.assertLess(costs[1], 2 * costs[0], f"hundredths of a second a scan: {costs}")

    def test_one_too_many(self):
        """More are refused, and it is said what to do."""
        daemon = self.daemon(self.many(JOBS + 1))
        said = self.run_subnet_sd("check-config", str(daemon.config), status=78).error
        self.assertIn("'scan_configs' has 1001 jobs; 1000 are allowed; give a job the ranges of several", said)
