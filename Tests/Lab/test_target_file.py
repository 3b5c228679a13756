"""The target file as a reader sees it, at every moment."""

import random

from Lab import target_file
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import PORT, addresses, endpoints
from Lab.parts import needs_lab
from Lab.watch import MOVED_TO, OVERFLOW, Watch, say

JOBS = 10


@needs_lab()
class TargetFile(FleetCase):
    """Ten jobs at once, so that the scans are many."""

    def setUp(self):
        super().setUp()
        seeded = random.Random(200)
        self.stable = [f"10.82.{job}.{octet}" for job in range(JOBS) for octet in seeded.sample(range(1, 100), 5)]
        self.changing = [f"10.82.{job}.{octet}" for job in range(JOBS) for octet in seeded.sample(range(100, 255), 10)]
        self.random = seeded
        self.fleet.wake(*self.stable)
        general = {"scan_interval": "1s", "rate": 20000, "remove_after": "0s"}
        self.subnet_sd = self.daemon({"global": general, "scan_configs": [
            {"job_name": f"job{job}", "ranges": [f"10.82.{job}.0/24"], "target_file": f"job{job}.yml"}
            for job in range(JOBS)]})
        self.files = {f"job{job}.yml": endpoints(host for host in self.stable if host.startswith(f"10.82.{job}."))
                      for job in range(JOBS)}
        self.directory = self.subnet_sd.target_file.parent

    def listed(self):
        return {name: target_file.listed(target_file.read(self.directory / name)) for name in self.files}

    def test_always_whole(self):
        """Over 200 scans with changes, each reader at each event in the directory finds a whole file."""
        self.subnet_sd.start().settle()
        self.assertEqual(self.listed(), self.files)
        faults = []

        def read(mask, name):
            try:
                for file, stable in self.files.items():
                    missing = stable - target_file.listed(target_file.read(self.directory / file))
                    if missing:
                        faults.append(f"{say((mask, name))}: {file} without {missing}")
            except (OSError, target_file.Broken) as error:
                faults.append(f"{say((mask, name))}: {error}")

        watch = Watch(self.directory, read)
        awake = set()
        since = self.subnet_sd.lines.count()
        for _ in range(200 // JOBS):
            flips = set(self.random.sample(self.changing, 10))
            self.fleet.wake(*(flips - awake))
            self.fleet.silence(*(flips & awake))
            awake ^= flips
            since = self.subnet_sd.wait_scans(JOBS, since=since)
        watch.end()
        self.assertEqual(faults, [])
        events = watch.events.all()
        self.assertFalse(any(mask & OVERFLOW for mask, _ in events))
        replaced = [name for mask, name in events if mask & MOVED_TO]
        self.assertGreater(len(replaced), 50, "the file has hardly changed, so nothing was shown")
        self.assertLessEqual(set(replaced), set(self.files))
        # Nothing but the temporary file is ever written.
        others = {name for mask, name in events if not mask & MOVED_TO}
        self.assertFalse([name for name in others if not (name.startswith(".job") and name.endswith(".tmp"))], others)

    def test_quiet(self):
        """While nothing changes, nothing at all happens in the directory."""
        self.subnet_sd.start().settle()
        watch = Watch(self.directory)
        self.subnet_sd.wait_scans(5 * JOBS)
        watch.end()
        self.assertEqual([say(event) for event in watch.events.all()], [])

    def test_mended(self):
        """What others do to the file is mended at the next scan; a file that was removed comes back."""
        self.subnet_sd.start().settle()
        path = self.directory / "job0.yml"
        text = path.read_text()
        for damage in (path.unlink, lambda: path.write_text(text[:len(text) // 2]),
                       lambda: path.write_text(text.replace(f":{PORT}", ":1"))):
            damage()
            self.subnet_sd.settle()
            self.assertEqual(path.read_text(), text)

    def test_symlink(self):
        """A symbolic link is followed, not replaced."""
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        self.directory.mkdir(parents=True)
        (self.directory / "job0.yml").symlink_to(elsewhere / "real.yml")
        self.subnet_sd.start().settle()
        self.assertTrue((self.directory / "job0.yml").is_symlink())
        self.assertEqual(self.listed(), self.files)


@needs_lab()
class Deterministic(FleetCase):
    def test_same_bytes(self):
        """The same fleet gives the same bytes, in whatever order it was found."""
        live = addresses("10.82.0", 50, random.Random(50))
        self.fleet.wake(*live)
        texts = set()
        for name in ("first", "second"):
            daemon = self.daemon(config(["10.82.0.0/24"], scan_interval="1s"), folder=name)
            daemon.start().wait_listed(endpoints(live))
            texts.add(daemon.target_file.read_bytes())
            daemon.stop()
        self.assertEqual(len(texts), 1)
