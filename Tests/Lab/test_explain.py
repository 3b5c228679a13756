"""`subnet-sd explain`: the steps of a verdict, in their order, on real networks."""

import re

from Lab.cases import FleetCase
from Lab.certificates import Authority
from Lab.fleet import PORT
from Lab.oddities import silent
from Lab.parts import needs_lab
from Lab.printers import IPP, KINDS, LPD, Printer, ipp
from Lab.servers import Server
from Lab.witness import Witness


@needs_lab("openssl")
class Explain(FleetCase):
    def setUp(self):
        super().setUp()
        self.witness = Witness(self.fleet.near)
        self.addCleanup(self.witness.end)

    def server(self, address, answer, port=PORT):
        server = Server(answer, address, port, namespace=self.fleet.place(address))
        self.addCleanup(server.end)
        return server

    def machine(self, address, *options):
        self.addCleanup(self.fleet.machine(address, *options).stop)

    def explain(self, address, config=None):
        """The steps: names and what is said of each. And what follows the verdict."""
        options = ["--config", str(config)] if config else []
        done = self.run_subnet_sd("explain", address, *options, namespace=self.fleet.near)
        steps = re.findall(r"(?m)^ *([\d.]+) ms  (\w+) +(.*)$", done.output)
        times = [float(time) for time, _, _ in steps]
        self.assertEqual(times, sorted(times))
        begin, _, end = done.output.partition("verdict")
        self.assertEqual(begin.splitlines()[0], f"{address}:{PORT}")
        # Both ports are tried at once, and answer as they do.
        said = [(name, text) for _, name, text in steps]
        return said[:2] + sorted(said[2:4]) + said[4:] if said[2:] and said[2][0] == "guard" else said, end

    REFUSED = [("guard", "port 515 (LPD): connection refused"), ("guard", "port 631 (IPP): connection refused")]

    def test_good(self):
        """Of an exporter it shows what was asked, what proved it, and what stands in the file."""
        self.fleet.wake("10.94.0.10")
        steps, rest = self.explain("10.94.0.10")
        self.assertEqual(steps[:-2], [
            ("range", "there is no configuration with jobs; asked as by 'subnet-sd scan'"), ("connect", "accepted"),
            *self.REFUSED, ("request", "GET /metrics?collect%5B%5D=uname"), ("status", "200"),
            ("type", "text/plain; version=0.0.4; charset=utf-8"), ("family", "node_exporter_build_info")])
        self.assertEqual([name for name, _ in steps[-2:]], ["verdict", "file"])
        self.assertRegex(steps[-2][1], r"^target: node_exporter 1\.5\.0 \S+$")
        self.assertIn('- "10.94.0.10:9100"', rest)

    def test_silent(self):
        """Of an address that does not answer it says so, and of one that refuses."""
        steps, _ = self.explain("10.94.0.11")
        self.assertEqual([name for name, _ in steps], ["range", "connect", "verdict"])
        self.assertRegex(steps[-1][1], "^no target: .*no answer|timed out|unanswered")
        self.fleet.refuse("10.94.0.12")
        self.assertEqual(self.explain("10.94.0.12")[0][1:],
                         [("connect", "connection refused"), ("verdict", "no target: connection refused")])
        self.assertEqual(self.witness.attempts().keys(), {"10.94.0.11:9100", "10.94.0.12:9100"})

    def test_mute(self):
        """Of one that accepts and says nothing it says what was asked, and that no answer came."""
        self.server("10.94.0.13", silent)
        steps, _ = self.explain("10.94.0.13")
        self.assertEqual(steps[1:], [
            ("connect", "accepted"), *self.REFUSED, ("request", "GET /metrics?collect%5B%5D=uname"),
            ("verdict", "no target: accepted the connection, but no whole answer came in time")])

    def test_printer(self):
        """To a printer it sends nothing, and says by what it is one."""
        for octet, name, answer in (14, "LPD and IPP", "'HP HTTP Server; HP LaserJet' answers there"), \
                (15, "IPP without a name", "no HTTP server says there who it is"), (16, "LPD alone", None):
            with self.subTest(name):
                beside, reason = KINDS[name]
                printer = Printer(self.fleet, f"10.94.0.{octet}", beside)
                self.addCleanup(printer.leave)
                steps, _ = self.explain(printer.address)
                self.assertEqual(steps[1], ("connect", "accepted"))
                guards = {text for step, text in steps if step == "guard"}
                for port, word in (LPD, "LPD"), (IPP, "IPP"):
                    answer_there = "accepts" if port in beside else "connection refused"
                    self.assertIn(f"port {port} ({word}): {answer_there}", guards)
                if answer and LPD not in beside:
                    self.assertIn(answer, guards)
                self.assertEqual({step for step, _ in steps}, {"range", "connect", "guard", "verdict"})
                self.assertEqual(steps[-1], ("verdict", f"no target: {reason}"))
                self.assertEqual((printer.printed, printer.accepted),
                                 ({f"{printer.address}:9100": b""}, {f"{printer.address}:9100": 1}))
                self.assertNotIn(f"{printer.address}:9100", self.witness.data())

    def test_cups(self):
        """Of a machine that shares a printer it says who answered there, and goes on."""
        self.machine("10.94.0.17")
        self.server("10.94.0.17", ipp("CUPS/2.4 IPP/2.1"), IPP)
        steps, _ = self.explain("10.94.0.17")
        self.assertIn(("guard", "'CUPS/2.4 IPP/2.1' answers there"), steps)
        self.assertRegex(steps[-2][1], "^target: node_exporter")

    def test_tls(self):
        """Of a TLS endpoint it shows both connections, and the certificate's fate."""
        address, authority = "10.94.0.18", Authority(self.folder)
        made = authority.issue("node", f"IP:{address}")
        web, config = self.folder / "web.yml", self.folder / "config.yml"
        web.write_text(f'tls_server_config: {{cert_file: "{made.certificate}", key_file: "{made.key}"}}\n')
        self.machine(address, f"--web.config.file={web}")
        steps, _ = self.explain(address)
        asked = [("connect", "accepted"), *self.REFUSED, ("request", "GET /metrics?collect%5B%5D=uname"),
                 ("status", "400"), ("answer", "speaks TLS; once more, on another connection"),
                 ("connect", "accepted"), ("tls", "handshake")]
        self.assertEqual([step for step in steps[1:] if step[0] != "type"], [
            *asked, ("verdict", "no target: has a certificate that is not accepted: "
                                "it is expired, or of no authority that is trusted")])
        config.write_text('scan_configs:\n  - job_name: node\n    ranges: [10.94.0.0/24]\n'
                          f'    tls_config: {{ca_file: "{authority.file}"}}\n')
        steps, rest = self.explain(address, config)
        self.assertEqual(steps[0], ("range", "'10.94.0.0/24' of job 'node'"))
        # Its job takes TLS alone, and so begins with it.
        self.assertEqual([step for step in steps[1:-2] if step[0] != "type"], [
            ("connect", "accepted"), *self.REFUSED, ("tls", "handshake"), ("tls", "secured, certificate accepted"), ("request", "GET /metrics?collect%5B%5D=uname"),
            ("status", "200"), ("family", "node_exporter_build_info")])
        self.assertIn('"__scheme__": "https"', rest)
