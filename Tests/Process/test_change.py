"""Changes of the configuration, while the daemon runs and while it is stopped: no target is away for a moment."""

from Lab import target_file
from Lab.watch import Watch, say
from Process.cases import LoopbackCase


WAYS = ("reload", "restart")


class Change(LoopbackCase):
    """Each change is made both ways."""

    def setUp(self):
        super().setUp()
        self.exporters(3, 7)
        self.all = self.endpoints(3, 7)

    def job(self, name="node", target_file="service_discovery.yml", ranges=None):
        return {"job_name": name, "ranges": ranges or [self.RANGE], "ports": [self.port], "target_file": target_file}

    @staticmethod
    def jobs(*jobs):
        return {"global": {"scan_interval": "1s"}, "scan_configs": list(jobs)}

    def known(self, way, *jobs, **options):
        """A daemon that knows all."""
        daemon = self.daemon(self.jobs(*jobs), folder=way, **options).start()
        for job in jobs:
            daemon.wait_scans(1, since=0, kind=f"job '{job['job_name']}': .* endpoints in")
        return daemon

    def change(self, way, daemon, *jobs):
        """Let other jobs be in force; returns where the lines on that begin."""
        since = daemon.lines.count()
        if way == "reload":
            daemon.configure(self.jobs(*jobs))
            daemon.reload()
            daemon.wait_line("configuration reloaded", since=since)
            return since
        daemon.stop()
        daemon.configure(self.jobs(*jobs))
        daemon.start()
        return 0

    def watch(self, daemon, *names):
        """Which of all were missing from these files together, at any event in their directory."""
        files = [daemon.target_file.parent / name for name in names]
        faults = []

        def seen(mask, name):
            listed = set()
            for file in files:
                if file.exists():
                    listed |= target_file.listed(target_file.read(file))
            if not self.all <= listed:
                faults.append(f"{say((mask, name))}: {sorted(self.all - listed)} missing")

        self.addCleanup(Watch(daemon.target_file.parent, seen).end)
        return faults

    @staticmethod
    def read(daemon, name):
        return target_file.listed(target_file.read(daemon.target_file.parent / name))

    def test_renamed(self):
        """A job that gets another name keeps its targets: none leaves the file, none is new."""
        for way in WAYS:
            with self.subTest(way):
                daemon = self.known(way, self.job())
                faults = self.watch(daemon, daemon.target_file.name)
                since = self.change(way, daemon, self.job("hosts"))
                for target in self.all:
                    daemon.wait_line(rf"job 'node': {target} moves to job 'hosts'", since=since)
                daemon.wait_scans(1, since=since, kind="job 'hosts': 2 targets; ")
                self.assertFalse(daemon.said("is new", since))
                self.assertEqual(faults, [])
                self.assertEqual(daemon.listed(), self.all)
                self.assertEqual({group.labels["__meta_subnet_sd_job"] for group in daemon.groups()}, {"hosts"})

    def test_moved(self):
        """A job with another target file publishes all of its targets there before the old file lists nothing."""
        for way in WAYS:
            with self.subTest(way):
                daemon = self.known(way, self.job())
                faults = self.watch(daemon, daemon.target_file.name, "other.yml")
                since = self.change(way, daemon, self.job(target_file="other.yml"))
                daemon.wait_listed(set())
                daemon.wait_scans(1, since=since, kind="job 'node': 2 targets; ")
                self.assertFalse(daemon.said("is new|is gone", since))
                self.assertEqual(faults, [])
                self.assertEqual((self.read(daemon, "other.yml"), daemon.listed()), (self.all, set()))

    def test_split(self):
        """A range that goes to another job takes its targets along; at any moment one of the two files lists each."""
        for way in WAYS:
            with self.subTest(way):
                daemon = self.known(way, self.job())
                faults = self.watch(daemon, daemon.target_file.name, "other.yml")
                since = self.change(way, daemon, self.job(ranges=["127.83.0.3"]),
                                    self.job("other", "other.yml", ranges=["127.83.0.4-127.83.0.9"]))
                daemon.wait_line(r"job 'node': .* moves to job 'other'", since=since)
                daemon.wait_listed(self.endpoints(3))
                daemon.wait_scans(1, since=since, kind="job 'other': 1 target; ")
                self.assertFalse(daemon.said("is new", since))
                self.assertEqual(faults, [])
                self.assertEqual(self.read(daemon, "other.yml"), self.endpoints(7))

    def test_removed(self):
        """The file of a job that is removed lists nothing any more, and says so; the other job's is as it was."""
        first, second = (self.job(f"node{octet}", f"{octet}.yml", [f"127.83.0.{octet}"]) for octet in (3, 7))
        for way in WAYS:
            with self.subTest(way):
                daemon = self.known(way, first, second, target_file="7.yml")
                self.assertEqual(daemon.listed(), self.endpoints(7))
                since = self.change(way, daemon, first)
                daemon.wait_line(r"job 'node7': 127\.83\.0\.7:\d+ is gone: not in the job's ranges any more",
                                 since=since)
                daemon.wait_listed(set())
                text = daemon.target_file.read_text()
                self.assertRegex(text, r"\A#.*\n\[\]\n\Z")
                self.assertEqual(self.read(daemon, "3.yml"), self.endpoints(3))
                # Nor does it come back, or change, with the next start.
                daemon.stop()
                daemon.start().wait_scans(1, since=0)
                self.assertEqual(daemon.target_file.read_text(), text)
