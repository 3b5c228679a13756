"""kill -9 at any moment: the target file stays whole, and nothing is forgotten."""

import random
import signal
import threading

from Lab import parts
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import endpoints
from Lab.parts import needs_lab


class KillCase(FleetCase):
    """Thirty hosts that always live, and thirty that may join them."""

    RANGE = "10.83.0.0/24"

    def setUp(self):
        super().setUp()
        self.random = random.Random(9)
        octets = self.random.sample(range(1, 255), 60)
        self.stable = [f"10.83.0.{octet}" for octet in octets[:30]]
        self.newcomers = sorted(f"10.83.0.{octet}" for octet in octets[30:])
        self.fleet.wake(*self.stable)
        self.subnet_sd = self.daemon(self.config())

    def config(self, **settings):
        return config([self.RANGE], scan_interval="1s", rate=20000, connect_timeout="100ms", **settings)

    def leftovers(self):
        return [path.name for path in self.subnet_sd.target_file.parent.iterdir() if path.name.endswith(".tmp")]


@needs_lab()
class Killed(KillCase):
    def test_at_random(self):
        """Killed at 50 moments of changing scans it leaves a whole file each time, and every live target in it."""
        self.subnet_sd.start().wait_listed(endpoints(self.stable))
        self.subnet_sd.kill()
        listed = self.subnet_sd.listed()
        newcomers, changed = list(self.newcomers), 0
        for moment in range(50):
            with self.subTest(moment=moment):
                # Another label is another file: the first scan of every start replaces it. Nobody falls silent here,
                # as the tries again would make that scan longer than we want to wait.
                self.subnet_sd.configure(self.config(job_labels={"moment": str(moment)}))
                if moment % 2:
                    self.fleet.wake(newcomers.pop())
                before = self.subnet_sd.target_file.read_bytes()
                self.subnet_sd.start()
                self.assertEqual(self.leftovers(), [], "left by the run before")
                # The first scan of a start takes some 0.2 s: its moments are met, and some after it.
                threading.Event().wait(self.random.uniform(0, 0.4))
                self.subnet_sd.kill()
                self.assertLessEqual(listed, self.subnet_sd.listed())
                listed = self.subnet_sd.listed()
                changed += before != self.subnet_sd.target_file.read_bytes()
        self.assertTrue(5 < changed < 50, f"{changed} of 50 replaced the file: before and after it are not both met")
        self.subnet_sd.start().settle()
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.stable + self.newcomers[-25:]))


@needs_lab("strace")
class KilledWithin(KillCase):
    def test_within_a_replacement(self):
        """Killed at each step of a replacement it leaves the old file or the new one, and the next start cleans up."""
        self.subnet_sd.start().wait_listed(endpoints(self.stable))
        self.subnet_sd.kill()
        left, fresh = 0, list(self.newcomers)
        for call in ("fsync", "rename,renameat,renameat2", "fchmod,fchmodat"):
            with self.subTest(call):
                old = self.subnet_sd.listed()
                newcomer = fresh.pop()
                self.fleet.wake(newcomer)
                self.subnet_sd.prefix = [
                    parts.program("strace"), "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                    "-e", f"inject={call}:signal=KILL", "setpriv", "--pdeathsig", "KILL", "--"]
                self.subnet_sd.start(ready=False)
                self.assertEqual(self.subnet_sd.child.wait(parts.PATIENCE), -signal.SIGKILL)
                self.assertIn(self.subnet_sd.listed(), (old, old | endpoints([newcomer])))
                left += len(self.leftovers())
                self.subnet_sd.prefix = []
                self.subnet_sd.start()
                self.assertEqual(self.leftovers(), [])
                self.subnet_sd.wait_listed(old | endpoints([newcomer]))
                self.subnet_sd.kill()
        self.assertGreater(left, 0, "no kill met the moment between the new file and its name")


@needs_lab()
class Restarted(KillCase):
    def test_a_silent_target_is_known_again(self):
        """A restart while hosts are silent keeps them listed; the fresh process counts their silence anew."""
        self.subnet_sd.start().wait_listed(endpoints(self.stable))
        self.fleet.silence(*self.stable[:10])
        self.subnet_sd.wait_scans(1, kind=r"10 of them silent")
        self.subnet_sd.stop()
        self.subnet_sd.start()
        self.subnet_sd.wait_scans(1, since=0, kind=r"10 of them silent")
        self.subnet_sd.settle()
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.stable))


