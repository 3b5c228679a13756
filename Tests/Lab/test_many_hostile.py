"""Thousands of hostile endpoints among the exporters, and ranges in which whoever is asked says yes."""

import random
import time

from Lab import hostile
from Lab.cases import FleetCase
from Lab.daemon import config
from Lab.fleet import PORT, addresses, endpoints
from Lab.oddities import ODDITIES, reset_after_request, silent
from Lab.parts import needs_lab
from Lab.printers import IPP, LPD
from Lab.servers import Server
from Lab.test_odd_hosts import refused
from Lab.witness import Witness


class HostileCase(FleetCase):
    """600 exporters in a /22, and 2,046 hostile endpoints, all of another prefix."""

    ALONE = True

    GOOD, HOSTILE = "10.92.0.0/22", "10.92.8.0/21"

    def setUp(self):
        super().setUp()
        numbers = random.Random(600).sample(range(1, 1023), 600)
        self.live = [f"10.92.{number >> 8}.{number & 255}" for number in numbers]
        self.fleet.wake(*self.live)

    def start(self, *ports, **options):
        child = hostile.start(self.fleet.place(self.HOSTILE), *ports, **options)
        self.addCleanup(child.stop)

    def hostile(self):
        return [f"10.92.{third}.{fourth}" for third in range(8, 16) for fourth in range(256)][1:-1]


@needs_lab()
class ManyHostile(HostileCase):
    """Of all kinds at once."""

    PROBE_TIMEOUT = 2

    def setUp(self):
        super().setUp()
        self.start(PORT, LPD, IPP)
        # Its other ports are open at the printers alone.
        printers = [address for address in self.hostile() if hostile.kind_of(address) == "a printer"]
        self.fleet.aside.run("nft", "-f", "-", text=(
            f"add set ip fleet printers {{ type ipv4_addr; elements = {{ {', '.join(printers)} }}; }}\n"
            f"add rule ip fleet input ip daddr {self.HOSTILE} tcp dport {{ {LPD}, {IPP} }} ip daddr != @printers"
            " reject with tcp reset"))
        self.printers = endpoints(printers)

    def until_listed(self, ranges, folder):
        """Seconds from the start of a daemon that knows nothing until it lists all 600, and the daemon."""
        daemon = self.daemon(config(ranges, rate=20000, concurrency=4096, probe_timeout=f"{self.PROBE_TIMEOUT}s",
                                    connect_timeout="300ms", scan_interval="5s"), folder=folder).start()
        daemon.wait_listed(endpoints(self.live), timeout=60)
        return time.monotonic() - daemon.child.started, daemon

    def test_found_among_them(self):
        """Amid 2,046 hostile endpoints all of 600 exporters are listed after little more than two probe time-outs more, in 80 MiB."""
        witness = Witness(self.fleet.near)
        self.addCleanup(witness.end)
        without, among, peaks = [], [], []
        for attempt in range(3):
            seconds, daemon = self.until_listed([self.GOOD], f"without{attempt}")
            without.append(seconds)
            daemon.stop()
            seconds, daemon = self.until_listed([self.GOOD, self.HOSTILE], f"among{attempt}")
            among.append(seconds)
            if attempt == 2:
                daemon.wait_scans(3, timeout=90)
                self.assertEqual(daemon.listed(), endpoints(self.live))
                self.assertEqual({e for e, (verdict, _) in refused(daemon).items() if verdict == "printer"}, self.printers)
                # So that none of them is met by chance.
                attempts = witness.attempts()
                self.assertLessEqual(endpoints(self.hostile()), attempts.keys())
            peaks.append(daemon.child.memory("VmHWM"))
            daemon.stop()
        print(f"     until 600 are listed: {min(without):.2f} s without, {min(among):.2f} s among hostile ones; "
              f"peak {max(peaks) / (1 << 20):.1f} MiB", flush=True)
        self.assertFalse(self.printers & witness.data().keys(), "a printer has printed")
        # A third of the hostile ones stall in TLS, which is more than may speak it at a time: they take two turns. And three
        # seconds of processor time on two cores: ours, the exporters' and that of the hostile ones themselves.
        self.assertLess(min(among), min(without) + 2 * self.PROBE_TIMEOUT + 1.5)
        self.assertLess(max(peaks), 80 << 20)


@needs_lab()
class Hoggers(HostileCase):
    """What keeps the prober busy does so at the cost of others."""

    def assert_all_found(self, kind):
        self.start(PORT, all_are=kind)
        daemon = self.daemon(config([self.GOOD, self.HOSTILE], scan_interval="2s")).start()
        daemon.wait_scans(2, since=0, timeout=120)
        told = refused(daemon)
        self.assertEqual({endpoint: told[endpoint] for endpoint in endpoints(self.live) & told.keys()}, {})
        self.assertEqual(daemon.listed(), endpoints(self.live))
        self.assertLess(daemon.child.memory("VmHWM"), 80 << 20)

    def test_endless(self):
        """Amid 2,046 endless bodies no exporter is taken for one that says nothing."""
        self.assert_all_found("endless")

    def test_interim(self):
        """Amid 2,046 that send interim answers without an end no exporter is taken for one that says nothing."""
        self.assert_all_found("interim answers")

    def test_handshakes(self):
        """Amid 2,046 TLS handshakes that drip no exporter is taken for one that says nothing."""
        self.assert_all_found("TLS that drips")


@needs_lab()
class EveryAddressAccepts(FleetCase):
    """A middlebox accepts connections for every address of a prefix; two machines of it are real."""

    RANGE = "10.93.0.0/24"
    REAL = ["10.93.0.70", "10.93.0.170"]

    def assert_warned_once(self, answer):
        server = Server(answer, "0.0.0.0", PORT, namespace=self.fleet.place(self.RANGE))
        self.addCleanup(server.end)
        # Beside a listener for all addresses no other can be: the real ones stand where the fleet does.
        self.fleet.wake(*self.REAL)
        for address in self.REAL:
            self.fleet.link.route(f"{address}/32")
            self.addCleanup(self.fleet.link.unroute, f"{address}/32")
        daemon = self.daemon(config([self.RANGE, "10.93.1.0/24"], scan_interval="1s", rate=20000,
                                    connect_timeout="100ms", probe_timeout="500ms")).start()
        daemon.wait_scans(6, since=0, timeout=60)
        self.assertEqual(daemon.listed(), endpoints(self.REAL))
        warnings = daemon.said("every address of")
        self.assertEqual(warnings, [
            f"<4>job 'node': every address of {self.RANGE} accepts connections, and most of them are nothing; something"
            " in between, such as a firewall, answers for them; leave them out with 'exclude'"])
        self.assertEqual(len(refused(daemon)), 252)
        return server

    def test_with_a_page(self):
        """A range in which each address has a web page is told once, and only what proves itself is listed."""
        self.assert_warned_once(ODDITIES["404 to everything"].answer)

    def test_in_silence(self):
        """So is one in which each accepts and says nothing; none of those is asked twice."""
        self.assertEqual(self.assert_warned_once(silent).accepted, 252)

    def test_with_resets(self):
        """So is one in which each connection is reset as soon as something is asked."""
        # One time is let pass, for what is just starting.
        self.assertEqual(self.assert_warned_once(reset_after_request).accepted, 2 * 252)
