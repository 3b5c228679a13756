"""Printers among the exporters: not a byte reaches them, and they are left in peace."""

import json
import unittest

from Lab import inventory
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import endpoints
from Lab.oddities import silent
from Lab.parts import needs_lab
from Lab.printers import CUPSD, IPP, KINDS, LPD, Printer, cups, ipp
from Lab.servers import Server
from Lab.witness import Witness

HOUR = 3_600_000


class PrinterCase(FleetCase):
    """Some exporters, so that the scans have something to find; and room for printers."""

    RANGE = "10.90.0.0/24"
    LIVE = ["10.90.0.200", "10.90.0.201", "10.90.0.202"]

    def setUp(self):
        super().setUp()
        self.fleet.wake(*self.LIVE)
        self.witness = Witness(self.fleet.near)
        self.addCleanup(self.witness.end)
        self.subnet_sd = self.daemon(self.config())

    def config(self, **settings):
        return config([self.RANGE], **{"scan_interval": "1s", "rate": 20000, "connect_timeout": "100ms",
                                       "probe_timeout": "500ms", **settings})

    def printer(self, address, beside=(), **options):
        printer = Printer(self.fleet, address, beside, **options)
        self.addCleanup(printer.leave)
        return printer

    def server(self, address, answer, port=9100):
        server = Server(answer, address, port, namespace=self.fleet.place(address))
        self.addCleanup(server.end)
        return server

    def machine(self, address, *options, **more):
        child = self.fleet.machine(address, *options, **more)
        self.addCleanup(child.stop)
        return child

    def scans(self, count, timeout=60):
        self.subnet_sd.wait_scans(count, timeout=timeout)

    def refused(self):
        """What answers and is no target: verdict and reason by endpoint."""
        known = json.loads(self.subnet_sd.ask("targets", "--state", "refused", "--format", "json").output)
        return {item["endpoint"]: (item["verdict"], item["reason"]) for item in known["refused"]}

    def assert_left_in_peace(self, *printers, most=1):
        """Not a byte went there, by their account and the kernel's, and hardly a connection."""
        data, attempts = self.witness.data(), self.witness.attempts()
        for printer in printers:
            for endpoint, printed in printer.printed.items():
                self.assertEqual(printed, b"", f"{endpoint} has printed")
                self.assertNotIn(endpoint, data)
                self.assertIn(printer.accepted[endpoint], range(1, most + 1), endpoint)
                self.assertEqual(attempts[endpoint], printer.accepted[endpoint], endpoint)


@needs_lab()
class Printers(PrinterCase):
    """One of each kind, and one that prints on other ports, too."""

    def setUp(self):
        super().setUp()
        self.printers = {name: self.printer(f"10.90.0.{octet}", beside)
                         for octet, (name, (beside, _)) in enumerate(KINDS.items(), 10)}
        self.reasons = {f"{self.printers[name].address}:9100": reason for name, (_, reason) in KINDS.items()}
        many = self.printer("10.90.0.50", KINDS["LPD and IPP"][0], raw=(9100, 9101, 9109, 9112, 9999))
        self.printers["many ports"] = many
        self.reasons |= dict.fromkeys(many.raw, KINDS["LPD and IPP"][1])
        self.subnet_sd.configure(self.config(job_ports=[9100, 9101, 9109, 9112, 9999]))

    def test_not_a_byte(self):
        """Over 20 scans, with kill -9 and SIGTERM between, no printer gets a byte, nor a second connection."""
        for run in range(5):
            self.subnet_sd.start().wait_scans(4, since=0, timeout=60)
            self.assertEqual(self.subnet_sd.listed(), endpoints(self.LIVE))
            self.assertEqual(self.refused(), {endpoint: ("printer", reason) for endpoint, reason in self.reasons.items()})
            # Each is told once, by the process that met it.
            told = self.subnet_sd.said("nothing is sent to it")
            self.assertEqual(len(told), len(self.reasons) if run == 0 else 0, told)
            self.subnet_sd.kill() if run % 2 == 0 else self.subnet_sd.stop()
        self.assertEqual(self.subnet_sd.inventory().refused.keys(), self.reasons.keys())
        self.assert_left_in_peace(*self.printers.values())
        self.assertEqual(self.witness.data().keys() & endpoints(self.LIVE), endpoints(self.LIVE), "the witness is blind")

    def test_told(self):
        """A suspect is told with its reason, with what is done about it, and with what an operator may do."""
        self.subnet_sd.start().wait_scans(1, since=0)
        for endpoint, reason in self.reasons.items():
            address = endpoint.partition(":")[0]
            [line] = self.subnet_sd.said(f"'node': {endpoint} ")
            self.assertEqual(line, f"<5>job 'node': {endpoint} {reason}; nothing is sent to it and it is not listed; "
                                   f"if it is none, write {address} into 'not_printers'")
        self.subnet_sd.wait_line(rf"\b{len(self.reasons)} may be printers", since=0)
        table = self.subnet_sd.ask("targets", "--state", "refused").output
        self.assertRegex(table, r"10\.90\.0\.10:9100 +node +printer +\d+s +in (59m\d+s|1h) +may be a printer: it accepts")

    def test_killed_at_once(self):
        """A kill -9 as soon as a printer is met may cost it another connection, but no byte."""
        self.subnet_sd.start()
        for printer in self.printers.values():
            self.assertTrue(printer.raw[f"{printer.address}:9100"].met.wait(20))
        self.subnet_sd.kill()
        self.subnet_sd.start().wait_scans(3, since=0)
        self.assert_left_in_peace(*self.printers.values(), most=2)

    def test_two_jobs(self):
        """Two jobs that scan the same printers, whatever they look for, send them nothing, and learn from one another."""
        settings = self.config(job_ports=[9100, 9101, 9109, 9112, 9999])
        settings["scan_configs"].append({**settings["scan_configs"][0], "job_name": "any", "exporters": ["any"],
                                         "target_file": "any.yml"})
        self.subnet_sd.configure(settings)
        self.subnet_sd.start()
        for job in "node", "any":
            self.subnet_sd.wait_scans(4, since=0, kind=rf"job '{job}': .* endpoints in", timeout=60)
        # Both may have knocked by the time that one of them knows.
        self.assert_left_in_peace(*self.printers.values(), most=2)
        self.assertEqual(len(self.subnet_sd.said("nothing is sent to it")), len(self.reasons))
        self.assertEqual(self.refused().keys(), self.reasons.keys())

    def test_by_scan(self):
        """`scan` sends them nothing, and says why they are no targets."""
        done = self.run_subnet_sd("scan", "--config", str(self.subnet_sd.config), "--format", "table",
                                  namespace=self.fleet.near)
        for endpoint, reason in self.reasons.items():
            self.assertRegex(done.output, rf"(?m)^{endpoint} +{reason.replace('(', '[(]').replace(')', '[)]')}$")
        self.assert_left_in_peace(*self.printers.values())


@needs_lab()
class NoPrinters(PrinterCase):
    """What looks like a printer at first sight, and is a machine with an exporter."""

    @unittest.skipUnless(CUPSD.exists(), "needs cups-daemon; packaging/test run as root fetches it")
    def test_real_cups(self):
        """A computer with CUPS on the network is listed."""
        address = "10.90.0.60"
        self.machine(address)
        self.addCleanup(cups(self.fleet.aside, address, self.folder / "cups").stop)
        self.subnet_sd.start().wait_scans(1, since=0)
        self.assertEqual(self.subnet_sd.listed(), endpoints([*self.LIVE, address]))
        self.assertIn(f"{address}:631", self.witness.data(), "CUPS was not asked")

    def test_cups(self):
        """So it is when CUPS calls itself what it does since 1.0."""
        hosts = {"10.90.0.61": "CUPS/2.4 IPP/2.1", "10.90.0.62": "CUPS/1.7 IPP/2.1", "10.90.0.63": "CUPS/1.1"}
        for address, name in hosts.items():
            self.machine(address)
            self.server(address, ipp(name), IPP)
        self.subnet_sd.start().wait_scans(1, since=0)
        self.assertEqual(self.subnet_sd.listed(), endpoints([*self.LIVE, *hosts]))

    def test_not_printers(self):
        """Where the configuration says that no printer is, an exporter is listed, whatever else listens there."""
        named, other = "10.90.0.64", "10.90.0.65"
        for address in (named, other):
            self.machine(address)
            self.server(address, silent, LPD)
        self.subnet_sd.start().wait_scans(1, since=0)
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.LIVE))
        self.subnet_sd.configure(self.config(job_not_printers=[named]))
        self.subnet_sd.reload()
        self.subnet_sd.wait_listed(endpoints([*self.LIVE, named]))
        self.assertEqual(self.refused().keys(), endpoints([other]))


@needs_lab()
class TargetBecomesPrinter(PrinterCase):
    def test_target(self):
        """A target whose address becomes a printer's leaves at once, for that reason, and the printer gets no byte."""
        for octet, kind in ((70, "LPD alone"), (71, "IPP without a name")):
            with self.subTest(kind):
                address = f"10.90.0.{octet}"
                exporter = self.machine(address)
                if octet == 70:
                    self.subnet_sd.start()
                self.subnet_sd.wait_listed(endpoints([*self.LIVE, address]))
                exporter.stop()
                self.subnet_sd.wait_line(rf"{address}:9100 is silent")
                sent = self.witness.data()[f"{address}:9100"]
                beside, reason = KINDS[kind]
                printer = self.printer(address, beside)
                self.subnet_sd.wait_listed(endpoints(self.LIVE))
                [line] = self.subnet_sd.said(rf"{address}:9100 is gone")
                self.assertEqual(line, f"<5>job 'node': {address}:9100 is gone: it {reason}; "
                                       f"if it is none, write {address} into 'not_printers'")
                self.scans(5)
                self.assertEqual((printer.printed, printer.accepted),
                                 ({f"{address}:9100": b""}, {f"{address}:9100": 1}))
                self.assertEqual(self.witness.data()[f"{address}:9100"], sent)


    def test_silent_ipp(self):
        """Where only a silent port 631 speaks for a printer, a target stays silent in the list, but gets no byte either."""
        address = "10.90.0.75"
        exporter = self.machine(address)
        self.subnet_sd.start().wait_listed(endpoints([*self.LIVE, address]))
        exporter.stop()
        self.subnet_sd.wait_line(rf"{address}:9100 is silent")
        printer = self.printer(address, KINDS["IPP that says nothing"][0])
        self.scans(4)
        self.assertEqual(printer.printed, {f"{address}:9100": b""})
        self.assertEqual(self.subnet_sd.targets("--state", "silent")[0].keys(), endpoints([address]))


@needs_lab()
class PrinterBecomesTarget(PrinterCase):
    """A machine with an exporter gets the address of what was a printer."""

    def setUp(self):
        super().setUp()
        self.address = "10.90.0.72"
        self.endpoint = f"{self.address}:9100"
        printer = self.printer(self.address, KINDS["LPD and IPP"][0])
        self.subnet_sd.start().wait_scans(2, since=0)
        self.assertEqual(self.refused().keys(), {self.endpoint})
        printer.leave()
        self.machine(self.address)

    def remembered(self):
        self.assertEqual(self.witness.attempts()[self.endpoint], 1)
        return self.subnet_sd.inventory().refused[self.endpoint]

    def test_forget(self):
        """It is left alone for its hour, as the state says, over a restart; `forget` makes it be found at once."""
        self.scans(3)
        refusal = self.remembered()
        self.assertEqual((refusal.kind, refusal.count, refusal.until - refusal.since), ("printer", 1, HOUR))
        self.subnet_sd.stop()
        self.subnet_sd.start().wait_scans(3, since=0)
        self.assertEqual(self.remembered().until // 1000, refusal.until // 1000)
        self.assertEqual(self.subnet_sd.listed(), endpoints(self.LIVE))

        done = self.subnet_sd.forget(self.endpoint)
        self.assertEqual(done.output, f"{self.endpoint} is looked at again at the next scan\n")
        self.subnet_sd.wait_listed(endpoints([*self.LIVE, self.address]))
        self.assertEqual(self.refused(), {})
        self.scans(2)
        self.assertEqual(self.subnet_sd.inventory().refused, {})

    def test_when_its_time_comes(self):
        """When its hour is over it is found by itself."""
        self.scans(1)
        refusal = self.remembered()
        self.subnet_sd.stop()
        file = self.subnet_sd.state / "inventory"
        lines = file.read_bytes().splitlines()[:-1]
        passed = [line.replace(b"%d" % refusal.until, b"%d" % (refusal.since + 1)) for line in lines]
        self.assertNotEqual(passed, lines)
        file.write_bytes(inventory.sealed(passed))
        self.subnet_sd.start()
        self.subnet_sd.wait_listed(endpoints([*self.LIVE, self.address]))

    def test_still_one(self):
        """A printer that is one still when its hour is over is left alone for two, and not told again."""
        self.subnet_sd.stop()
        self.fleet.displace(self.address)
        address, endpoint = "10.90.0.73", "10.90.0.73:9100"
        printer = self.printer(address, KINDS["LPD and IPP"][0])
        self.subnet_sd.start().wait_scans(2, since=0)
        self.subnet_sd.stop()
        refusal = self.subnet_sd.inventory().refused[endpoint]
        file = self.subnet_sd.state / "inventory"
        lines = file.read_bytes().splitlines()[:-1]
        file.write_bytes(inventory.sealed(
            [line.replace(b"%d" % refusal.until, b"%d" % (refusal.since + 1)) for line in lines]))
        self.subnet_sd.start().wait_scans(3, since=0)
        self.assertFalse(self.subnet_sd.said(f"{address}:9100"))
        again = self.subnet_sd.inventory().refused[endpoint]
        self.assertEqual((again.count, printer.accepted[endpoint], printer.printed[endpoint]), (2, 2, b""))
        self.assertGreater(again.until - refusal.until, HOUR)


@needs_lab()
class PrintersUnderLoss(PrinterCase):
    def test_five_percent(self):
        """With 5 % of the packets lost, 20 printers get no byte over 20 scans."""
        printers = [self.printer(f"10.90.0.{octet}", KINDS["LPD and IPP"][0]) for octet in range(20, 40)]
        self.fleet.lose(5)
        self.subnet_sd.start()
        for _ in range(4):
            self.subnet_sd.wait_scans(5, since=0, timeout=120)
            self.subnet_sd.kill()
            self.subnet_sd.start()
        data = self.witness.data()
        self.assertEqual([printer.address for printer in printers if f"{printer.address}:9100" in data], [])
        self.assertEqual(self.subnet_sd.inventory().refused.keys(), {f"{printer.address}:9100" for printer in printers})
        # One of whose handshake the last packet was lost never got to accept().
        self.assertLessEqual({printer.accepted[f"{printer.address}:9100"] for printer in printers}, {0, 1})
        self.assertLessEqual(self.subnet_sd.listed(), endpoints(self.LIVE))


@needs_lab()
class Mute(PrinterCase):
    """What accepts connections and speaks no HTTP, and looks like no printer."""

    def test_asked_once(self):
        """A raw port without LPD and IPP prints one page, and what says nothing is asked once, over ten scans and a restart."""
        raw, mute = self.printer("10.90.0.80"), self.server("10.90.0.81", silent)
        self.subnet_sd.start().wait_scans(5, since=0, timeout=60)
        self.subnet_sd.kill()
        self.subnet_sd.start().wait_scans(5, since=0)
        self.assertEqual((raw.accepted["10.90.0.80:9100"], mute.accepted), (1, 1))
        page = raw.printed["10.90.0.80:9100"]
        self.assertEqual(page.count(b"GET "), 1, page)
        self.assertRegex(page.decode(), r"\r\nUser-Agent: subnet-sd/")
        reason = "accepted the connection, but no whole answer came in time"
        self.assertEqual(self.refused(), {f"10.90.0.{octet}:9100": ("mute", reason) for octet in (80, 81)})
        self.assertFalse(self.subnet_sd.said("may be a printer"))

        self.subnet_sd.forget("10.90.0.80:9100", "10.90.0.81:9100")
        self.scans(5)
        self.assertEqual((raw.accepted["10.90.0.80:9100"], mute.accepted), (2, 2))
        # Forgotten is forgotten: it begins anew with an hour.
        [refusal, _] = self.subnet_sd.inventory().refused.values()
        self.assertEqual((refusal.count, refusal.until - refusal.since), (1, HOUR))

    def test_other_ports(self):
        """On a port at which no printer prints, one time is let pass, for what is just starting."""
        self.subnet_sd.configure(self.config(job_ports=[9090]))
        self.addCleanup(self.machine("10.90.0.83", port=9090).stop)
        starting, mute = (self.server(f"10.90.0.{octet}", silent, 9090) for octet in (82, 84))
        self.subnet_sd.start().wait_scans(1, since=0)
        starting.end()
        self.machine("10.90.0.82", port=9090)
        self.subnet_sd.wait_listed({"10.90.0.82:9090", "10.90.0.83:9090"})
        self.scans(5)
        self.assertEqual(mute.accepted, 2)
