"""Everything else that may answer on port 9100, each with the verdict on it; none but what proves itself is listed."""

import json
import re

from Lab import prometheus
from Lab.cases import FleetCase
from Lab.certificates import Authority
from Lab.children import Child
from Lab.daemon import config
from Lab.fleet import PORT, endpoints
from Lab.imitation import metrics
from Lab.oddities import EXPOSITION, ODDITIES
from Lab.parts import PATIENCE, needs_lab, program
from Lab.servers import Server, always, reply


class OddCase(FleetCase):
    RANGE = "10.79.0.0/24"
    LIVE = ["10.79.0.200", "10.79.0.201"]

    def setUp(self):
        super().setUp()
        self.fleet.wake(*self.LIVE)

    def place(self, address, answer, port=PORT):
        server = Server(answer, address, port, namespace=self.fleet.place(address))
        self.addCleanup(server.end)
        return server

    def machine(self, address, *options):
        self.addCleanup(self.fleet.machine(address, *options).stop)

    def scan(self, *arguments, form="table"):
        return self.measure_subnet_sd("scan", self.RANGE, "--format", form, *arguments, namespace=self.fleet.near)

    def config(self, **settings):
        return config([self.RANGE], **{"scan_interval": "1s", "probe_timeout": "500ms", **settings})


def refused(daemon):
    """What answers and is no target: verdict and reason by endpoint."""
    known = json.loads(daemon.ask("targets", "--state", "refused", "--format", "json").output)
    return {item["endpoint"]: (item["verdict"], item["reason"]) for item in known["refused"]}


def shown(table):
    """The reasons of a table of `scan`, by endpoint."""
    return dict(re.findall(r"(?m)^(\d[\d.]+:\d+)  +(.+?) *$", table.partition("OPEN, BUT NO TARGET")[2]))


@needs_lab("time")
class OddHosts(OddCase):
    """One address for each of the oddities."""

    def setUp(self):
        super().setUp()
        self.servers, self.expected = {}, {}
        for octet, (name, odd) in enumerate(ODDITIES.items(), 10):
            address = f"10.79.0.{octet}"
            self.servers[name] = self.place(address, odd.answer)
            self.expected[f"{address}:{PORT}"] = odd

    def usual(self, endpoint, reason):
        """The usual reason, where another one is as true."""
        odd = self.expected.get(endpoint)
        return odd.reason if odd and reason in odd.also else reason

    def refused(self, daemon):
        return {endpoint: (verdict, self.usual(endpoint, reason))
                for endpoint, (verdict, reason) in refused(daemon).items()}

    def test_scan(self):
        """`scan` past every odd host lists the real exporters alone, and says of each other what it is."""
        done = self.scan()
        reasons = {endpoint: odd.reason for endpoint, odd in self.expected.items()}
        told = {endpoint: self.usual(endpoint, reason) for endpoint, reason in shown(done.output).items()}
        self.assertEqual(told, reasons)
        self.assertEqual(set(re.findall(r"(?m)^(\S+) +node_exporter ", done.output)), endpoints(self.LIVE))
        # Each was really met, and no redirect was followed, nothing asked twice but over TLS.
        self.assertEqual({name: server.accepted for name, server in self.servers.items()},
                         {name: odd.connections for name, odd in ODDITIES.items()})
        # 0.3 s to connect, 2 s for each of two exchanges, and a slow machine.
        self.assertLess(done.elapsed, 8)
        self.assertLess(done.peak, 80 << 20)

    def test_by_the_daemon(self):
        """The daemon meets them scan after scan, lists none, has a reason for each, and does not grow."""
        daemon = self.daemon(self.config()).start()
        daemon.wait_listed(endpoints(self.LIVE))
        verdicts = {endpoint: (odd.verdict, odd.reason) for endpoint, odd in self.expected.items()}
        daemon.wait_scans(3)
        self.assertEqual(self.refused(daemon), verdicts)
        before = daemon.child.memory()
        daemon.wait_scans(15, timeout=60)
        descriptors = len(list((daemon.proc / "fd").iterdir()))
        self.assertLess(descriptors, 48, "descriptors are left open")
        self.assertEqual(self.refused(daemon), verdicts)
        self.assertEqual(daemon.listed(), endpoints(self.LIVE))
        self.assertLess(daemon.child.memory() - before, 8 << 20)
        self.assertLess(daemon.child.memory("VmHWM"), 80 << 20)
        # What speaks no HTTP was not asked again, all else at each scan.
        for name, odd in ODDITIES.items():
            if name == "one that resets at once":
                continue  # as often as the reset is there before the connection is seen to be open
            if odd.verdict == "mute":
                # What hangs up is no raw printer, and may be just starting: one time is let pass.
                hangs_up = re.search("closed it|reset it", odd.reason)
                self.assertEqual(self.servers[name].accepted, 2 if hangs_up else 1, name)
            else:
                self.assertGreater(self.servers[name].accepted, 15, name)

    def test_explained(self):
        """`explain` has the same verdict as its last word on each."""
        for name, odd in ODDITIES.items():
            with self.subTest(name):
                done = self.run_subnet_sd("explain", self.servers[name].endpoint, namespace=self.fleet.near)
                reasons = "|".join(map(re.escape, (odd.reason, *odd.also)))
                self.assertRegex(done.output.splitlines()[-1], rf"^ *[\d.]+ ms  verdict   no target: ({reasons})$")


@needs_lab()
class WhatProvesItself(OddCase):
    def test_any(self):
        """An exposition of something unknown is a target only where the job looks for `any`."""
        unknown = ODDITIES["an exposition of something unknown"]
        self.place("10.79.0.10", unknown.answer)
        daemon = self.daemon(self.config()).start()
        daemon.wait_scans(1, since=0)
        self.assertEqual(refused(daemon), {"10.79.0.10:9100": (unknown.verdict, unknown.reason)})
        daemon.configure(self.config(job_exporters=["any"], job_ports=[PORT]))
        daemon.reload()
        daemon.wait_listed(endpoints([*self.LIVE, "10.79.0.10"]))
        exporters = {target: group.labels["__meta_subnet_sd_exporter"] for group in daemon.groups()
                     for target in group.targets}
        self.assertEqual(exporters["10.79.0.10:9100"], "unknown")
        self.assertEqual(exporters[f"{self.LIVE[0]}:9100"], "node_exporter")

    @needs_lab("prometheus-postgres-exporter")
    def test_postgres(self):
        """A postgres_exporter on port 9100 is a target only where the job names it."""
        address = "10.79.0.11"
        child = Child([program("prometheus-postgres-exporter"), f"--web.listen-address={address}:9100"],
                      env={"DATA_SOURCE_NAME": "postgresql://u:p@127.0.0.1:1/p?sslmode=disable"},
                      namespace=self.fleet.place(address))
        self.addCleanup(child.stop)
        child.lines.wait(lambda line: "Listening on" in line, PATIENCE, what="listening")
        # It waits a second for its database.
        daemon = self.daemon(self.config(probe_timeout="5s")).start()
        daemon.wait_scans(1, since=0)
        [(verdict, reason)] = refused(daemon).values()
        self.assertEqual(verdict, "other_exporter")
        self.assertRegex(reason, r"^is postgres_exporter 0\.\d+\S*, which the job does not look for$")
        daemon.configure(self.config(
            probe_timeout="5s", job_exporters=["node_exporter", "postgres_exporter"], job_ports=[PORT]))
        daemon.reload()
        daemon.wait_listed(endpoints([*self.LIVE, address]))

    def test_edges(self):
        """The network and broadcast address of a written prefix are never contacted, whoever answers there."""
        edges = [self.place(f"10.79.0.{octet}", ODDITIES["a redirect loop"].answer) for octet in (0, 255)]
        self.assertEqual(shown(self.scan().output), {})
        daemon = self.daemon(self.config()).start()
        daemon.wait_scans(2, since=0)
        done = self.run_subnet_sd("explain", "10.79.0.255:9100", "--config", str(daemon.config),
                                  namespace=self.fleet.near)
        self.assertIn("it is the first or the last address of '10.79.0.0/24', at which no machine can be", done.output)
        self.assertEqual([server.accepted for server in edges], [0, 0])


HOSTILE = {
    "quotes": r'a\"b\"c',
    "quotes that end the label": 'x"} 1\nnode_uname_info{nodename="y',
    "line ends": r'web\n- targets: [\"10.0.0.1:9100\"]\n  labels: {a: b}',
    "YAML": "*a &a !!python/object [{a: b}] # no",
    "a template": "{{ $labels.instance }}{{ template `x` }}",
    "shell": "$(touch /tmp/owned) `id` ; rm",
    "escapes for a terminal": "\x1b]0;owned\x07\x1b[31m",
    "8 KiB": "n" * 8192,
    "256 bytes": "n" * 256,
    "255 bytes": "n" * 255,
    "no UTF-8": b"\xc3\x28\xff\xfe",
    "a NUL": b"a\0b",
    "right to left": "\u202egro.elpmaxe",
    "UTF-8": "b\u00fccher",
    "empty": "",
    "backslashes": r"a\\b\\",
}
# What of these is a name that can stand in a label, a log line and a terminal; and as what.
SAFE = {"quotes": 'a"b"c', "quotes that end the label": "x", "YAML": HOSTILE["YAML"], "a template": HOSTILE["a template"], "shell": HOSTILE["shell"],
        "255 bytes": "n" * 255, "UTF-8": "b\u00fccher", "backslashes": "a\\b\\"}
# Of what shows it by a line with a version like these, that line is none.
BROKEN = {"no UTF-8", "8 KiB"}


@needs_lab("promtool", "time")
class HostileNames(OddCase):
    """Exporters that are ones, with names and versions that are none."""

    def setUp(self):
        super().setUp()
        self.named, self.versioned = {}, {}
        for octet, (name, text) in enumerate(HOSTILE.items(), 10):
            text = text if isinstance(text, bytes) else text.encode()
            for offset, place, into in (0, b"NODE", self.named), (50, b"VERSION", self.versioned):
                page = metrics("NODE", "VERSION").replace(place, text)
                self.place(f"10.79.0.{octet + offset}", always(reply("200 OK", page, EXPOSITION)))
                into[f"10.79.0.{octet + offset}:9100"] = name

    def labels(self, daemon, word):
        return {target: group.labels.get(f"__meta_subnet_sd_{word}") for group in daemon.groups()
                for target in group.targets}

    def test_names(self):
        """What is no safe name stands neither in the file, nor in the log, nor on a terminal; the exporter is listed."""
        daemon = self.daemon(self.config(job_target_labels=["nodename", "version"])).start()
        daemon.wait_scans(2, since=0)
        listed = endpoints(self.LIVE) | self.named.keys() | {
            endpoint for endpoint, name in self.versioned.items() if name not in BROKEN}
        self.assertEqual(daemon.listed(), listed)
        for word, hostile in ("nodename", self.named), ("version", self.versioned):
            found = self.labels(daemon, word)
            for endpoint, name in hostile.items():
                self.assertEqual(found.get(endpoint), SAFE.get(name), f"{word}: {name}")
        self.assertIsNone(prometheus.check(daemon.target_file, self.folder))
        texts = {"log": "\n".join(daemon.lines.all()), "scan": self.scan().output,
                 "targets": daemon.ask("targets").output, "JSON": daemon.ask("targets", "--format", "json").output,
                 "file": daemon.target_file.read_text()}
        for what, text in texts.items():
            self.assertNotRegex(text, r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", what)
            self.assertNotIn("n" * 256, text)
            self.assertNotIn("owned\x07", text)


@needs_lab("openssl", "time")
class OddCertificates(OddCase):
    """Real exporters behind TLS."""

    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder)
        self.others = Authority(self.folder, "others")

    def secured(self, address, certificate, **server):
        """An exporter with this certificate."""
        file = self.folder / f"{address}.yml"
        file.write_text(json.dumps({"tls_server_config": {
            "cert_file": str(certificate.certificate), "key_file": str(certificate.key), **server}}))
        self.machine(address, f"--web.config.file={file}")

    def test_certificates(self):
        """Of TLS endpoints those are listed whose certificate Prometheus would accept; of the others it says why. Plain ones
        are listed where no certificate is looked at."""
        issue, prefix = self.authority.issue, "has a certificate that is not accepted: "
        self.secured("10.79.0.10", issue("good", "IP:10.79.0.10"))
        self.secured("10.79.0.11", self.others.issue("stranger", "IP:10.79.0.11"))
        self.secured("10.79.0.12", issue("by-name", "DNS:node.example"))
        self.secured("10.79.0.13", issue("other-address", "IP:10.79.0.10"))
        self.secured("10.79.0.14", issue("10.79.0.14", ""))
        self.secured("10.79.0.15", issue("mutual", "IP:10.79.0.15"), client_auth_type="RequireAndVerifyClientCert",
                     client_ca_file=str(self.authority.file))
        client = self.authority.issue("client", "DNS:client.example")

        def verdicts(**tls):
            # A file for each, in place of what the first has learnt.
            daemon = self.daemon(self.config(job_tls_config={"ca_file": str(self.authority.file), **tls}),
                                 folder="-".join(["tls", *tls])).start()
            daemon.wait_scans(2, since=0)
            listed, told = daemon.listed(), refused(daemon)
            daemon.stop()
            return listed, told

        plain = "speaks plain HTTP, and the job verifies certificates; write 'scheme: http' without 'tls_config' if that is meant"
        listed, told = verdicts()
        self.assertEqual(listed, endpoints(["10.79.0.10"]))
        self.assertEqual(told, {
            **dict.fromkeys(endpoints(self.LIVE), ("plain_http", plain)),
            "10.79.0.11:9100": ("tls", prefix + "it is expired, or of no authority that is trusted"),
            "10.79.0.12:9100": ("tls", prefix + "it is not issued for the address"),
            "10.79.0.13:9100": ("tls", prefix + "it is not issued for the address"),
            "10.79.0.14:9100": ("tls", prefix + "it is not issued for the address"),
            # As Go's TLS says it before and since 1.21.
            "10.79.0.15:9100": ("tls", "refuses the TLS handshake: bad certificate"),
        } | ({} if "bad" in told["10.79.0.15:9100"][1] else {
            "10.79.0.15:9100": ("tls", "refuses the TLS handshake: certificate required")}))
        listed, told = verdicts(server_name="node.example")
        self.assertEqual(listed, endpoints(["10.79.0.12"]))
        self.assertEqual(told["10.79.0.10:9100"], ("tls", prefix + "it is not issued for 'node.example'"))
        listed, told = verdicts(insecure_skip_verify=True)
        self.assertEqual(listed, endpoints([*self.LIVE, *(f"10.79.0.{octet}" for octet in range(10, 15))]))
        listed, told = verdicts(cert_file=str(client.certificate), key_file=str(client.key))
        self.assertEqual(listed, endpoints(["10.79.0.10", "10.79.0.15"]))
