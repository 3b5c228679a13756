"""Outages: too many targets that fall silent at once are held, until they are back or said to be gone."""

from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import endpoints
from Lab.parts import needs_lab
from Lab.watch import Watch, say


def hosts(prefix, count):
    return [f"{prefix}.{octet}" for octet in range(1, count + 1)]


class HoldCase(FleetCase):
    """Sixty hosts in two prefixes. A target leaves at its third missed scan. With two tries again and a pause before
    each, a scan with silent hosts takes four seconds, and one with refusing hosts two, which is the interval, too."""

    RANGE = "10.87.1-2.1-60"
    LIVE = [*hosts("10.87.1", 30), *hosts("10.87.2", 30)]
    KILLED, REST = LIVE[:48], LIVE[48:]

    def config(self, ranges=None, **settings):
        return config(ranges or [self.RANGE], **{
            "scan_interval": "2s", "rate": 20000, "connect_timeout": "100ms", "remove_after": "2s", **settings})

    def known(self, live, settings):
        """A daemon that knows these hosts, between two scans."""
        self.fleet.wake(*live)
        daemon = self.daemon(settings)
        daemon.start()
        for job in daemon.jobs:
            daemon.wait_scans(1, since=0, kind=rf"job '{job}': .* endpoints in")
        # On a busy machine a host may take longer than connect_timeout; the next scan finds it.
        daemon.wait_listed(endpoints(live))
        return daemon

    def killed(self, **settings):
        """A daemon that knows all, and holds those four in five whose exporters have ended; and where it says so."""
        daemon = self.known(self.LIVE, self.config(**settings))
        since = daemon.lines.count()
        self.fleet.stop(*self.KILLED)
        daemon.wait_line("hold begins", since=since)
        return daemon, since

    def watch(self, daemon):
        """Every event beside the target file from now on."""
        watch = Watch(daemon.target_file.parent)
        self.addCleanup(watch.end)
        return watch

    def assert_untouched(self, watch):
        self.assertEqual([say(event) for event in watch.events.all()], [], "the target file was touched")


@needs_lab()
class Uplink(HoldCase):
    def test_cut(self):
        """An uplink cut for ten scans takes no target along, even with remove_after 0s; the hold is over by itself."""
        live = [host for third in (1, 2, 3) for host in hosts(f"10.87.{third}", 99)]
        strict = hosts("10.87.9", 30)
        settings = self.config(["10.87.1-3.1-99"])
        settings["scan_configs"].append({"job_name": "strict", "ranges": ["10.87.9.0/24"], "remove_after": "0s",
                                         "target_file": "strict.yml"})
        self.fleet.wake(*strict)
        daemon = self.known(live, settings)
        watch, since = self.watch(daemon), daemon.lines.count()

        self.fleet.silence(*live, *strict)
        for job, count in (("node", 297), ("strict", 30)):
            daemon.wait_line(rf"^<4>.*job '{job}': hold begins: none of {count} targets answers", since=since)
            daemon.wait_scans(10, kind=rf"job '{job}': .*{count} of them silent, hold;", since=since, timeout=60)
        self.assertFalse(daemon.said("is silent|is gone", since))
        self.assertEqual(len(daemon.said("hold begins|hold of|hold is over", since)), 2)
        self.assertIn("node: hold, none of 297 targets answers", daemon.status())
        self.assertIn("strict: hold, none of 30 targets answers", daemon.status())
        targets, holds = daemon.targets()
        self.assertEqual({target for target, known in targets.items() if known["state"] == "held"},
                         endpoints([*live, *strict]))
        self.assertEqual({(hold["job"], hold["silent"], hold["total"]) for hold in holds},
                         {("node", 297, 297), ("strict", 30, 30)})
        stored = daemon.inventory()
        self.assertEqual(stored.silent, endpoints([*live, *strict]))
        self.assertEqual([(hold.prefix, hold.silent) for hold in stored.jobs["node"].holds], [(None, 297)])

        self.fleet.wake(*live, *strict)
        for job in ("node", "strict"):
            daemon.wait_line(rf"job '{job}': hold is over: the loss is within max_loss again", since=since)
        daemon.wait_scans(1, kind="297 targets; ")
        self.assertFalse(daemon.said("is silent|is gone|is new|is back", since))
        self.assertEqual(daemon.targets()[1], [])
        self.assertNotIn("hold", daemon.status())
        self.assertEqual(daemon.inventory().silent, set())
        self.assert_untouched(watch)


@needs_lab()
class DeadSwitch(HoldCase):
    def test_one_prefix(self):
        """A dead switch takes none of its prefix along, while a single dead host elsewhere leaves in time."""
        switch = hosts("10.87.1", 20)
        others = [host for third in (2, 3, 4) for host in hosts(f"10.87.{third}", 50)]
        daemon = self.known([*switch, *others], self.config(["10.87.1-4.1-99"]))
        since, dead = daemon.lines.count(), others[70]

        self.fleet.silence(*switch, dead)
        daemon.wait_line(r"^<4>.*job 'node': hold of 10\.87\.1\.0/24 begins: 20 of 20 targets are silent", since=since)
        # In the scan in which all would have left.
        daemon.wait_line(r"job 'node': 169 targets, 20 of them silent, hold;", since=since, timeout=30)
        self.assertEqual(len(daemon.said("is gone", since)), 1)
        targets, holds = daemon.targets("--state", "held")
        self.assertEqual(targets.keys(), endpoints(switch))
        self.assertEqual([hold["prefix"] for hold in holds], ["10.87.1.0/24"])
        self.assertIn("node: hold of 10.87.1.0/24, 20 of 20 targets are silent", daemon.status())
        self.assertEqual(len(daemon.said("hold.* begins", since)), 1)
        self.assertEqual(daemon.listed(), endpoints([*switch, *others]) - endpoints([dead]))


@needs_lab()
class MostAreGone(HoldCase):
    def test_release(self):
        """Four in five that are silent are held, as all places say; `release` lets them go, and the others stay."""
        daemon, since = self.killed()
        watch = self.watch(daemon)
        daemon.wait_line(r"^<4>.*job 'node': hold begins: 48 of 60 targets are silent; nothing of it is removed "
                         r"meanwhile; if they are really gone, say 'subnet-sd release node'", since=since)
        # In the third they would leave.
        daemon.wait_scans(3, kind="60 targets, 48 of them silent, hold;", since=since)
        self.assertEqual(len(daemon.said("is silent", since)), 48)
        self.assertIn("node: hold, 48 of 60 targets are silent, nothing is removed", daemon.status())
        self.assertEqual(daemon.targets("--state", "held")[0].keys(), endpoints(self.KILLED))
        self.assertEqual(daemon.targets("--state", "up")[0].keys(), endpoints(self.REST))
        self.assertIn("subnet-sd release node", daemon.ask("targets").error)
        self.assertEqual([hold.silent for hold in daemon.inventory().jobs["node"].holds], [48])
        self.assert_untouched(watch)

        released = daemon.lines.count()
        self.assertIn("48 targets removed", daemon.release().output)
        self.assertEqual(daemon.listed(), endpoints(self.REST))
        daemon.wait_line("job 'node': hold is over: released by user 0, so what is silent is gone",
                         since=released)
        self.assertEqual(len(daemon.said(r"is gone: silent for [\d.]+ s and \d+ missed scans", released)), 48)
        # Once: the file in the making has events of its own.
        self.assertEqual([say(event) for event in watch.events.all()].count(f"to {daemon.target_file.name}"), 1)
        self.assertEqual(daemon.inventory().targets, endpoints(self.REST))
        daemon.wait_scans(1, kind="12 targets; ")
        self.assertEqual((daemon.targets()[0].keys(), daemon.targets()[1]), (endpoints(self.REST), []))
        self.assertNotIn("hold", daemon.status())
        self.assertIn("job 'node' has no hold", daemon.release(status=1).error)

    def test_over_a_kill(self):
        """A hold goes on after a kill -9: it is there before the first scan, since when it was, and nothing leaves."""
        daemon, _ = self.killed()
        [before] = daemon.targets()[1]
        daemon.kill()
        [stored] = daemon.inventory().jobs["node"].holds
        self.assertEqual((stored.silent, stored.total), (48, 60))
        daemon.start()
        held, [after] = daemon.targets("--state", "held")
        self.assertFalse(daemon.said("endpoints in"), "the first scan is over already")
        self.assertEqual(held.keys(), endpoints(self.KILLED))
        # Times are kept in milliseconds.
        self.assertEqual(after["since"][:19], before["since"][:19])
        # In the third they would leave.
        daemon.wait_scans(3, kind="60 targets, 48 of them silent, hold;", since=0)
        self.assertFalse(daemon.said("hold begins|hold is over|is gone|is silent"))
        self.assertEqual(daemon.listed(), endpoints(self.LIVE))

    def test_hold_limit(self):
        """A hold gives way by itself when hold_limit is over: what is still silent leaves, each with its line."""
        daemon, since = self.killed(hold_limit="3s")
        self.assertEqual(daemon.listed(), endpoints(self.LIVE))
        daemon.wait_listed(endpoints(self.REST), timeout=30)
        daemon.wait_line(r"job 'node': hold is over: hold_limit is reached, so what is silent",
                         since=since)
        self.assertEqual(len(daemon.said("is gone: silent for", since)), 48)
        daemon.wait_scans(1, kind="12 targets; ")
        self.assertEqual(len(daemon.said("hold begins", since)), 1)
        self.assertEqual(daemon.listed(), endpoints(self.REST))


@needs_lab()
class Forgotten(HoldCase):
    def test_forget(self):
        """`forget` drops a silent target, held or not, for good; it refuses what answers or is no target."""
        daemon, since = self.killed()
        held, up = self.KILLED[0], self.REST[0]
        done = daemon.forget(f"{held}:9100")
        self.assertIn(f"{held}:9100 of job 'node' is forgotten", done.output)
        daemon.wait_line(rf"job 'node': {held}:9100 is gone: forgotten by user 0", since=since)
        self.assertEqual(daemon.listed(), endpoints(self.LIVE) - endpoints([held]))
        self.assertEqual(daemon.inventory().targets, endpoints(self.LIVE) - endpoints([held]))

        done = daemon.forget(f"{up}:9100", f"{self.KILLED[1]}:9100", "10.87.9.9:9100", status=1)
        self.assertIn(f"{up}:9100 answers, and would be found again", done.error)
        self.assertIn("10.87.9.9:9100 is no target", done.error)
        self.assertIn(f"{self.KILLED[1]}:9100 of job 'node' is forgotten", done.output)
        left = endpoints(self.LIVE) - endpoints(self.KILLED[:2])
        self.assertEqual(daemon.listed(), left)
        daemon.wait_scans(2, kind="58 targets, 46 of them silent, hold;", since=since)
        self.assertEqual(daemon.listed(), left)

        daemon.configure(self.config(max_loss="100%", remove_after="1h"))
        daemon.reload()
        daemon.wait_line("hold is over: ", since=since)
        daemon.forget(f"{self.KILLED[2]}:9100")
        self.assertEqual(daemon.listed(), left - endpoints(self.KILLED[2:3]))
