"""kill -9 at any moment, and system calls that fail: both files stay whole, and nothing is forgotten or invented."""

import itertools
import random
import re
import signal

from Lab import inventory, parts, target_file
from Lab.cases import FleetCase
from Lab.children import Child
from Lab.daemon import config
from Lab.fleet import PORT, endpoints
from Lab.parts import needs_lab
from Lab.watch import Watch, say


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
        return config([self.RANGE], **{"scan_interval": "1s", "rate": 20000, "connect_timeout": "100ms", **settings})

    def known(self):
        """Start, know the thirty, and be killed."""
        self.subnet_sd.start().wait_listed(endpoints(self.stable))
        self.subnet_sd.kill()

    def files(self):
        return self.subnet_sd.state / "inventory", self.subnet_sd.target_file


@needs_lab()
class Killed(KillCase):
    MOMENTS = 200

    def setUp(self):
        super().setUp()
        octets = {int(host.rsplit(".", 1)[1]) for host in [*self.stable, *self.newcomers]}
        # Enough to join and to leave all along.
        self.newcomers = [f"10.83.0.{octet}" for octet in range(1, 255) if octet not in octets]
        self.random.shuffle(self.newcomers)
        self.live = set(self.stable)
        self.excluded = set()

    def change(self, moment):
        """Somebody joins, or somebody dies and is excluded."""
        # Who has left is excluded no longer: only memory keeps it away from a file that may still list it.
        self.excluded = {host for host in self.excluded if f"{host}:{PORT}" in self.subnet_sd.inventory().targets}
        if moment % 2 == 0:
            newcomer = self.newcomers.pop()
            self.fleet.wake(newcomer)
            self.live.add(newcomer)
        else:
            dead = self.random.choice(sorted(self.live))
            self.fleet.stop(dead)
            self.live.remove(dead)
            self.excluded.add(dead)
        # Another label is another file: every start replaces it. Nobody falls silent here, as the tries again would
        # make a scan longer than we want to wait.
        self.subnet_sd.configure(self.config(exclude=sorted(self.excluded), job_labels={"moment": str(moment)}))

    def run_to_some_moment(self):
        """Start it, and kill it at some moment to the end of its first scan: by the clock, or at an event."""
        watch = None
        if self.random.random() < 0.6:
            # A replacement is five or six events in its directory; a run has up to two in each.
            watch = Watch(self.random.choice(self.files()).parent, self.killer(self.random.randint(1, 12)))
            latest = 0.25
        else:
            # It is ready after some 0.03 s, and its first scan is over after 0.15 s.
            latest = self.random.choice((0.05, 0.2)) * self.random.uniform(0.5, 1)
        try:
            self.subnet_sd.start(ready=False).child.ended.wait(latest)
        finally:
            self.subnet_sd.kill()
            if watch:
                watch.end()

    def killer(self, number):
        """What kills the daemon at this event."""
        events = itertools.count(1)

        def seen(*_):
            if next(events) == number:
                self.subnet_sd.child.signal(signal.SIGKILL)

        return seen

    def assert_true(self, known_before, listed_before):
        """Nothing is lost, nothing invented, who has left stays away, and the file is not ahead of the inventory."""
        stored, listed = self.subnet_sd.inventory(), self.subnet_sd.listed()
        known, excluded = stored.targets, endpoints(self.excluded)
        self.assertLessEqual(known_before - excluded, known, "lost")
        self.assertLessEqual(known, known_before | endpoints(self.live), "invented, or came back")
        self.assertLessEqual(listed_before & known_before - excluded, listed, "lost from the file")
        self.assertLessEqual(listed, known | stored.gone, "in the file, but not in the inventory")
        self.assertEqual(self.subnet_sd.unusable(), [])

    def test_at_random(self):
        """Killed at 200 moments of changes it loses nothing, invents nothing, and brings back nobody who left."""
        self.known()
        # How often which of the two files had been replaced, and something was left.
        met = dict.fromkeys(("neither", "the inventory alone", "both", "leftovers"), 0)
        for moment in range(self.MOMENTS):
            with self.subTest(moment=moment):
                self.change(moment)
                known, listed = self.subnet_sd.inventory().targets, self.subnet_sd.listed()
                leftovers, before = self.subnet_sd.leftovers(), [path.read_bytes() for path in self.files()]
                self.run_to_some_moment()
                self.assert_true(known, listed)
                if self.subnet_sd.notify.said("READY"):
                    self.assertFalse(set(leftovers) & set(self.subnet_sd.leftovers()), "left by the run before")
                stored, published = (path.read_bytes() != old for path, old in zip(self.files(), before))
                met["both" if published else "the inventory alone" if stored else "neither"] += 1
                met["leftovers"] += bool(self.subnet_sd.leftovers())
        self.assertTrue(all(met.values()), f"not all moments are met: {met}")
        self.subnet_sd.configure(self.config(exclude=sorted(self.excluded)))
        self.subnet_sd.start().wait_listed(endpoints(self.live))
        self.subnet_sd.settle()
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.live))
        self.assertEqual((self.subnet_sd.leftovers(), self.subnet_sd.unusable()), ([], []))


class WithinCase(KillCase):
    """Something happens at the n-th system call of a kind."""

    def strace(self, call, what=None):
        """What runs the daemon under strace, which writes the calls to the file `trace`, and does something to them."""
        inject = ["-e", f"inject={call}:{what}"] if what else []
        return [parts.program("strace"), "-f", "-qq", "-y", "-o", str(self.folder / "trace"), "-e", f"trace={call}",
                *inject, "setpriv", "--pdeathsig", "KILL", "--"]

    def traced(self):
        """The lines of the calls on our files, each with its number among those of its thread, as strace counts."""
        counts, lines = {}, []
        for line in (self.folder / "trace").read_text().splitlines():
            thread, rest = line.split(maxsplit=1)
            if rest.startswith(("<", "+", "-")):
                continue  # the second half of a call, an end, a signal
            counts[thread] = counts.get(thread, 0) + 1
            if str(self.subnet_sd.state) in rest:
                lines.append((counts[thread], rest))
        return lines

    @staticmethod
    def places(calls):
        """Where they happen: at a file in the making, or at the directory, of the inventory or of the target file."""
        return {re.search(r"state(/file_sd)?(/\.\w+|>)", call)[0] for call in calls}

    def join(self):
        """One more host; returns what was listed, and what is to be."""
        newcomer = self.newcomers.pop()
        self.fleet.wake(newcomer)
        return self.subnet_sd.listed(), self.subnet_sd.listed() | endpoints([newcomer])

    def at_each(self, call, happen):
        """Lets something happen at each call of a run in which a target joins; it returns in which places it did."""
        self.join()
        self.subnet_sd.prefix = self.strace(call)
        self.subnet_sd.start().wait_line("endpoints in")
        self.subnet_sd.stop()
        calls = self.traced()
        unmet = self.places(line for _, line in calls)
        self.assertGreaterEqual(len(unmet), 2, "not both files are written")
        # strace counts for each thread. The daemon's is mostly one: then the last call of ours has the highest number
        # there may be. Where it changes, strace counts anew, and something is not met at once.
        highest = max(len(calls), *(number for number, _ in calls))
        for again, number in itertools.product(range(4), range(1, highest + 1)):
            if unmet or not again:
                with self.subTest(call=call, number=number):
                    try:
                        unmet -= happen(call, number)
                    finally:
                        self.subnet_sd.end()  # where it failed half-way, the next one starts all the same
        self.assertFalse(unmet, f"not met by {call}")


# Our files are the only ones that are written at an offset: a write to an event counter does not fail in life.
FSYNC, RENAME, MODE, WRITE = "fsync", "rename,renameat,renameat2", "fchmod,fchmodat", "pwrite64"


@needs_lab("strace")
class KilledWithin(WithinCase):
    def kill_within(self, call, number):
        """Start, and be killed at this call; returns the place, none if the first scan did not come to it."""
        self.subnet_sd.prefix = self.strace(call, f"signal=KILL:when={number}")
        self.subnet_sd.start(ready=False)
        self.subnet_sd.lines.wait(lambda line: "endpoints in" in line, parts.PATIENCE, or_end=True)
        survived = self.subnet_sd.stop() == 0
        self.subnet_sd.prefix = []
        if survived:
            return set()
        self.assertEqual(self.subnet_sd.child.status, -signal.SIGKILL)
        stored = self.subnet_sd.inventory()
        self.assertLessEqual(self.subnet_sd.listed(), stored.targets | stored.gone)
        return self.places([self.traced()[-1][1]])

    def test_within_a_replacement(self):
        """Killed at each step of storing and publishing it leaves old or new files; the next start goes on."""
        self.known()
        left = []

        def kill(call, number):
            old, new = self.join()
            places = self.kill_within(call, number)
            self.assertIn(self.subnet_sd.listed(), (old, new))
            self.assertIn(self.subnet_sd.inventory().targets, (old, new))
            left.extend(self.subnet_sd.leftovers())
            self.subnet_sd.start()
            self.assertEqual((self.subnet_sd.leftovers(), self.subnet_sd.unusable()), ([], []))
            self.subnet_sd.wait_listed(new)
            self.subnet_sd.kill()
            return places

        for call in (FSYNC, RENAME, MODE):
            self.at_each(call, kill)
        self.assertTrue(left, "no kill met the moment between the new file and its name")

    def test_within_a_departure(self):
        """Killed between storing that a target left and publishing it, it does not take it from the file again."""
        self.subnet_sd.configure(self.config(remove_after="0s"))
        self.known()
        for number, dead in ((1, self.stable[0]), (2, self.stable[1])):
            is_stored = number == 2
            with self.subTest(is_stored=is_stored):
                [endpoint] = endpoints([dead])
                self.fleet.stop(dead)
                self.subnet_sd.start()
                self.kill_later(RENAME, number)
                self.assertIn(endpoint, self.subnet_sd.listed())
                self.assertEqual(endpoint in self.subnet_sd.inventory().gone, is_stored)
                self.subnet_sd.start()
                self.assertEqual(endpoint in self.subnet_sd.listed(), not is_stored)
                self.subnet_sd.wait_line("endpoints in")
                self.assertNotIn(endpoint, self.subnet_sd.listed())
                self.assertEqual(len(self.subnet_sd.said(f"{endpoint} is gone")), 0 if is_stored else 1)
                self.subnet_sd.kill()

    def kill_later(self, call, number):
        """Let the running daemon be killed at this call from now on."""
        tracer = Child([parts.program("strace"), "-f", "-o", "/dev/null", "-p", str(self.subnet_sd.pid),
                        "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"])
        self.addCleanup(tracer.stop)
        tracer.lines.wait(lambda line: "attached" in line, parts.PATIENCE, what="attached")
        self.assertEqual(self.subnet_sd.child.wait(parts.PATIENCE), -signal.SIGKILL)


@needs_lab("strace")
class FailedWithin(WithinCase):
    def test_each_call(self):
        """Each call that fails costs one line, both files stay whole, and the next scan makes up for it."""
        self.known()
        faults = self.watch_whole()
        for call in (FSYNC, RENAME, MODE, WRITE):
            self.at_each(call, self.fail_at)
        self.assertEqual(faults, [])

    def watch_whole(self):
        """What at any event was wrong with a file."""
        faults = []

        def seen(mask, name):
            try:
                self.subnet_sd.inventory()
                self.subnet_sd.listed()
            except (OSError, inventory.Broken, target_file.Broken) as error:
                faults.append(f"{say((mask, name))}: {error}")

        for path in self.files():
            self.addCleanup(Watch(path.parent, seen).end)
        return faults

    def fail_at(self, call, number):
        """A run in which this call fails; returns the places in which it did."""
        _, wanted = self.join()
        self.subnet_sd.prefix = self.strace(call, f"error=EIO:when={number}")
        self.subnet_sd.start().wait_scans(1, since=0)
        if (self.subnet_sd.listed(), self.subnet_sd.inventory().targets) != (wanted, wanted):
            self.subnet_sd.wait_scans(2, since=0)
        self.assertEqual(self.subnet_sd.listed(), wanted)
        self.assertEqual(self.subnet_sd.inventory().targets, wanted)
        self.assertEqual((self.subnet_sd.leftovers(), self.subnet_sd.unusable()), ([], []))
        self.assertTrue(self.subnet_sd.child.alive)
        self.subnet_sd.stop()
        failed = [line for _, line in self.traced() if "(INJECTED)" in line]
        said = len(self.subnet_sd.said("Input/output error"))
        self.assertTrue(min(len(failed), 1) <= said <= len(failed), f"{said} lines for {failed}")
        return self.places(failed)


@needs_lab()
class Restarted(KillCase):
    def test_a_silent_target_is_known_again(self):
        """A restart while hosts are silent keeps them listed, and silent."""
        self.subnet_sd.start().wait_listed(endpoints(self.stable))
        self.fleet.silence(*self.stable[:10])
        self.subnet_sd.wait_scans(1, kind=r"10 of them silent")
        self.subnet_sd.stop()
        self.subnet_sd.start()
        self.assertEqual(self.subnet_sd.targets("--state", "silent")[0].keys(), endpoints(self.stable[:10]))
        self.subnet_sd.wait_scans(1, since=0, kind=r"10 of them silent")
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.stable))

    def test_the_clock_goes_on(self):
        """Silence goes on over a restart: a target leaves when remove_after is over, and after three missed scans."""
        # A scan with a host that refuses takes two seconds. After three of them the silence has lasted for four;
        # counted anew it would come to seven in the fifth of the next process, and without the three in the second.
        self.subnet_sd.configure(self.config(scan_interval="2s", remove_after="7s"))
        self.subnet_sd.start().wait_listed(endpoints(self.stable))
        self.fleet.stop(self.stable[0])
        [dead] = endpoints(self.stable[:1])
        self.subnet_sd.wait_scans(3, kind=r"1 of them silent", since=0)
        since = self.subnet_sd.targets()[0][dead]["silent_since"]
        self.subnet_sd.stop()
        self.subnet_sd.start()
        self.assertEqual(self.subnet_sd.targets()[0][dead]["silent_since"][:19], since[:19])
        position, _ = self.subnet_sd.wait_line(rf"{dead} is gone: silent for .* and 6 missed scans")
        before = self.subnet_sd.lines.all()[:position]
        self.assertEqual(sum("endpoints in" in line for line in before), 2, before)
        self.subnet_sd.wait_listed(endpoints(self.stable[1:]))
