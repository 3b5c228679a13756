"""`targets`, `forget` and `release`: what operators ask of a daemon, and what they are told where there is none."""

import os

from Lab import parts
from Lab.cases import Case
from Lab.children import finish
from Process.cases import LoopbackCase

COMMANDS = (["targets"], ["targets", "--format", "json"], ["forget", "10.0.0.1:9100"], ["release", "node"])


class Operator(LoopbackCase):
    def test_targets(self):
        """`targets` shows each target in its state, as a table or as JSON, all or some; a wrong job is named."""
        servers = self.exporters(3, 7)
        daemon = self.daemon(self.config()).start()
        daemon.wait_listed(self.endpoints(3, 7))
        servers[1].end()
        daemon.wait_line(r"is silent")
        daemon.wait_scans(1, since=0, kind="1 of them silent")
        table = daemon.ask("targets").output.splitlines()
        self.assertRegex(table[0], r"^TARGET +JOB +STATE ")
        self.assertRegex(table[1], rf"^127\.83\.0\.3:{self.port} +node +up ")
        self.assertRegex(table[2], rf"^127\.83\.0\.7:{self.port} +node +silent ")
        up, silent = (f"127.83.0.{octet}:{self.port}" for octet in (3, 7))
        targets, holds = daemon.targets()
        self.assertEqual({target: known["state"] for target, known in targets.items()}, {up: "up", silent: "silent"})
        self.assertEqual((targets[up]["nodename"], targets[up]["exporter"]), (servers[0].nodename, "node_exporter"))
        self.assertIn("refused", targets[silent]["reason"].lower())
        self.assertEqual(holds, [])
        for options, wanted in ((["--state", "up"], {up}), (["--state", "silent"], {silent}),
                                (["--state", "held"], set()), (["--job", "node"], {up, silent})):
            with self.subTest(options):
                self.assertEqual(daemon.targets(*options)[0].keys(), wanted)
        for done in (daemon.ask("targets", "--job", "nod", status=1), daemon.release("nod", status=1)):
            self.assertIn("there is no job 'nod'; the daemon has 'node'", done.error)
        self.assertIn("job 'node' has no hold", daemon.release(status=1).error)

    def test_forget(self):
        """A silent target that is forgotten leaves at once; one that answers does not."""
        servers = self.exporters(3, 7)
        daemon = self.daemon(self.config()).start()
        daemon.wait_listed(self.endpoints(3, 7))
        servers[1].end()
        daemon.wait_line("is silent")
        daemon.forget(f"127.83.0.7:{self.port}")
        self.assertEqual(daemon.listed(), self.endpoints(3))
        self.assertIn("answers", daemon.forget(f"127.83.0.3:{self.port}", status=1).error)

    def test_socket(self):
        """The socket is for the daemon's user and group, goes with the daemon, and one left by a kill is replaced."""
        self.exporters(3)
        daemon = self.daemon(self.config()).start()
        socket = daemon.runtime / "control"
        self.assertEqual((daemon.runtime.stat().st_mode & 0o777, socket.stat().st_mode & 0o777), (0o750, 0o660))
        daemon.kill()
        self.assertTrue(socket.exists())
        self.assertIn("not running", daemon.ask("targets", status=1).error)
        daemon.start()
        daemon.ask("targets")
        daemon.stop()
        self.assertFalse(socket.exists())

    def test_environment(self):
        """$RUNTIME_DIRECTORY, as systemd sets it, is where the daemon is asked if the command line does not say."""
        self.exporters(3)
        daemon = self.daemon(self.config()).start()
        daemon.wait_listed(self.endpoints(3))
        done = finish([parts.daemon(), "targets"],
                      env={"PATH": os.environ["PATH"], "RUNTIME_DIRECTORY": f"{daemon.runtime}:/elsewhere"})
        self.assertIn(f"127.83.0.3:{self.port}", done.output)


class NoDaemon(Case):
    def test_not_running(self):
        """Without a daemon each exits with 1, says that it is not running, and prints nothing on stdout."""
        for command in COMMANDS:
            with self.subTest(command):
                done = self.run_subnet_sd(*command, "--runtime-directory", str(self.folder), status=1)
                self.assertRegex(done.error, "the daemon is not running: nobody listens at '.*/control'")
                self.assertEqual(done.output, "")

    def test_long_path(self):
        """A runtime directory whose socket would have too long a name is named as that."""
        done = self.run_subnet_sd("targets", "--runtime-directory", f"{self.folder}/{'long' * 25}", status=1)
        self.assertIn("107 bytes", done.error)
