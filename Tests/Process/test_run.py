"""The daemon in the foreground, on loopback, without a service manager's help."""

import os
import random
import signal
import time

from Lab import target_file
from Lab.children import Child
from Lab.notify import NotifySocket
from Lab.web import Web
from Process.cases import LoopbackCase


class Run(LoopbackCase):
    def test_publishes(self):
        """It finds the exporters and publishes them, in a file that everyone may read."""
        self.exporters(3, 7)
        daemon = self.daemon(self.config()).start()
        daemon.wait_listed(self.endpoints(3, 7))
        self.assertEqual(daemon.target_file.stat().st_mode & 0o777, 0o644)

    def test_ends(self):
        """SIGTERM and SIGINT end it with 0, within two seconds, also in the middle of a scan."""
        self.exporters(3)
        daemon = self.daemon(self.config())
        for number in (signal.SIGTERM, signal.SIGINT):
            for ranges in ([self.RANGE], ["127.90.0.0/16"]):
                with self.subTest(signal=number, ranges=ranges):
                    daemon.configure(self.config(ranges))
                    daemon.start()
                    begin = time.monotonic()
                    daemon.child.signal(number)
                    self.assertEqual(daemon.child.wait(5), 0)
                    self.assertLess(time.monotonic() - begin, 2)
                    self.assertTrue(daemon.notify.said("STOPPING"))

    def test_ends_at_any_moment(self):
        """SIGTERM is never lost, however early it comes: before READY=1 it ends the process, from then on with 0."""
        self.exporters(3)
        daemon = self.daemon(self.config())
        seeded = random.Random(15)
        for moment in range(60):
            with self.subTest(moment=moment):
                daemon.start(ready=moment % 2 == 0)
                if moment % 2:
                    daemon.child.ended.wait(seeded.uniform(0, 0.1))
                ready = daemon.notify.said("READY")
                daemon.child.signal(signal.SIGTERM)
                self.assertIn(daemon.child.wait(2), (0,) if ready else (0, -signal.SIGTERM))

    def test_one_for_a_state_directory(self):
        """A second daemon on one state directory ends with 1 and says why; the first goes on."""
        self.exporters(3)
        daemon = self.daemon(self.config()).start()
        second = self.run_subnet_sd(*daemon.command()[1:], status=1)
        self.assertIn("another subnet-sd runs with the state directory", second.error)
        self.assertTrue(daemon.child.alive)

    def test_excluded_over_a_restart(self):
        """What a changed configuration leaves out at a restart leaves the file with a reason, as at a reload."""
        self.exporters(3, 4)
        daemon = self.daemon(self.config()).start()
        daemon.wait_listed(self.endpoints(3, 4))
        daemon.stop()
        daemon.configure({**self.config(), "global": {"scan_interval": "1s", "exclude": ["127.83.0.4"]}})
        daemon.start()
        daemon.wait_line(r"127\.83\.0\.4:\d+ is gone: not in the job's ranges any more")
        daemon.wait_listed(self.endpoints(3))

    def test_list_too_large(self):
        """A list of more bytes than are read again is not written: the old file stays, which is told until it is mended."""
        targets = range(1, 75)
        self.exporters(*targets)
        config = self.config(scan_interval="2s")
        config["web"]["listen_address"] = f"unix:{self.folder / 'http.sock'}"
        config["scan_configs"][0] |= {"group_by": 32, "labels": {"env": "lab"}}
        daemon = self.daemon(config).start()
        daemon.wait_listed(self.endpoints(*targets))
        before = daemon.target_file.read_bytes()
        fault = "has more than the 67108864 bytes that are read again, so it is not replaced"
        # Below 1 MiB in the configuration, above 64 MiB in the file, where each target has them all.
        labels = {f"label_{number}": "x" * 1000 for number in range(950)}
        daemon.configure({**config, "scan_configs": [{**config["scan_configs"][0], "labels": labels}]})
        daemon.reload()
        daemon.wait_line(fault)
        daemon.wait_scans(1, timeout=120)
        self.assertEqual(len(daemon.said(fault)), 1)
        self.assertIn(fault, daemon.status())
        metrics = Web(self.folder / "http.sock").metrics()
        self.assertEqual(metrics("subnet_sd_target_file_fault", job="node"), 1)
        self.assertEqual(daemon.target_file.read_bytes(), before)
        self.assertEqual([file.name for file in daemon.target_file.parent.iterdir()], [daemon.target_file.name])
        daemon.configure(config)
        daemon.reload()
        daemon.wait_line("can be written again", timeout=120)
        self.assertEqual(daemon.target_file.read_bytes(), before)

    def test_without_a_manager(self):
        """Without $NOTIFY_SOCKET it runs just so."""
        self.exporters(3)
        daemon = self.daemon(self.config())
        child = self.start(*daemon.command()[1:], env={"PATH": os.environ["PATH"]})
        child.lines.wait(lambda line: "127.83.0.3" in line, 20, what="the target in the log")
        child.signal(signal.SIGTERM)
        self.assertEqual(child.wait(5), 0)

    def test_state_directory(self):
        """$STATE_DIRECTORY is where the state lies if the command line does not say."""
        self.exporters(3)
        daemon = self.daemon(self.config())
        state = self.folder / "elsewhere"
        state.mkdir()
        child = self.start("run", "--config", str(daemon.config), env={
            "PATH": os.environ["PATH"], "STATE_DIRECTORY": str(state), "RUNTIME_DIRECTORY": str(daemon.runtime)})
        child.lines.wait(lambda line: "127.83.0.3" in line, 20, what="the target in the log")
        child.signal(signal.SIGTERM)
        child.wait(5)
        groups = target_file.read(state / "file_sd" / "service_discovery.yml")
        self.assertEqual(target_file.listed(groups), self.endpoints(3))

    def test_reload(self):
        """SIGHUP takes the new configuration; a bad one is refused as a whole and the old one goes on."""
        self.exporters(3, 7)
        daemon = self.daemon(self.config(["127.83.0.3"])).start()
        daemon.wait_listed(self.endpoints(3))
        daemon.configure(self.config(["127.83.0.0-127.83.0.9"]))
        daemon.reload()
        daemon.wait_listed(self.endpoints(3, 7))
        daemon.configure("scan_configs: 3\n")
        since = daemon.lines.count()
        daemon.reload()
        daemon.wait_line(r"config\.yml:1:", since=since)
        daemon.wait_scans(2)
        self.assertEqual(daemon.listed(), self.endpoints(3, 7))
        self.assertTrue(daemon.child.alive)

    def test_broken_config(self):
        """A broken configuration exits with 78 and says where; it is never READY."""
        self.port = 9100
        daemon = self.daemon("global:\n  scan_intervall: 1m\n").start(ready=False)
        self.assertEqual(daemon.child.wait(10), 78)
        self.assertTrue(daemon.said(r"config\.yml:2:3"), daemon.lines.all())
        self.assertFalse(daemon.notify.said("READY"))

    def test_missing_config(self):
        """A missing configuration exits with 78."""
        self.port = 9100
        daemon = self.daemon("")
        daemon.config.unlink()
        daemon.start(ready=False)
        self.assertEqual(daemon.child.wait(10), 78)
        self.assertTrue(daemon.said("no such file"))

    def test_state_that_is_no_directory(self):
        """A state directory that cannot be one is named with what to do; once it is one, the file is published."""
        self.exporters(3)
        daemon = self.daemon(self.config())
        daemon.state.rmdir()
        daemon.state.write_text("a file\n")
        daemon.start()
        daemon.wait_line(rf"<3>.*'{daemon.target_file.parent}' is not a directory")
        daemon.state.unlink()
        daemon.target_file.parent.mkdir(parents=True)
        daemon.wait_listed(self.endpoints(3))

    def test_restart(self):
        """A restart keeps every target, also those that are silent then."""
        servers = self.exporters(3, 7)
        daemon = self.daemon(self.config()).start()
        daemon.wait_listed(self.endpoints(3, 7))
        daemon.stop()
        servers[1].end()
        daemon.start()
        daemon.wait_scans(2, since=0)
        self.assertEqual(daemon.listed(), self.endpoints(3, 7))

    def test_silent_target_leaves(self):
        """With remove_after 0s a target that is gone leaves at the first scan that misses it, and that is logged."""
        servers = self.exporters(3, 7)
        daemon = self.daemon(self.config(remove_after="0s")).start()
        daemon.wait_listed(self.endpoints(3, 7))
        since = daemon.lines.count()
        servers[1].end()
        daemon.wait_listed(self.endpoints(3))
        daemon.wait_line(rf"127\.83\.0\.7:{self.port}", since=since)

    def test_dead_stderr(self):
        """A log reader that goes away does not take the daemon along."""
        self.exporters(3)
        daemon = self.daemon(self.config())
        notify = NotifySocket(self.folder / "notify")
        self.addCleanup(notify.end)
        command = " ".join(f"'{word}'" for word in daemon.command())
        # Its stderr is a pipe whose reader ends at once.
        child = Child(["bash", "-c", f"exec {command} 2> >(exec true)"], name="subnet-sd", env={
            "PATH": os.environ["PATH"], "NOTIFY_SOCKET": notify.path})
        self.addCleanup(child.stop)
        notify.wait("READY", "1")
        daemon.wait_listed(self.endpoints(3))
        self.assertTrue(child.alive)
