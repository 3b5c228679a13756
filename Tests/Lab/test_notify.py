"""What the daemon tells its service manager, at a private socket."""

import json
import signal
import time

from Lab import freeze
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.events import ask_until
from Lab.fleet import endpoints
from Lab.parts import needs_lab


class NotifyCase(FleetCase):
    RANGE = "10.85.0.0/24"
    LIVE = ["10.85.0.3", "10.85.0.7"]
    LONG = "10.85.0.0/16"  # a minute at the default rate

    def setUp(self):
        super().setUp()
        self.fleet.wake(*self.LIVE)

    def start(self, ranges=None, environment=None, **settings):
        self.subnet_sd = self.daemon(config(ranges or [self.RANGE], scan_interval="1s", **settings))
        return self.subnet_sd.start(**(environment or {}))

    def wait_sweeping(self):
        """Wait until connections are in flight; the number of the thread that waits for them."""
        return ask_until(lambda: freeze.sweeping_thread(self.subnet_sd.proc), "a scan begins", pause=0.01)


@needs_lab()
class Notify(NotifyCase):
    def test_ready(self):
        """READY=1 comes once, with a sentence, before the first scan of a large range is over."""
        begin = time.monotonic()
        self.start([self.LONG])
        self.assertLess(time.monotonic() - begin, 2)
        ready, = self.subnet_sd.notify.said("READY")
        self.assertRegex(ready.fields["STATUS"], r"^\w.* job")

    def test_quick(self):
        """From its start to READY=1 it takes less than a tenth of a second, with HTTP, known targets and all."""
        self.start(web={"listen_address": "127.0.0.1:19100"})
        self.subnet_sd.wait_listed(endpoints(self.LIVE))
        times = []
        for _ in range(5):
            self.subnet_sd.stop()
            self.subnet_sd.start()
            times.append(self.subnet_sd.notify.said("READY")[0].time - self.subnet_sd.child.started)
        # What else the machine does can only make it longer.
        print(f"     READY=1 after {min(times) * 1000:.0f} to {max(times) * 1000:.0f} ms", flush=True)
        self.assertLess(min(times), 0.1)

    def test_status(self):
        """STATUS is a sentence with the number of targets and of endpoints."""
        self.start()
        self.subnet_sd.settle()
        status = self.subnet_sd.notify.said("STATUS")[-1].fields["STATUS"]
        self.assertRegex(status, r"\b2 targets in 1 job\b.*\b254 endpoints\b")

    def test_reload(self):
        """SIGHUP is answered by RELOADING=1 with the time, then READY=1 with the new configuration in force."""
        self.start()
        self.subnet_sd.settle()
        self.subnet_sd.configure(config(["10.85.0.3"], scan_interval="1s"))
        begin = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        since = self.subnet_sd.reload()
        position, reloading = self.subnet_sd.notify.wait("RELOADING", "1", since=since)
        moment = int(reloading.fields["MONOTONIC_USEC"])
        self.assertTrue(begin <= moment <= begin + 2_000_000, (begin, moment))
        self.subnet_sd.notify.wait("READY", "1", since=position)
        self.subnet_sd.wait_line(r"10\.85\.0\.7:9100 is gone: not in the job's ranges any more")
        self.subnet_sd.wait_listed(endpoints(["10.85.0.3"]))

    def test_bad_reload(self):
        """A bad configuration is refused as a whole, RELOADING=1 and READY=1 all the same, and the old one goes on."""
        self.start()
        self.subnet_sd.settle()
        bad = config(["10.85.0.3"], scan_interval="1s")
        bad["global"]["frob"] = 1
        self.subnet_sd.configure(json.dumps(bad))
        lines = self.subnet_sd.lines.count()
        since = self.subnet_sd.reload()
        position, _ = self.subnet_sd.notify.wait("RELOADING", "1", since=since)
        self.subnet_sd.notify.wait("READY", "1", since=position)
        self.subnet_sd.wait_line(r"config\.yml:1:\d+: .*'frob'", since=lines)
        self.subnet_sd.wait_line(r"keeping the previous", since=lines)
        self.subnet_sd.settle()
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.LIVE))

    def test_many_reloads(self):
        """A storm of SIGHUP ends with the last configuration, and with READY=1."""
        self.start()
        for octet in range(1, 30):
            self.subnet_sd.configure(config([f"10.85.0.1-10.85.0.{octet}"], scan_interval="1s"))
            since = self.subnet_sd.reload()
        position, _ = self.subnet_sd.notify.wait("RELOADING", "1", since=since)
        self.subnet_sd.notify.wait("READY", "1", since=position)
        self.subnet_sd.wait_listed(endpoints(self.LIVE))
        self.subnet_sd.wait_scans(1, kind=r"2 targets; 29 of 29 endpoints")

    def test_stop_within_a_scan(self):
        """SIGTERM in the middle of a scan: STOPPING=1 at once, exit 0 within two seconds, the file as it was."""
        self.start()
        self.subnet_sd.wait_listed(endpoints(self.LIVE))
        self.subnet_sd.stop()
        self.subnet_sd.configure(config([self.LONG], scan_interval="1s"))
        self.subnet_sd.start()
        self.wait_sweeping()
        before = self.subnet_sd.target_file.read_bytes()
        begin = time.monotonic()
        self.subnet_sd.child.signal(signal.SIGTERM)
        self.assertEqual(self.subnet_sd.child.wait(10), 0)
        self.assertLess(time.monotonic() - begin, 2)
        self.assertTrue(self.subnet_sd.notify.said("STOPPING"))
        self.assertEqual(self.subnet_sd.target_file.read_bytes(), before)


@needs_lab()
class Watchdog(NotifyCase):
    """With WatchdogSec=2: to be fed every second at least."""

    def start(self, ranges=None, environment=None, **settings):
        return super().start(ranges, {"WATCHDOG_USEC": "2000000"}, **settings)

    def gaps(self, seconds):
        """The longest pause between two feedings in a span from now."""
        begin = time.monotonic()
        while time.monotonic() < begin + seconds:
            self.subnet_sd.notify.wait("WATCHDOG", "1", 2, since=self.subnet_sd.notify.notices.count())
        times = [notice.time for notice in self.subnet_sd.notify.said("WATCHDOG") if notice.time >= begin]
        return max(later - sooner for sooner, later in zip(times, times[1:]))

    def test_fed_while_idle(self):
        """WATCHDOG=1 comes in time between two scans."""
        self.start()
        self.subnet_sd.configure(config([self.RANGE], scan_interval="1h"))
        self.subnet_sd.reload()
        self.subnet_sd.wait_scans(1)
        self.assertLess(self.gaps(4), 1.2)

    def test_fed_while_scanning(self):
        """And during a long scan."""
        self.start([self.LONG])
        self.assertLess(self.gaps(4), 1.2)

    def test_stopped(self):
        """A stopped daemon feeds nothing; going on, it does again."""
        self.start()
        self.subnet_sd.notify.wait("WATCHDOG", "1")
        self.subnet_sd.child.signal(signal.SIGSTOP)
        since = self.subnet_sd.notify.notices.count()
        with self.assertRaises(AssertionError):
            # One may have been under way.
            self.subnet_sd.notify.wait("WATCHDOG", "1", 3, since=since + 1)
        self.subnet_sd.child.signal(signal.SIGCONT)
        self.subnet_sd.notify.wait("WATCHDOG", "1", 5, since=since)

    def test_hung(self):
        """A scan that hangs starves the watchdog, though the daemon's other threads go on; moving again, it is fed."""
        self.start([self.LONG], connect_timeout="100ms", probe_timeout="100ms")
        frozen = freeze.FrozenThread(self.wait_sweeping())
        try:
            # Some 15 s of standing still are borne: a machine may be loaded.
            deadline = time.monotonic() + 30
            since = self.subnet_sd.notify.notices.count()
            while True:
                self.assertLess(time.monotonic(), deadline, "fed on and on, while nothing moves")
                try:
                    since = self.subnet_sd.notify.wait("WATCHDOG", "1", 3, since=since)[0] + 1
                except AssertionError:
                    break  # hungry for longer than the watchdog has patience
        finally:
            frozen.thaw()
        self.subnet_sd.notify.wait("WATCHDOG", "1", 5, since=since)
