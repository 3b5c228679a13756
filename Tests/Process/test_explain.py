"""`explain`: each step by which an endpoint is judged."""

import json
import re
import signal
import threading

from Lab import target_file
from Lab.oddities import speaks_http
from Lab.servers import Server, always, reply
from Process.cases import LoopbackCase


class Explain(LoopbackCase):
    def explain(self, subject, job=None, **options):
        """The lines without their times, as (step, text); what has no time is the rest."""
        path = self.folder / "config.yml"
        config = {"global": {"exclude": ["127.83.0.66"]}}
        if job is not None:
            config["scan_configs"] = [{"job_name": "node", "ranges": [self.RANGE], "ports": [self.port], **job}]
        path.write_text(json.dumps(config))
        done = self.run_subnet_sd("explain", subject, "--config", str(path), **options)
        lines = done.output.splitlines()
        steps = [re.fullmatch(r" *\d+\.\d ms  (\w+) +(.*)", line) for line in lines]
        self.rest = "".join(f"{line}\n" for line, step in zip(lines[1:], steps[1:]) if not step)
        return lines[0], [step.groups() for step in steps if step]

    def test_target(self):
        """A target: where it was found, what was asked, what it answered, and what stands in the file."""
        server, = self.exporters(3)
        title, steps = self.explain(server.endpoint, {"labels": {"env": "prod"}})
        self.assertEqual(title, server.endpoint)
        self.assertEqual(steps, [
            ("range", f"'{self.RANGE}' of job 'node'"), ("connect", "accepted"),
            ("request", "GET /metrics?collect%5B%5D=uname"), ("status", "200"),
            ("type", "text/plain; version=0.0.4; charset=utf-8"), ("family", "node_exporter_build_info"),
            ("verdict", f"target: node_exporter 1.5.0 {server.nodename}"),
            ("file", "in service_discovery.yml:")])
        group, = target_file.parse_yaml(self.rest)
        self.assertEqual((group.targets, group.labels["env"]), ([server.endpoint], "prod"))
        self.assertEqual(server.accepted, 1)

    def test_address(self):
        """An address without a port is asked on each port of its job."""
        servers = self.exporters(3)
        other = Server(always(reply("404 Not Found", b"")), "127.83.0.3")
        self.addCleanup(other.end)
        path = self.folder / "config.yml"
        path.write_text(json.dumps({"scan_configs": [
            {"job_name": "node", "ranges": [self.RANGE], "ports": [self.port, other.port]}]}))
        output = self.run_subnet_sd("explain", "127.83.0.3", "--config", str(path)).output
        parts = {part.splitlines()[0]: part for part in output.split("\n\n")}
        self.assertEqual(parts.keys(), {servers[0].endpoint, other.endpoint})
        self.assertIn("verdict   target: node_exporter", parts[servers[0].endpoint])
        self.assertIn("verdict   no target: answers with HTTP status 404", parts[other.endpoint])

    def test_refused(self):
        """A connection that is refused is the verdict, after one try."""
        self.exporters(3)
        _, steps = self.explain(f"127.83.0.4:{self.port}", {})
        self.assertEqual(steps[1:], [("connect", "connection refused"), ("verdict", "no target: connection refused")])

    def test_excluded(self):
        """What is excluded is named with what excludes it, and is not contacted, by a job or outside of all."""
        server, = self.exporters(66)
        for job in ({}, None):
            with self.subTest(job):
                _, steps = self.explain(server.endpoint, job)
                self.assertEqual(steps, [("exclude", "'127.83.0.66' holds it: it is never contacted"),
                                         ("verdict", "no target")])
        self.assertEqual(server.accepted, 0)

    def test_skipped(self):
        """The first and the last address of a prefix are none of a machine."""
        self.exporters(3)
        for address in ("127.83.0.0", "127.83.0.255"):
            _, steps = self.explain(f"{address}:{self.port}", {})
            self.assertIn(self.RANGE, steps[0][1])
            self.assertEqual(steps[-1], ("verdict", "no target"))

    def test_outside(self):
        """An address outside all ranges is asked as `scan` would, and that is said."""
        server, = self.exporters(3)
        _, steps = self.explain(server.endpoint, {"ranges": ["127.84.0.0/24"]})
        self.assertEqual(steps[0], ("range", "no job scans it; asked as by 'subnet-sd scan'"))
        self.assertIn(("verdict", f"target: node_exporter 1.5.0 {server.nodename}"), steps)
        _, steps = self.explain(server.endpoint)
        self.assertIn("no configuration with jobs", steps[0][1])

    def test_other_port(self):
        """A port that the job does not scan is answered with those that it does, and nobody is contacted."""
        server, = self.exporters(3)
        _, steps = self.explain("127.83.0.3:9", {})
        self.assertEqual(steps, [("range", f"job 'node' scans the address, but only on port {self.port}"),
                                 ("verdict", "no target")])
        self.assertEqual(server.accepted, 0)

    def test_what_it_is_not(self):
        """What is no exporter is told with the reason, and with what is hostile in it made harmless."""
        page = Server(always(reply("200 OK", b"x", "text/\x1b[31mhtml")), "127.83.0.9")
        self.addCleanup(page.end)
        self.port = page.port
        _, steps = self.explain(page.endpoint, {})
        self.assertEqual(steps[-1][0], "verdict")
        self.assertTrue(steps[-1][1].startswith("no target: "))
        self.assertNotIn("\x1b", str(steps))

    def test_plain_http(self):
        """Of an exporter over plain HTTP in a job with credentials it says why it is no target, and what to do."""
        plain = Server(speaks_http(always(b"")), "127.83.0.9")
        self.addCleanup(plain.end)
        self.port = plain.port
        (self.folder / "password").write_text("s3cret")
        _, steps = self.explain(plain.endpoint, {"basic_auth": {"username": "a", "password_file": "password"}})
        self.assertEqual(steps[1:], [
            ("connect", "accepted"), ("tls", "handshake"),
            ("verdict", "no target: speaks plain HTTP, and the job has credentials; write 'scheme: http' if that is meant")])
        self.assertNotIn(b"s3cret", b"".join(plain.received))
        _, steps = self.explain(plain.endpoint, {"scheme": "https"})
        self.assertEqual(steps[-1], ("verdict", "no target: speaks plain HTTP, and the job says 'scheme: https'"))

    def test_silent_server(self):
        """A server that accepts and says nothing is no target when probe_timeout is over."""
        silent = Server(lambda connection, server: server.ended.wait(20), "127.83.0.9")
        self.addCleanup(silent.end)
        self.port = silent.port
        _, steps = self.explain(silent.endpoint, {"probe_timeout": "300ms"})
        self.assertEqual(steps[-1], ("verdict", "no target: accepted the connection, but no whole answer came in time"))

    def test_wrong_words(self):
        """What is no address exits with 64 and prints nothing on stdout; a broken configuration with 78."""
        for word in ("web-01", "10.0.0.0/24", "10.0.0.256", "10.0.0.1:99999", "10.0.0.1-9", ""):
            with self.subTest(word):
                done = self.run_subnet_sd("explain", word, status=64)
                self.assertEqual(done.output, "")
                self.assertIn(f"'{word}' is no address", done.error)
        path = self.folder / "broken.yml"
        path.write_text("frob: 1\n")
        done = self.run_subnet_sd("explain", "127.0.0.1", "--config", str(path), status=78)
        self.assertIn("broken.yml:1:1", done.error)

    def test_public(self):
        """An address that a scan would refuse is refused likewise."""
        done = self.run_subnet_sd("explain", "8.8.8.8", status=64)
        self.assertIn("8.8.8.8", done.error)

    def test_cancelled(self):
        """Ctrl-C in the middle ends it by that signal."""
        met = threading.Event()

        def wait(connection, server):
            met.set()
            server.ended.wait(20)

        silent = Server(wait, "127.83.0.9")
        self.addCleanup(silent.end)
        config = self.folder / "config.yml"
        config.write_text(json.dumps({"scan_configs": [
            {"job_name": "node", "ranges": ["127.83.0.9"], "ports": [silent.port], "probe_timeout": "1m"}]}))
        child = self.start("explain", silent.endpoint, "--config", str(config))
        self.assertTrue(met.wait(20))
        child.signal(signal.SIGINT)
        self.assertEqual(child.wait(5), -signal.SIGINT)
