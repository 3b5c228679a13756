"""One scan without a daemon: what it finds, and in which form it says so."""

import fcntl
import json
import os
import signal
import struct
import termios
import threading
import time
import unittest
from pathlib import Path

from Lab import target_file
from Lab.events import ask_until
from Lab.imitation import NodeExporter, metrics
from Lab.oddities import EXPOSITION, speaks_http
from Lab.servers import Server, always, reply
from Process.cases import LoopbackCase


class Scan(LoopbackCase):
    def test_finds(self):
        """A scan lists the exporters and nothing else."""
        self.exporters(3, 7, 200)
        web = Server(always(reply("200 OK", b"<title>It works</title>")), "127.83.0.9", self.port)
        self.addCleanup(web.end)
        groups = target_file.parse_yaml(self.scan("--format", "yaml").output)
        self.assertEqual(target_file.listed(groups), self.endpoints(3, 7, 200))
        self.assertEqual(web.accepted, 1)

    def test_polite(self):
        """An exporter gets one request from a scan, with a User-Agent that says who asks."""
        server, = self.exporters(3)
        self.scan()
        self.assertEqual(server.accepted, 1)
        self.assertRegex(server.received[0].decode(), r"(?m)^User-Agent: subnet-sd/\d")

    def test_pipe(self):
        """In a pipe the output is a target file in YAML."""
        self.exporters(3)
        groups = target_file.parse_yaml(self.scan().output)
        self.assertEqual(target_file.listed(groups), self.endpoints(3))

    def test_json(self):
        """--format json is what Prometheus reads as JSON."""
        self.exporters(3)
        groups = json.loads(self.scan("--format", "json").output)
        self.assertEqual([group["targets"] for group in groups], [sorted(self.endpoints(3))])

    def test_table(self):
        """--format table shows each exporter in a line, with aligned columns and no colours in a pipe."""
        self.exporters(3, 200)
        output = self.scan("--format", "table").output
        self.assertNotIn("\x1b", output)
        rows = [line for line in output.splitlines() if f":{self.port}" in line or "127.83" in line]
        self.assertEqual(len(rows), 2, output)
        self.assertIn("host-127-83-0-200", rows[1])
        self.assertEqual(rows[0].index("node_exporter"), rows[1].index("node_exporter"))

    @unittest.skipIf(os.geteuid(), "only root may give links away")
    def test_link_of_another(self):
        """In a directory like /tmp the link of another user leads root to no file of that user's choice."""
        self.exporters(3)
        shared, outside = self.folder / "shared", self.folder / "outside"
        for folder in (shared, outside):
            folder.mkdir()
        shared.chmod(0o1777)
        link = shared / "sd.yml"
        for target in (outside / "old.yml", outside / "new.yml"):
            with self.subTest(target.name):
                (outside / "old.yml").write_text("[]\n")
                link.unlink(missing_ok=True)
                link.symlink_to(target)
                os.lchown(link, 12345, 12345)
                done = self.scan("--output", str(link), status=1)
                self.assertIn(f"'{link}' leads through a symbolic link of user 12345", done.error)
                self.assertEqual([file.name for file in outside.iterdir()], ["old.yml"])
                self.assertEqual((outside / "old.yml").read_text(), "[]\n")
        os.lchown(link, 0, 0)
        self.scan("--output", str(link))
        self.assertEqual(target_file.listed(target_file.read(outside / "new.yml")), self.endpoints(3))

    def test_link_to_another_kind_of_file(self):
        """A link that ends at a name that Prometheus does not read leads to no file that is replaced."""
        self.exporters(3)
        cron = self.folder / "crontab"
        cron.write_text("")
        (self.folder / "sd.yml").symlink_to(cron)
        done = self.scan("--output", str(self.folder / "sd.yml"), status=1)
        self.assertIn(f"'{self.folder / 'sd.yml'}' is a link to '{cron}', which does not end in .yml", done.error)
        self.assertEqual(cron.read_text(), "")

    def test_nothing_found(self):
        """A scan that finds nothing is no failure; its target file has no targets."""
        self.exporters(3)
        done = self.run_subnet_sd("scan", "127.84.0.0/28", "--port", str(self.port))
        self.assertEqual(target_file.parse_yaml(done.output), [])

    def test_output(self):
        """--output writes a target file in the notation of its name, and leaves stdout empty."""
        self.exporters(3)
        for name in ("targets.yml", "targets.json"):
            with self.subTest(name):
                path = self.folder / name
                done = self.scan("--output", str(path))
                self.assertEqual(done.output, "")
                self.assertEqual(target_file.listed(target_file.read(path)), self.endpoints(3))

    def test_output_downgraded(self):
        """What the --output file lists with https, and speaks plain HTTP now, is not listed so; it is told why."""
        plain = Server(speaks_http(always(reply("200 OK", metrics("x"), EXPOSITION))), "127.83.0.9")
        self.addCleanup(plain.end)
        self.port = plain.port
        honest = NodeExporter("127.83.0.3", plain.port)
        self.addCleanup(honest.end)
        path = self.folder / "sd.json"
        path.write_text(json.dumps([{"targets": [plain.endpoint], "labels": {"__scheme__": "https"}}]))
        done = self.scan("--output", str(path))
        self.assertEqual(target_file.listed(target_file.read(path)), self.endpoints(3))
        self.assertIn(f"{plain.endpoint} speaks plain HTTP, and spoke TLS before; ", done.error)

    def test_output_keeps_a_target(self):
        """A target of the --output file that drops one connection stays in it: it gets the tries of a target."""
        [server] = self.exporters(9)
        answer, drops = server.answer, []
        server.answer = lambda connection, server: drops.pop() if drops else answer(connection, server)
        path = self.folder / "sd.yml"
        self.scan("--output", str(path))
        self.assertEqual(target_file.listed(target_file.read(path)), self.endpoints(9))
        drops.append(True)
        self.scan("--output", str(path))
        self.assertEqual(target_file.listed(target_file.read(path)), self.endpoints(9))
        self.assertEqual(drops, [])

    def test_output_fails(self):
        """A file that cannot be written exits with 1 and says why."""
        self.exporters(3)
        done = self.scan("--output", str(self.folder / "none" / "targets.yml"), status=1)
        self.assertIn(f"create the directory '{self.folder}/none'", done.error)

    def test_dry_run(self):
        """--dry-run contacts nobody and says what would be."""
        server, = self.exporters(3)
        done = self.scan("--dry-run")
        self.assertEqual(server.accepted, 0)
        self.assertIn("254", done.output + done.error)

    def test_of_a_configuration(self):
        """With --config it scans the jobs of the file; exclude and labels hold."""
        self.exporters(3, 7)
        config = self.folder / "config.yml"
        job = {"job_name": "node", "ranges": [self.RANGE], "ports": [self.port], "exclude": ["127.83.0.7"],
               "labels": {"env": "test"}}
        config.write_text(json.dumps({"scan_configs": [job]}))
        groups = target_file.parse_yaml(self.run_subnet_sd("scan", "--config", str(config)).output)
        self.assertEqual(target_file.listed(groups), self.endpoints(3))
        self.assertEqual(groups[0].labels["env"], "test")

    def test_global_part(self):
        """With a RANGE a file with no more than `global` will do, and what it excludes is never contacted."""
        kept, excluded = self.exporters(3, 4)
        path = self.folder / "global.yml"
        path.write_text("global:\n  exclude: [127.83.0.4]\n")
        done = self.scan("--config", str(path))
        self.assertEqual(target_file.listed(target_file.parse_yaml(done.output)), self.endpoints(3))
        self.assertEqual((kept.accepted, excluded.accepted), (1, 0))

    def test_job(self):
        """--job picks one job of several; a name that is none is answered with those there are."""
        self.exporters(3, 7)
        config = self.folder / "config.yml"
        jobs = [{"job_name": name, "ranges": [f"127.83.0.{octet}"], "ports": [self.port],
                 "target_file": f"{name}.yml"} for name, octet in (("first", 3), ("second", 7))]
        config.write_text(json.dumps({"scan_configs": jobs}))
        done = self.run_subnet_sd("scan", "--config", str(config), "--job", "second")
        self.assertEqual(target_file.listed(target_file.parse_yaml(done.output)), self.endpoints(7))
        done = self.run_subnet_sd("scan", "--config", str(config), "--job", "thrid", status=64)
        self.assertIn("first", done.error)

    def test_group_labels(self):
        """Each group says its job, prefix and exporter; targets are in address order."""
        self.exporters(200, 3, 7)
        group, = target_file.parse_yaml(self.scan().output)
        self.assertEqual(group.targets, [f"127.83.0.{octet}:{self.port}" for octet in (3, 7, 200)])
        self.assertEqual(group.labels["__meta_subnet_sd_prefix"], "127.83.0.0/24")
        self.assertEqual(group.labels["__meta_subnet_sd_exporter"], "node_exporter")
        self.assertIn("__meta_subnet_sd_job", group.labels)

    def test_hostile_nodename(self):
        """A nodename with terminal escapes or line breaks never reaches the terminal or the file as such."""
        server, = self.exporters(3)
        server.nodename = "a\x1b[31mb\\n\x07c"
        for form in ("table", "yaml", "json"):
            with self.subTest(form):
                output = self.scan("--format", form).output
                self.assertNotIn("\x1b", output)
                self.assertNotIn("\x07", output)


class SeveralExporters(LoopbackCase):
    """Servers of several kinds on one port: which of them are listed depends on what is asked for."""

    REDIS = b"# TYPE redis_up gauge\nredis_up 1\nredis_exporter_build_info{version=\"v1.62.0\"} 1\n"
    MINE = b"mine_info 1\nprocess_start_time_seconds 1.7e9\n"

    def setUp(self):
        super().setUp()
        self.exporters(3)
        self.servers = {}
        for octet, page in ((4, self.REDIS), (5, self.MINE), (6, b"<html>It works</html>")):
            kind = "text/html" if page.startswith(b"<") else "text/plain; version=0.0.4"
            server = Server(always(reply("200 OK", page, kind)), f"127.83.0.{octet}", self.port)
            self.addCleanup(server.end)
            self.servers[octet] = server

    def found(self, *arguments):
        """Exporters by the last octets of their addresses."""
        groups = target_file.parse_yaml(self.scan(*arguments).output)
        return {int(target.split(":")[0].split(".")[3]): group.labels["__meta_subnet_sd_exporter"]
                for group in groups for target in group.targets}

    def test_several(self):
        """Each --exporter is looked for, whatever the order; without one it is node_exporter."""
        self.assertEqual(self.found(), {3: "node_exporter"})
        both = {3: "node_exporter", 4: "redis_exporter"}
        self.assertEqual(self.found("--exporter", "node_exporter", "--exporter", "redis_exporter"), both)
        self.assertEqual(self.found("--exporter", "redis_exporter", "--exporter", "node_exporter"), both)
        self.assertEqual(self.found("--exporter", "redis_exporter"), {4: "redis_exporter"})

    def test_any(self):
        """`any` lists whatever answers with an exposition, by its name where it is known."""
        everything = {3: "node_exporter", 4: "redis_exporter", 5: "unknown"}
        self.assertEqual(self.found("--exporter", "any"), everything)
        self.assertEqual(self.found("--exporter", "node_exporter", "--exporter", "any"), everything)

    def test_why_not(self):
        """The table says of each that is not listed what it is."""
        output = self.scan("--format", "table").output
        self.assertRegex(output, rf"127\.83\.0\.4:{self.port} +is redis_exporter v?1.62.0, which the job does not")
        self.assertRegex(output, rf"127\.83\.0\.5:{self.port} +answers with an exposition of something unknown")
        self.assertRegex(output, rf"127\.83\.0\.6:{self.port} +answers with 'text/html', not with an exposition")

    def test_one_request(self):
        """Several exporters that are asked at one path get one request."""
        self.scan("--exporter", "redis_exporter", "--exporter", "mysqld_exporter", "--exporter", "any")
        self.assertEqual(len(self.servers[5].received), 1)


class Interrupted(LoopbackCase):
    LONG = "127.90.0.0/16"  # a minute at the default rate; every address refuses

    def test_cancelled(self):
        """Ctrl-C or SIGTERM in the middle of a scan ends it at once, by that signal; it says how far it came."""
        self.exporters(3)
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                child = self.start("scan", self.LONG, "127.83.0.3", "--port", str(self.port))
                self.wait_begun(child)
                begin = time.monotonic()
                child.signal(number)
                self.assertEqual(child.wait(2), -number)
                self.assertLess(time.monotonic() - begin, 1)
                self.assertEqual(len(child.lines.all()), 1)
                self.assertRegex(child.lines.all()[0], r"cancelled after \d+ of 65535 endpoints")

    def test_output_of_a_cancelled_scan(self):
        """A cancelled scan leaves the --output file as it was."""
        self.exporters(3)
        path = self.folder / "targets.yml"
        path.write_text("[]\n")
        child = self.start("scan", self.LONG, "--port", str(self.port), "--output", str(path))
        self.wait_begun(child)
        child.signal(signal.SIGINT)
        child.wait(2)
        self.assertEqual(path.read_text(), "[]\n")

    def wait_begun(self, child):
        """A scan has begun when the program has a socket in flight: its event loop has a thread."""
        ask_until(lambda: len(list(self.threads(child))) >= 2, "a scan begins")
        child.ended.wait(0.3)

    @staticmethod
    def threads(child):
        return Path(f"/proc/{child.pid}/task").iterdir()

    def test_reader_gone(self):
        """A reader that goes away, as `head` does, is no crash and no noise."""
        self.exporters(*range(1, 120))
        line = f"\"$1\" scan {self.RANGE} --port {self.port} | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}"
        done = self.shell(line)
        self.assertIn(int(done.stdout), (0, 1, 141), done.stderr)
        self.assertNotIn("Fatal", done.stderr)
        done = self.shell(f"\"$1\" scan {self.RANGE} --port {self.port} | true; echo ${{PIPESTATUS[0]}}")
        self.assertIn(int(done.stdout), (0, 1, 141), done.stderr)

    def test_signal_while_the_reader_sleeps(self):
        """Ctrl-C ends it also when the scan is over and nobody reads what it writes."""
        self.exporters(*range(1, 200))
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        # Smaller than the result, so that writing it blocks.
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
        child = self.start("scan", self.RANGE, "--port", str(self.port), stdout=write)
        os.close(write)
        while struct.unpack("i", fcntl.ioctl(read, termios.FIONREAD, b"0000"))[0] < 4096:
            self.assertTrue(child.alive)
            threading.Event().wait(0.02)
        child.signal(signal.SIGINT)
        self.assertEqual(child.wait(5), -signal.SIGINT)

    def test_full_output(self):
        """A full disk behind stdout exits with 1."""
        self.exporters(3)
        done = self.shell(f"\"$1\" scan {self.RANGE} --port {self.port} >/dev/full; echo $?")
        self.assertEqual(done.stdout, "1\n", done.stderr)
        self.assertIn("space", done.stderr)

    def test_closed_output(self):
        """Closed standard streams are no crash."""
        self.exporters(3)
        done = self.shell(f"\"$1\" scan {self.RANGE} --port {self.port} <&- >&- 2>&-; echo $? >'{self.folder}/status'")
        self.assertEqual(done.returncode, 0)
        self.assertIn((self.folder / "status").read_text(), ("0\n", "1\n"))


class Options(LoopbackCase):
    def test_no_descriptors(self):
        """With almost no file descriptors it scans slowly or says so; it does not lie."""
        self.exporters(3, 7)
        done = self.shell(f"ulimit -n 24; \"$1\" scan {self.RANGE} --port {self.port}")
        self.assertIn(done.returncode, (0, 1), done.stderr)
        if done.returncode == 0:
            self.assertEqual(target_file.listed(target_file.parse_yaml(done.stdout)), self.endpoints(3, 7))
